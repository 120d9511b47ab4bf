"""How secrets look in source text, and the text without them for what is printed."""

from __future__ import annotations

import re

KEY_ID = r"(?<![A-Za-z0-9])A[KS]IA(?![A-Z0-9]*EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9])"
"""The id of an access key; the keys of AWS's own documentation are no secrets."""

_SECRET = (
    r"""(?i)(secret_?(?:access_?)?key["']?\s*[:=]?\s*["']?)([A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])"""
)
_PASSWORD = r"""(?i)(\bpassword["']?[ \t]*[:=][ \t]*["']?)((?!\$\{|!|\{|<|\w+\.\w)[^\s"',}]{4,})"""


def concealed(text: str) -> str:
    """The text, as long as it was, with asterisks for access keys and passwords."""
    if "IA" in text:
        text = re.sub(KEY_ID, lambda m: m[0][:4] + "*" * (len(m[0]) - 4), text)
    lower = text.lower()
    if "secret" in lower:
        text = re.sub(_SECRET, lambda m: m[1] + "*" * len(m[2]), text)
    if "password" in lower:
        text = re.sub(_PASSWORD, lambda m: m[1] + "*" * len(m[2]), text)
    return text
