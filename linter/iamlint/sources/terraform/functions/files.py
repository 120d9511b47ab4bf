"""Functions that read files, all of them through the evaluator's sandbox."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import posixpath
import re
from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.functions.call import Call, Function
from iamlint.sources.terraform.values import Encoded, Fail, text_of
from iamlint.text import Place, SourceText, Span
from iamlint.tree import MapNode, Node, Scalar, Unknown

MAX_NAMES = 20_000


def _path(call: Call) -> str | Unknown:
    literal = text_of(call.args[0]).literal
    return literal if literal is not None else call.unknown("the path is not wholly known")


def _opened(call: Call) -> SourceText | Unknown:
    path = _path(call)
    if isinstance(path, Unknown):
        return path
    found = call.host.open_file(path)
    if isinstance(found, SourceText):
        return found
    return call.unknown(f"`{path}` {found}")


def file(call: Call) -> Node:
    """`file`: its text, at its place in that file."""
    call.need(1)
    found = _opened(call)
    if isinstance(found, Unknown):
        return found
    return Scalar(place=Place(found, Span(0, len(found.text))), value=found.text)


def template_file(call: Call) -> Node:
    call.need(2)
    found = _opened(call)
    if isinstance(found, Unknown):
        return found
    return call.host.render(found, call.args[1], call.place)


def template_string(call: Call) -> Node:
    """`templatestring`: the text of a reference, rendered as a template."""
    call.need(2)
    literal = None if isinstance(call.args[0], Encoded) else text_of(call.args[0]).literal
    if literal is None or not isinstance(call.args[1], MapNode):
        return call.unknown("the template is not wholly known")
    return call.host.render(SourceText(call.place.path, literal), call.args[1], call.place)


def exists(call: Call) -> Node:
    call.need(1)
    path = _path(call)
    if isinstance(path, Unknown):
        return path
    found = call.host.open_file(path)
    if isinstance(found, SourceText):
        return call.result(True)
    if "does not exist" in found:
        return call.result(False)
    return call.unknown(f"`{path}` {found}")


def file_set(call: Call) -> Node:
    """`fileset`: the files below a folder that a pattern matches."""
    call.need(2)
    folder, pattern = text_of(call.args[0]).literal, text_of(call.args[1]).literal
    if folder is None or pattern is None:
        return call.unknown("the folder or the pattern is not known")
    names = call.host.file_names(folder)
    if isinstance(names, str):
        return call.unknown(f"`{folder}` {names}")
    matching = [name for name in names if any(_matches(name, one) for one in _braces(pattern))]
    return call.result(set(matching))


def _braces(pattern: str) -> list[str]:
    """`a.{b,c}` as the patterns `a.b` and `a.c`."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if not found:
        return [pattern]
    options = found.group(1).split(",")[:50]
    made = [pattern[: found.start()] + option + pattern[found.end() :] for option in options]
    return [one for each in made[:50] for one in _braces(each)][:500]


def _matches(name: str, pattern: str) -> bool:
    """doublestar matching: `*` stays in a folder, `**` does not."""
    return _match_parts(name.split("/"), pattern.split("/"))


def _match_parts(names: list[str], patterns: list[str]) -> bool:
    reach = {0}
    for pattern in patterns:
        following: set[int] = set()
        for at in reach:
            if pattern == "**":
                following.update(range(at, len(names) + 1))
            elif at < len(names) and fnmatch.fnmatchcase(names[at], pattern):
                following.add(at + 1)
        reach = following
    return len(names) in reach


def _hashed(name: str, *, encoded: bool) -> Function:
    def function(call: Call) -> Node:
        call.need(1)
        found = _opened(call)
        if isinstance(found, Unknown):
            return found
        data = (("\ufeff" if found.bom else "") + found.text).encode()
        digest = hashlib.new(name, data)
        return call.result(
            base64.b64encode(digest.digest()).decode() if encoded else digest.hexdigest()
        )

    return function


def file_base64(call: Call) -> Node:
    call.need(1)
    found = _opened(call)
    if isinstance(found, Unknown):
        return found
    return call.result(base64.b64encode(found.text.encode()).decode())


def _dirname(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path) or ".")


def _basename(path: str) -> str:
    stripped = path.rstrip("/")
    if not path:
        return "."
    return posixpath.basename(stripped) or "/"


def _refuse(reason: str) -> Function:
    def function(call: Call) -> Node:
        return call.unknown(reason)

    return function


def abs_path(call: Call) -> Node:
    call.need(1)
    path = _path(call)
    if isinstance(path, Unknown):
        return path
    if not path.startswith("/"):
        return call.unknown("the working directory of the deployment is not known")
    return call.result(posixpath.normpath(path))


def need_map(node: Node) -> MapNode:
    if not isinstance(node, MapNode):
        raise Fail("a map of variables is needed")
    return node


NODES: dict[str, Function] = {
    "file": file,
    "templatefile": template_file,
    "templatestring": template_string,
    "fileexists": exists,
    "fileset": file_set,
    "filebase64": file_base64,
    "filemd5": _hashed("md5", encoded=False),
    "filesha1": _hashed("sha1", encoded=False),
    "filesha256": _hashed("sha256", encoded=False),
    "filesha512": _hashed("sha512", encoded=False),
    "filebase64sha256": _hashed("sha256", encoded=True),
    "filebase64sha512": _hashed("sha512", encoded=True),
    "abspath": abs_path,
    "pathexpand": _refuse("the home folder of the deployment is not known"),
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "dirname": ("s", _dirname),
    "basename": ("s", _basename),
}
