"""One file of JSON or YAML into its trees, whatever its name says."""

from __future__ import annotations

from iamlint.sources.document.document import Document, DocumentError
from iamlint.sources.document.json_reader import read_json
from iamlint.sources.site import Unreadable
from iamlint.text import SourceText


def parse(source: SourceText, *, strict: bool = False) -> Document | Unreadable:
    """The trees of a file: strict JSON if it looks like JSON and is, else YAML.

    CloudFormation takes YAML in flow style (trailing commas, comments) as well, so what starts
    like JSON and is not goes to the YAML reader before it is called unreadable; then the JSON
    reader's complaint is the one that helps.  IAM takes no such thing: `strict` refuses it.
    """
    fault: DocumentError | None = None
    if source.text.lstrip(" \t\r\n")[:1] in ("{", "["):
        try:
            return read_json(source)
        except DocumentError as error:
            if strict:
                return unreadable(source, error)
            fault = error
    from iamlint.sources.document.yaml_reader import read_yaml

    try:
        return read_yaml(source)
    except DocumentError as error:
        fault = fault or error
    return unreadable(source, fault)


def unreadable(source: SourceText, fault: DocumentError) -> Unreadable:
    """The fault with its line and column."""
    line, column = source.position(fault.offset)
    return Unreadable(source.path, fault.message, line, column)
