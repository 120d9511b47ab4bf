"""Reading an edited file again: does it now grant what was meant, and nothing else change?"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from iamlint.fix.language import CannotEdit
from iamlint.iam.encode import to_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText

_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")

Fingerprint = tuple[str, tuple[str, ...], str, str]


class Swap(msgspec.Struct, frozen=True):
    """A site and the policy that takes its grant's place; None if nothing does."""

    site: PolicySite
    policy: dict[str, Any] | None


class Verifier:
    """Reads files before and after an edit and compares what they grant."""

    def __init__(self, project: Project, sandbox: Sandbox, options: ReadOptions) -> None:
        self.sandbox = sandbox
        self.options = options
        self._folders: dict[str, list[str]] = {}
        for path in project.sources:
            self._folders.setdefault(posixpath.dirname(path), []).append(path)
        self._before: dict[tuple[str, ...], Project] = {}

    def check(
        self,
        files: Mapping[str, tuple[SourceText, str]],
        gone: PolicySite,
        policy: dict[str, Any] | None,
    ) -> None:
        """Raise CannotEdit unless the edit swaps what a site grants for the policy, no more.

        `policy` None means that the grant falls away.
        """
        self.check_all(files, [Swap(gone, policy)])

    def check_all(self, files: Mapping[str, tuple[SourceText, str]], swaps: Sequence[Swap]) -> None:
        """As `check`, for edits made together: exactly these grants are swapped, no others."""
        paths = self.together(files, [swap.site for swap in swaps])
        before = self._before.get(paths)
        if before is None:
            before = self._before[paths] = read(paths, self.sandbox, self.options)
        sandbox = self.sandbox
        for path, (source, text) in files.items():
            sandbox = sandbox.with_text(path, text, bom=source.bom)
        after = read(paths, sandbox, self.options)
        if len(after.unreadable) > len(before.unreadable):
            fault = next(each for each in after.unreadable if each not in before.unreadable)
            raise CannotEdit(f"the edited file could not be read: {fault.reason}")
        if len(after.unresolved) > len(before.unresolved):
            raise CannotEdit("a part of the edited file could not be evaluated")
        old, new = _grants(before), _grants(after)
        meant: list[Fingerprint] = []
        wanted: list[Fingerprint] = []
        for swap in swaps:
            twins = _twins(before, swap.site)
            meant += map(fingerprint, twins)
            if swap.policy is not None:
                wanted += [_swapped(twin, swap) for twin in twins]
        if sorted((old - new).elements()) != sorted(meant):
            raise CannotEdit("the edit would change more than this grant")
        for site in (swap.site for swap in swaps):
            if site.kind == "managed-attachment" and new[fingerprint(site)]:
                raise CannotEdit("the policy stays attached in another place")
        if sorted((new - old).elements()) != sorted(wanted):
            raise CannotEdit("what was read again is not what was meant")

    def together(self, files: Iterable[str], sites: Sequence[PolicySite]) -> tuple[str, ...]:
        """The files to read: the edited ones, and for Terraform all of their modules."""
        found = set(files)
        if any(path.endswith(_TERRAFORM) for path in found) or any(
            site.language == "hcl" for site in sites
        ):
            folders = {posixpath.dirname(path) for path in found}
            folders.update(self._folder(key) for site in sites for key in (site.key, *site.owners))
            for folder in folders:
                found.update(self._folders.get(folder, ()))
        return tuple(sorted(found))

    def _folder(self, key: str) -> str:
        """The folder of the root module that a key belongs to, as in the paths of sources."""
        folder = self.sandbox.display(key.partition("#")[0])
        here = self.sandbox.display(self.sandbox.cwd)
        return "" if folder in (here, ".") else folder


def _swapped(twin: PolicySite, swap: Swap) -> Fingerprint:
    assert swap.policy is not None
    inline = twin is swap.site and twin.kind == "managed-attachment"
    kind = "identity" if inline else twin.kind
    return kind, twin.owners, twin.possible or "", _text(swap.policy)


def _twins(project: Project, site: PolicySite) -> list[PolicySite]:
    """The site and those that grant by the same text: attachments of a policy declared there."""
    if site.policy is None:
        return [site]
    place = site.policy.place
    return [
        site,
        *(
            other
            for other in project.sites
            if other.key != site.key
            and other.policy is not None
            and other.policy.place.path == place.path
            and other.policy.place.span == place.span
        ),
    ]


def fingerprint(site: PolicySite) -> Fingerprint:
    """What a site grants to whom, wherever it is written."""
    if site.policy is not None:
        content = _text(to_json(site.policy))
    else:
        content = str(site.arn)
    return site.kind, site.owners, site.possible or "", content


def _grants(project: Project) -> Counter[Fingerprint]:
    return Counter(fingerprint(site) for site in project.sites)


def _text(document: Mapping[str, Any]) -> str:
    """A policy as comparable text: order of actions and resources, and one-item lists, even out."""
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    even = [{key: _even(value) for key, value in statement.items()} for statement in statements]
    return json.dumps(
        {"Version": document.get("Version"), "Statement": even}, sort_keys=True, ensure_ascii=False
    )


def _even(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _even(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(str(each) for each in value)
    return [str(value)]
