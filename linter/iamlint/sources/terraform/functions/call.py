"""Calling a function by name: finding it, and what holds for all of them.

An error in an argument is the result's error; an undecided argument gives an undecided result; a
function of plain values that is given a hole gives a hole.  Functions that do better than that
(`concat`, `join`, `try` …) are written over nodes and say so in their module's `NODES`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import product
from typing import Any, Protocol, Union

import msgspec

from iamlint.sources.terraform.rendering import from_plain, to_plain
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    because,
    bool_of,
    failures,
    known,
    number_of,
    string_of,
    text_of,
    whole_of,
    wholly_known,
)
from iamlint.text import Place, SourceText
from iamlint.tree import Either, Hole, HoleKind, ListNode, MapNode, Node, Scalar, Unknown

MAX_BRANCHES = 8
"""How many undecided results of one call are kept apart; more become one unknown."""

MAX_RESULT = 1_000_000
"""The longest string, in characters, and the longest list that a function may make."""


class Host(Protocol):
    """What a function may ask of the evaluator that calls it."""

    scope: str

    def open_file(self, path: str) -> SourceText | str:
        """A file's text, or why it can't be read; relative paths count from the root module."""

    def file_names(self, folder: str) -> list[str] | str:
        """All files below a folder, relative to it, or why they can't be listed."""

    def render(self, template: SourceText, variables: Node, place: Place) -> Node:
        """A template's result with these variables in scope."""

    def own(self, call: Call) -> Node | None:
        """The value of a function that only this host knows; None if it does not."""


class Call(msgspec.Struct, frozen=True):
    """One call: its evaluated arguments, where it stands and how it is written."""

    name: str
    args: tuple[Node, ...]
    place: Place
    expression: str
    host: Host

    def unknown(self, reason: str, kind: HoleKind = "unknown") -> Unknown:
        return Unknown(
            place=self.place,
            reason=reason,
            hole=Hole(self.expression, kind, self.host.scope),
            possible=doubt(*self.args),
        )

    def unknown_string(self, reason: str) -> Unknown:
        """An unknown that is one string: a function of one specific name gives one again."""
        return self.unknown(reason, self._hole_kind())

    def failed(self, reason: str) -> Failed:
        return Failed(
            place=self.place,
            reason=reason,
            hole=Hole(self.expression, "unknown", self.host.scope),
            possible=doubt(*self.args),
        )

    def result(self, data: object) -> Node:
        """Plain data as this call's value."""
        return from_plain(data, self.place, doubt(*self.args))

    def need(self, least: int, most: int | None = None) -> None:
        """Check the number of arguments; `most` is `least` unless given, -1 for no limit."""
        most = least if most is None else most
        if len(self.args) < least or (most >= 0 and len(self.args) > most):
            raise Fail(f"`{self.name}` does not take {len(self.args)} arguments")

    def _hole_kind(self) -> HoleKind:
        holes: list[Hole] = []
        for arg in self.args:
            if isinstance(arg, Scalar) and arg.text is not None:
                holes += arg.text.holes
                if any(isinstance(part, str) and "*" in part for part in arg.text.parts):
                    return "unknown"
            elif not known(arg):
                return "unknown"
        return "name" if holes and all(hole.specific for hole in holes) else "unknown"


Function = Callable[[Call], Node]
PlainFunction = Callable[..., Any]
Entry = Union[Function, tuple[str, PlainFunction]]

_HOMES = {
    "lists": "alltrue anytrue chunklist compact concat contains distinct element flatten index length list matchkeys one range reverse slice sort",
    "maps": "keys lookup map merge transpose values zipmap",
    "sets": "setintersection setproduct setsubtract setunion",
    "strings": "chomp endswith format formatlist indent join lower regex regexall replace split startswith strcontains strrev substr title trim trimprefix trimspace trimsuffix upper",
    "conversion": "can coalesce coalescelist ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring try",
    "encoding": "csvdecode jsondecode jsonencode urldecode urlencode uuidv5 yamldecode yamlencode",
    "hashing": "base64decode base64encode base64gunzip base64sha256 base64sha512 md5 sha1 sha256 sha512 textdecodebase64 textencodebase64",
    "numbers": "abs ceil floor log max min parseint pow signum sum",
    "files": "abspath basename dirname file filebase64 filebase64sha256 filebase64sha512 fileexists filemd5 fileset filesha1 filesha256 filesha512 pathexpand templatefile templatestring",
    "networks": "cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets",
    "dates": "formatdate timeadd timecmp",
    "aws": "provider::aws::arn_build provider::aws::arn_parse provider::aws::trim_iam_role_path",
    "assumed": "assumeequal assumelistlength assumelistlengthmax assumelistlengthmin assumemaplength assumemaplengthmax assumemaplengthmin assumenotnull assumesetlength assumesetlengthmax assumesetlengthmin assumestringprefix",
}
"""Which module has which functions, so that a run loads only what it calls; held by a test."""

_HOME = {name: home for home, held in _HOMES.items() for name in held.split()}

IMPURE = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt", "base64gzip"})
"""Functions whose result a reader can't know."""


def _find(name: str) -> tuple[str, Any] | None:
    """The kind (`nodes`, `plain`) and the function of that name."""
    home = _HOME.get(name)
    if home is None:
        return None
    module = import_module(f"iamlint.sources.terraform.functions.{home}")
    function = module.NODES.get(name)
    return ("plain", module.PLAIN[name]) if function is None else ("nodes", function)


