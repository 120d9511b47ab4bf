"""Places whose secrets are asterisks, for findings about them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from iamlint.rule import Place, SourceText, secrets


def masked(place: Place, known: Iterable[str] = (), *, whole: bool = False) -> Place:
    """The same place in a text whose access keys, passwords and known secrets are asterisks.

    With `whole` all of the place itself is a secret, whatever way it is written.
    """
    source = place.source
    text = source.text
    if whole:
        start, end = place.span
        text = text[:start] + re.sub(r"\S", "*", text[start:end]) + text[end:]
    for secret in known:
        if len(secret) > 3 and not re.fullmatch(secrets.KEY_ID, secret):
            text = text.replace(secret, "*" * len(secret))
    text = secrets.concealed(text)
    return Place(SourceText(source.path, text, bom=source.bom), place.span)
