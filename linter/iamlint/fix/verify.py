"""Reading an edited file again: does it now grant what was meant, and nothing else change?"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from iamlint.finding import Replacement
from iamlint.fix.alike import derived
from iamlint.fix.language import CannotEdit
from iamlint.fix.own import Reference
from iamlint.fix.swap import attached
from iamlint.iam.encode import to_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText

_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")

Fingerprint = tuple[str, str, str, str]
"""What one owner gets: the kind of policy, the owner, what it hangs on, the policy."""


class Swap(msgspec.Struct, frozen=True):
    """A site and what takes its grant's place."""

    site: PolicySite
    replacement: Replacement
    own: Mapping[str, Reference] = {}


class Verifier:
    """Reads files before and after an edit and compares what they grant."""

    def __init__(self, project: Project, sandbox: Sandbox, options: ReadOptions) -> None:
        self.project = project
        self.sandbox = sandbox
        self.options = options
        self._folders: dict[str, list[str]] = {}
        for path in project.sources:
            self._folders.setdefault(posixpath.dirname(path), []).append(path)
        self._users: dict[str, set[str]] = {}
        for site in project.sites:
            for place in (site.place, site.block, *([site.policy.place] if site.policy else ())):
                self._users.setdefault(place.path, set()).add(site.key.partition("#")[0])
        self._linked = project.together
        self._before: dict[tuple[str, ...], Project] = {}

    def check(
        self,
        files: Mapping[str, tuple[SourceText, str]],
        site: PolicySite,
        replacement: Replacement,
    ) -> None:
        """Raise CannotEdit unless the edit swaps what a site grants for its replacement, no more."""
        self.check_all(files, [Swap(site, replacement)])

    def check_all(self, files: Mapping[str, tuple[SourceText, str]], swaps: Sequence[Swap]) -> None:
        """As `check`, for edits made together: exactly these grants are swapped, no others."""
        paths = self.together(files, [swap.site for swap in swaps])
        before = self._before.get(paths)
        if before is None:
            # All of the project was read already.
            whole = set(self.project.sources) == set(paths)
            before = self.project if whole else read(paths, self.sandbox, self.options)
            self._before[paths] = before
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
            for twin in _twins(before, swap):
                meant += fingerprints(twin)
                wanted += _swapped(twin, swap)
        if sorted((old - new).elements()) != sorted(meant):
            raise CannotEdit("the edit would change more than this grant")
        for site in (swap.site for swap in swaps):
            if site.kind == "managed-attachment" and any(new[each] for each in fingerprints(site)):
                raise CannotEdit("the policy stays attached in another place")
        came = new - old
        if sorted(came.elements()) != sorted(wanted):
            raise CannotEdit(_surplus(came, wanted) or "what was read again is not what was meant")

    def together(self, files: Iterable[str], sites: Sequence[PolicySite]) -> tuple[str, ...]:
        """The files to read: the edited ones, and for Terraform all of their modules.

        Of templates those that contain them, are contained in them or import from one another.
        """
        found = set(files)
        for group in self._linked:
            if not found.isdisjoint(group):
                found |= group
        if any(path.endswith(_TERRAFORM) for path in found) or any(
            site.language == "hcl" for site in sites
        ):
            folders = {posixpath.dirname(path) for path in found}
            folders.update(self._folder(key) for site in sites for key in (site.key, *site.owners))
            # Whoever else reads an edited file must find in it what was meant.
            folders.update(self._folder(key) for path in files for key in self._users.get(path, ()))
            for folder in folders:
                found.update(self._folders.get(folder, ()))
        return tuple(sorted(found))

    def _folder(self, key: str) -> str:
        """The folder of the root module that a key belongs to, as in the paths of sources."""
        folder = self.sandbox.display(key.partition("#")[0])
        here = self.sandbox.display(self.sandbox.cwd)
        return "" if folder in (here, ".") else folder


def _surplus(came: Counter[Fingerprint], wanted: Sequence[Fingerprint]) -> str:
    """Who would get a grant that is meant for others; `""` if it is not that."""
    meant = {(each[0], each[3]) for each in wanted}
    for each in sorted(came):
        if each not in wanted and (each[0], each[3]) in meant and each[1]:
            whom = each[1].partition("#")[2]
            return f"`{whom}` would get the new policy too, which has not the old one"
    return ""


def _swapped(twin: PolicySite, swap: Swap) -> Iterator[Fingerprint]:
    """What a site of the text is to grant after the swap; nothing if its grant falls away."""
    policy = swap.replacement.policy
    if swap.replacement.attach:
        yield from _each(twin.kind, twin, attached(str(twin.arn), swap.replacement.attach))
        return
    if policy is not None and swap.site.policy is not None and twin.policy is not None:
        policy = derived(twin.policy, swap.site.policy, swap.replacement)
    if policy is not None:
        policy = _referring(policy, swap.own) if swap.own else policy
        inline = twin.kind == "managed-attachment" and swap.site.kind == "managed-attachment"
        yield from _each("identity" if inline else twin.kind, twin, _text(policy))


def _referring(policy: Mapping[str, Any], own: Mapping[str, Reference]) -> dict[str, Any]:
    """A policy with references to resources in the place of their ARNs, as they are shown."""

    def shown(value: Any) -> Any:
        if isinstance(value, list):
            return [shown(each) for each in value]
        return str(own[value].read) if isinstance(value, str) and value in own else value

    statements = [
        {key: shown(each) if key == "Resource" else each for key, each in statement.items()}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


def _twins(project: Project, swap: Swap) -> list[PolicySite]:
    """The site and those that grant by the same text: attachments of a policy declared there."""
    site = swap.site
    if site.policy is None:
        beside = set(swap.replacement.beside)
        return [site, *(other for other in project.sites if other.key in beside)]
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


def fingerprints(site: PolicySite) -> Iterator[Fingerprint]:
    """What a site grants to each whom it serves, wherever it is written."""
    content = str(site.arn) if site.policy is None else _text(to_json(site.policy))
    return _each(site.kind, site, content)


def _each(kind: str, site: PolicySite, content: str) -> Iterator[Fingerprint]:
    for owner in site.owners or ("",):
        yield kind, owner, site.possible or "", content


def _grants(project: Project) -> Counter[Fingerprint]:
    return Counter(each for site in project.sites for each in fingerprints(site))


def _text(document: Mapping[str, Any]) -> str:
    """A policy as comparable text: order and repetition in lists, and lists of one item, even out."""
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
        return sorted({str(each) for each in value})
    return [str(value)]
