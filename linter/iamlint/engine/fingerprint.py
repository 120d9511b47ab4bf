"""Fingerprints: what makes two findings the same one, whatever lines they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from iamlint.finding import Finding
from iamlint.sources.site import PolicySite

if TYPE_CHECKING:
    from hashlib import sha256
else:
    # Loading OpenSSL, as hashlib does, takes longer than hashing all findings of a hook's run.
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256  # before Python 3.12
        except ImportError:
            from hashlib import sha256


def with_fingerprints(
    findings: Iterable[Finding], sites: Mapping[str, PolicySite] | None = None
) -> list[Finding]:
    """The findings with their fingerprints; equal ones get a number in source order.

    A fingerprint is made of the rule, the module or template, the site's address, the offending
    element, and what the statement around it grants, which is looked up among the `sites` by key.
    No offset, order or Sid enters it, so it survives reformatting and moves within the module, and
    is another one where the grant is.
    """
    seen: dict[str, int] = {}
    marked = []
    for finding in findings:
        grant = _grant(finding, (sites or {}).get(finding.site_key))
        digest = _digest(finding, grant, 0)
        count = seen[digest] = seen.get(digest, 0) + 1
        if count > 1:
            digest = _digest(finding, grant, count)
        marked.append(msgspec.structs.replace(finding, fingerprint=digest))
    return marked


def _grant(finding: Finding, site: PolicySite | None) -> str:
    """What the statement says that a finding stands in, as comparable text."""
    if site is None or site.policy is None:
        return ""
    path, start = finding.place.path, finding.place.span.start
    for statement in site.policy.statements:
        place = statement.place
        if place.path == path and place.span.start <= start < place.span.end:
            import json

            from iamlint.iam.encode import statement_json

            said = {k: _even(v) for k, v in statement_json(statement).items() if k != "Sid"}
            return json.dumps(said, sort_keys=True)
    return ""


def _even(value: object) -> object:
    """A part of a statement without the order and the repetition that mean nothing in it."""
    if isinstance(value, dict):
        return {key: _even(each) for key, each in value.items()}
    return sorted({str(each) for each in value}) if isinstance(value, list) else [str(value)]


def _digest(finding: Finding, grant: str, salt: int) -> str:
    parts = (
        finding.rule,
        _scope(finding.place.path),
        # Behind the scope of the key, which may be a folder's path on this machine.
        finding.site_key.partition("#")[2] or finding.address,
        finding.element or finding.message,
        grant,
        str(salt),
    )
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _scope(path: str) -> str:
    """What addresses are unique in: the folder of a Terraform file, any other file itself."""
    if path.endswith((".tf", ".tofu", ".tf.json", ".tofu.json")):
        return path.rpartition("/")[0]
    return path
