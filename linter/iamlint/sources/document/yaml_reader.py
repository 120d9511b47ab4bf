"""YAML into a tree with exact places, from libyaml's events: bounded depth, bounded aliases.

libyaml's composer crashes the process on deep nesting and hides duplicate keys and short forms,
so the nodes are built here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from iamlint.sources.document.document import Document, DocumentError
from iamlint.sources.document.yaml_builder import Builder
from iamlint.text import SourceText, Span
from iamlint.tree import Node

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]"
)


def is_valid_yaml(text: str) -> bool:
    """True if libyaml reads a text without complaint; told without making anything of it."""
    import yaml

    parser = _c_parser()
    if parser is None:
        return False
    try:
        parser(text).raw_parse()
    except yaml.YAMLError:
        return False
    return True


def read_yaml_part(source: SourceText, span: Span) -> Node | None:
    """The tree of a piece of a file that is a document by itself; None if it is none.

    The piece begins at the start of a line and has no anchors.  Raises DocumentError.
    """
    import yaml

    parser = _c_parser() or yaml.SafeLoader
    builder = Builder(source, span.start)
    try:
        builder.run(parser(source.slice(span)).get_event)
    except yaml.YAMLError as error:
        raise DocumentError(str(error), span.start) from error
    return builder.roots[0] if len(builder.roots) == 1 else None


@cache
def _c_parser() -> Any:
    """libyaml's parser without PyYAML's constructors; None if there is no libyaml."""
    try:
        from yaml import cyaml
    except ImportError:
        return None
    return cyaml.CParser  # type: ignore[attr-defined,unused-ignore]


def read_yaml(source: SourceText) -> Document:
    """The trees of a YAML file, one for each document that is not empty.

    `!Sub x` and its like become `{"Fn::Sub": x}`; a tag that is no short form becomes Unknown.
    Raises DocumentError with the offset of the first fault, also for nesting deeper than
    MAX_DEPTH, for aliases that repeat more than MAX_ALIASED_NODES nodes, and for an alias
    inside its own anchor.
    """
    import yaml

    builder = Builder(source)
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(source.text)
        builder.run(loader.get_event)
    except yaml.reader.ReaderError as error:
        bad = _UNPRINTABLE.search(source.text)
        raise DocumentError(
            "a control character, which YAML does not allow", bad.start() if bad else 0
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        parts = [part for part in (error.context, error.problem) if part]
        raise DocumentError(": ".join(parts), mark.index if mark else 0) from error
    return Document(
        source=source,
        language="yaml",
        roots=tuple(builder.roots),
        shared=tuple(builder.shared),
    )
