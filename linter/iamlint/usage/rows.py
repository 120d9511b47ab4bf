"""Rows of a table in a file, CSV or Parquet, as texts by column; a bounded part of it at a time."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from iamlint.usage.inflate import is_gzip

_MAX_LINE = 2**20
"""Characters of a line that are looked at together."""

_PARQUET = b"PAR1"
_BATCH = 10_000


class NoRows(ValueError):
    """The file is no such table; `str(error)` follows its name."""


def rows_of(
    path: str | Path, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[dict[str, str]]:
    """The rows with these columns, "" for nulls.  Raises NoRows, also after some rows.

    `optional` are columns that may be missing.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(4)
        if head == _PARQUET:
            yield from _parquet(path, columns, optional)
        elif is_gzip(head):
            import gzip

            with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
                yield from _csv(text, columns, optional)
        else:
            with open(path, encoding="utf-8", newline="") as text:
                yield from _csv(text, columns, optional)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise NoRows(f"cannot be read: {str(error).lower()}") from None


def _csv(
    text: IO[str], columns: Sequence[str], optional: Sequence[str]
) -> Iterator[dict[str, str]]:
    # Line by line, but of a line without end no more than fits.
    reader = csv.DictReader(iter(lambda: text.readline(_MAX_LINE), ""), restval="")
    _check(reader.fieldnames or (), columns, optional)
    yield from reader


def _parquet(
    path: str | Path, columns: Sequence[str], optional: Sequence[str]
) -> Iterator[dict[str, str]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NoRows("is Parquet: pip install 'iamlint[parquet]'") from None
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _check(names, columns, optional)
            for batch in file.iter_batches(_BATCH, columns=[n for n in columns if n in names]):
                for row in batch.to_pylist():
                    yield {name: _text(value) for name, value in row.items()}
    except (pyarrow.ArrowException, OSError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise NoRows(f"cannot be read: {reason[:1].lower()}{reason[1:]}") from None


def _check(names: Iterable[str], columns: Sequence[str], optional: Sequence[str]) -> None:
    given = {*names, *optional}
    missing = next((name for name in columns if name not in given), None)
    if missing is not None:
        raise NoRows(f"is no result of iamlint's query: it has no column `{missing}`")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
