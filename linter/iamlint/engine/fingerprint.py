"""Fingerprints: what makes two findings the same one, whatever lines they stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from iamlint.finding import Finding


def with_fingerprints(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with their fingerprints; equal ones get a number in source order.

    A fingerprint is made of the rule, the module or template, the site's address and the offending
    element: no offset enters it, so it survives reformatting and moves within the module.
    """
    seen: dict[str, int] = {}
    marked = []
    for finding in findings:
        digest = _digest(finding, 0)
        count = seen[digest] = seen.get(digest, 0) + 1
        if count > 1:
            digest = _digest(finding, count)
        marked.append(msgspec.structs.replace(finding, fingerprint=digest))
    return marked


def _digest(finding: Finding, salt: int) -> str:
    parts = (
        finding.rule,
        _scope(finding.place.path),
        # Behind the scope of the key, which may be a folder's path on this machine.
        finding.site_key.partition("#")[2] or finding.address,
        finding.element or finding.message,
        str(salt),
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _scope(path: str) -> str:
    """What addresses are unique in: the folder of a Terraform file, any other file itself."""
    if path.endswith((".tf", ".tofu", ".tf.json", ".tofu.json")):
        return path.rpartition("/")[0]
    return path
