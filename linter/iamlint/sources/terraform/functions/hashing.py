"""Functions on bytes: base64, in which text is carried, and hashes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.functions.call import MAX_RESULT, Call, Function, doubt
from iamlint.sources.terraform.values import Fail, text_of
from iamlint.tree import Node, Scalar


def _digest(name: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(name, text.encode()).hexdigest()


def _digest64(name: str) -> Callable[[str], str]:
    return lambda text: base64.b64encode(hashlib.new(name, text.encode()).digest()).decode()


def _decode64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError as error:
        raise Fail(f"not base64 of text: {error}") from None


def _gunzip64(text: str) -> str:
    """OpenTofu's `base64gunzip`; what unpacks to too much is refused."""
    import zlib

    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        data = unpacker.decompress(base64.b64decode(text, validate=True), MAX_RESULT)
        if unpacker.unconsumed_tail:
            raise Fail("it unpacks to too much")
        return data.decode()
    except (ValueError, zlib.error) as error:
        raise Fail(f"not text that was packed with gzip: {error}") from None


_CODECS = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}


def _encode_as(text: str, name: str) -> str:
    try:
        return base64.b64encode(text.encode(_CODECS.get(name.lower(), name))).decode()
    except (LookupError, UnicodeError) as error:
        raise Fail(str(error)) from None


def _decode_as(text: str, name: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(_CODECS.get(name.lower(), name))
    except (LookupError, ValueError) as error:
        raise Fail(str(error)) from None


def base64_encode(call: Call) -> Node:
    call.need(1)
    literal = text_of(call.args[0]).literal
    if literal is None:
        return call.unknown_string("the text to encode is not wholly known")
    encoded = base64.b64encode(literal.encode()).decode()
    return Scalar(place=call.place, value=encoded, possible=doubt(*call.args))


NODES: dict[str, Function] = {"base64encode": base64_encode}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "base64decode": ("s", _decode64),
    "base64gunzip": ("s", _gunzip64),
    "textencodebase64": ("ss", _encode_as),
    "textdecodebase64": ("ss", _decode_as),
    "md5": ("s", _digest("md5")),
    "sha1": ("s", _digest("sha1")),
    "sha256": ("s", _digest("sha256")),
    "sha512": ("s", _digest("sha512")),
    "base64sha256": ("s", _digest64("sha256")),
    "base64sha512": ("s", _digest64("sha512")),
}