def names() -> tuple[str, ...]:
    """All functions that are implemented, sorted."""
    return tuple(sorted(_HOME))


UNDECIDED = frozenset(
    {"concat", "flatten", "merge", "distinct", "compact", "toset", "tolist", "setunion", "try",
     "can", "coalesce", "jsonencode", "sensitive", "nonsensitive", "values", "keys", "sort"}
)  # fmt: skip
"""Functions that take an Either as it is and make possible elements of it."""

_LISTS = frozenset({"csvdecode", "cidrsubnets"})
"""Functions of plain values whose result is no string."""

_TOLERANT = frozenset({"try", "can"})


def call(request: Call) -> Node:
    """The value of a function call; never raises."""
    name = request.name.removeprefix("core::")
    found = _find(name)
    if found is None:
        own = request.host.own(request)
        if own is not None:
            return own
        if name in IMPURE:
            return request.unknown(f"`{name}` is known to the deployment alone")
        if name.startswith("provider::"):
            return request.unknown(f"the function `{name}` is defined by a provider")
        return request.unknown(f"the function `{name}` is not known to iamlint")
    if name not in _TOLERANT:
        for arg in request.args:
            if isinstance(arg, Failed):
                return arg
    if name not in UNDECIDED and any(isinstance(arg, (Either, Maybe)) for arg in request.args):
        return _each_branch(request)
    kind, function = found
    try:
        if kind == "nodes":
            result: Node = function(request)
        else:
            result = _plain(request, *function)
    except Fail as error:
        return request.failed(str(error))
    except (ValueError, TypeError, ArithmeticError, RecursionError, LookupError) as error:
        return request.failed(f"`{name}`: {str(error)[:200] or type(error).__name__}")
    if isinstance(result, Unknown) and name not in _TOLERANT:
        # An error deep in an argument is why nothing could be made of it.
        for arg in request.args:
            for failure in failures(arg):
                return failure
    return result


def _plain(request: Call, signature: str, function: PlainFunction) -> Node:
    """Call a function of plain values.

    The signature has a letter an argument: `s` string, `n` number, `i` whole number, `b` boolean, `l` list of
    strings, `m` list of numbers, `v` any value; `?` begins the optional ones and `*` repeats
    the letter before it.
    """
    letters, optional = signature.replace("*", ""), signature.find("?")
    letters = letters.replace("?", "")
    repeats = signature.endswith("*")
    least = optional if optional >= 0 else len(letters) - (1 if repeats else 0)
    request.need(least, -1 if repeats else len(letters))
    values: list[object] = []
    for index, arg in enumerate(request.args):
        if not wholly_known(arg):
            unknown = request.unknown if request.name in _LISTS else request.unknown_string
            return unknown(
                arg.reason
                if isinstance(arg, Unknown)
                else f"an argument of `{request.name}` is unknown"
            )
        letter = letters[min(index, len(letters) - 1)]
        values.append(_convert(arg, letter))
    data = function(*values)
    if isinstance(data, str) and len(data) > MAX_RESULT:
        return request.unknown(f"the result of `{request.name}` is too long")
    return request.result(data)


def _convert(arg: Node, letter: str) -> object:
    if letter == "s":
        literal = text_of(arg).literal
        return literal if literal is not None else ""
    if letter == "i":
        return whole_of(arg)
    if letter == "n":
        return number_of(arg)
    if letter == "b":
        return bool_of(arg)
    if letter in "lm":
        data = to_plain(arg)
        if not isinstance(data, list):
            raise Fail("a list is needed")
        if letter == "l":
            return [string_of(item) for item in data]
        return [number_of(Scalar(place=arg.place, value=item)) for item in data]
    return to_plain(arg)


def _each_branch(request: Call) -> Node:
    """The results for all combinations of undecided arguments."""
    choices: list[list[tuple[Node, str | None]]] = []
    conditions: list[str] = []
    size = 1
    for arg in request.args:
        if isinstance(arg, Maybe):
            arg = because(arg.value, arg.possible)
        if isinstance(arg, Either):
            choices.append([(branch, branch.possible) for branch in arg.branches])
            conditions.append(arg.condition)
            size *= len(arg.branches)
        else:
            choices.append([(arg, None)])
    if size > MAX_BRANCHES:
        return request.unknown("it hangs on too many undecided conditions")
    if not conditions:
        return call(msgspec.structs.replace(request, args=tuple(c[0][0] for c in choices)))
    branches: list[Node] = []
    for combination in product(*choices):
        part = msgspec.structs.replace(request, args=tuple(arg for arg, _ in combination))
        value = call(part)
        if isinstance(value, Failed):
            continue
        branches.append(because(value, next((why for _, why in combination if why), None)))
    if not branches:
        return request.failed(f"`{request.name}` fails on every branch")
    if len(branches) == 1:
        return branches[0]
    return Either(place=request.place, branches=tuple(branches), condition=" and ".join(conditions))


def doubt(*nodes: Node) -> str | None:
    """Why anything in these values is only possible: the first reason, None if all is certain."""
    for node in nodes:
        if node.possible is not None:
            return node.possible
        inner: str | None = None
        if isinstance(node, ListNode):
            inner = doubt(*node.items)
        elif isinstance(node, MapNode):
            inner = doubt(*(entry.value for entry in node.entries))
        elif isinstance(node, Encoded):
            inner = doubt(node.content)
        if inner is not None:
            return inner
    return None
