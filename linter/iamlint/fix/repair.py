"""Fixing findings in passes until nothing is left to fix: in memory first, then in the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from iamlint.finding import Finding
from iamlint.fix.choose import Level, Repair, choose, files, wanted
from iamlint.fix.language import CannotEdit
from iamlint.fix.plan import Planned, plan
from iamlint.fix.verify import Swap, Verifier
from iamlint.fix.write import Refusal, holds, obstacle, write
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import OverlappingEdits, SourceText

PASSES = 50
"""How often edits are planned anew; each pass fixes all that does not touch one another."""


class Judged(msgspec.Struct, frozen=True):
    """What is found in the sources that a sandbox shows."""

    findings: Sequence[Finding]
    project: Project


class Repaired(msgspec.Struct, frozen=True):
    """What was written: the findings that are fixed, the paths, and what was refused and why.

    `now` is what is found in the files as they stand on disk, where that is known: if all that
    was judged was written, and every file is read again and found to be so.
    """

    fixed: tuple[Finding, ...] = ()
    paths: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    now: Judged | None = None


def repair(
    judge: Callable[[Sandbox], Judged],
    sandbox: Sandbox,
    options: ReadOptions,
    level: Level,
    passed: Callable[[str], bool],
) -> Repaired:
    """Fix what the level allows and write the files; `passed` tells which paths may be written.

    Nothing is written before the last pass is judged.  Findings whose files could not be written
    are not fixed, and neither are those whose edits share a file with theirs.
    """
    passes = _Passes(judge, sandbox, options, level, passed)
    passes.run()
    fixed: list[Finding] = []
    paths: list[str] = []
    refusals = list(passes.refusals)
    for group in _connected(passes.made):
        together = {
            path: passes.edited[path]
            for path in sorted({path for repair in group for path in repair.paths})
        }
        failed = _faulty(together) or write(together, sandbox)
        refusals += failed
        if not failed:
            fixed += (finding for repair in group for finding in repair.findings)
            paths += (path for path, (source, text) in together.items() if source.text != text)
    whole = set(paths) == {path for path, (old, new) in passes.edited.items() if old.text != new}
    now = passes.judged if whole and _stand(passes.judged.project, sandbox) else None
    return Repaired(tuple(fixed), tuple(paths), tuple(dict.fromkeys(refusals)), now)


def _stand(project: Project, sandbox: Sandbox) -> bool:
    """True if the sources of a project are what is in the files now."""
    return all(holds(path, source, sandbox) for path, source in project.sources.items())


def _faulty(files: Mapping[str, tuple[SourceText, str]]) -> tuple[Refusal, ...]:
    """Templates in which cfn-lint, where it is installed, finds what it did not find before."""
    from iamlint.fix.cfnlint_check import added_errors

    found = []
    for path, (source, text) in files.items():
        # What is no template of CloudFormation's is not for cfn-lint.
        if path.endswith((".tf", ".tofu")) or "Resources" not in source.text:
            continue
        errors = added_errors(source.text, text)
        if errors:
            found.append(Refusal(path, f"would have a new fault: {errors[0]}"))
    return tuple(found)


class _Passes:
    """The passes over a project, each on what the one before made of the sources."""

    def __init__(
        self,
        judge: Callable[[Sandbox], Judged],
        sandbox: Sandbox,
        options: ReadOptions,
        level: Level,
        passed: Callable[[str], bool],
    ) -> None:
        self.judge, self.options, self.level, self.passed = judge, options, level, passed
        self.first = sandbox
        self.sandbox = sandbox
        self.judged = judge(sandbox)
        self.edited: dict[str, tuple[SourceText, str]] = {}
        self.made: list[Repair] = []
        self.refusals: list[Refusal] = []
        self._refused: set[str] = set()
        self._obstacles: dict[str, str] = {}

    def run(self) -> None:
        for _ in range(PASSES):
            if not any(finding.replacement for finding in self.judged.findings):
                return
            planned = plan(
                self.judged.findings, self.judged.project, self.sandbox, self.options, shown=False
            )
            chosen = choose(planned, self.level, self._allowed)
            if not chosen.repairs:
                return
            self._make(chosen.repairs)
        for finding in self.judged.findings:
            if wanted(finding, self.level):
                self._refuse((finding,), f"was not fixed within {PASSES} passes")

    def _allowed(self, planned: Planned) -> bool:
        """True unless the edit was refused before, or is of a file that may not be written."""
        if planned.finding.fingerprint in self._refused:
            return False
        reasons = {
            each.source.path: reason
            for each in planned.edits
            if (reason := self._obstacle(each.source.path))
        }
        self.refusals += (Refusal(path, reason) for path, reason in reasons.items())
        return not reasons

    def _obstacle(self, path: str) -> str:
        if path not in self._obstacles:
            self._obstacles[path] = (
                obstacle(path, self.first)
                if self.passed(path)
                else "is not among the paths that were given"
            )
        return self._obstacles[path]

    def _make(self, repairs: Sequence[Repair]) -> None:
        """Make all repairs that do what they are meant to; the others are refused."""
        before = _Before(self.judged, self.sandbox, self.options, self.judge)
        made, state = self._grown((), None, repairs, before)
        if state is None:
            return
        for path, (source, text) in files(made).items():
            first = self.edited[path][0] if path in self.edited else source
            self.edited[path] = (first, text)
        self.made += made
        self.sandbox, self.judged = state

    def _grown(
        self,
        made: tuple[Repair, ...],
        state: tuple[Sandbox, Judged] | None,
        more: Sequence[Repair],
        before: _Before,
    ) -> tuple[tuple[Repair, ...], tuple[Sandbox, Judged] | None]:
        """As many of the repairs as go together, and what is found after them.

        Halving what does not go finds the wrong ones among many rights in few tries.
        """
        outcome = before.after((*made, *more))
        if not isinstance(outcome, str):
            return (*made, *more), outcome
        if len(more) == 1:
            self._refuse(more[0].findings, outcome)
            return made, state
        middle = len(more) // 2
        made, state = self._grown(made, state, more[:middle], before)
        return self._grown(made, state, more[middle:], before)

    def _refuse(self, findings: Iterable[Finding], reason: str) -> None:
        for finding in findings:
            self._refused.add(finding.fingerprint)
            start = finding.place.start
            where = f"{finding.place.path}:{start.line}:{start.column}"
            self.refusals.append(Refusal(where, f"({finding.rule}): {reason}"))


class _Before(msgspec.Struct):
    """The state that a pass begins with, and the trial of repairs on it."""

    judged: Judged
    sandbox: Sandbox
    options: ReadOptions
    judge: Callable[[Sandbox], Judged]

    def after(self, repairs: Sequence[Repair]) -> tuple[Sandbox, Judged] | str:
        """What is found once the repairs are made, or why they must not be."""
        try:
            made = files(repairs)
            self._check(made, repairs)
        except OverlappingEdits:
            return "its edit overlaps another"
        except CannotEdit as refusal:
            return refusal.reason
        sandbox = self.sandbox
        for path, (source, text) in made.items():
            sandbox = sandbox.with_text(path, text, bom=source.bom)
        judged = self.judge(sandbox)
        fixed = [finding for repair in repairs for finding in repair.findings]
        return worse(self.judged.findings, judged.findings, fixed) or (sandbox, judged)

    def _check(self, made: dict[str, tuple[SourceText, str]], repairs: Sequence[Repair]) -> None:
        """Raise CannotEdit unless the edits together do what each was meant to do."""
        sites: dict[str, PolicySite] = {}
        for site in self.judged.project.sites:
            sites.setdefault(site.key, site)
        swaps = []
        for each in repairs:
            finding = each.findings[0]
            assert finding.replacement is not None
            swaps.append(Swap(sites[finding.site_key], finding.replacement, each.own))
        Verifier(self.judged.project, self.sandbox, self.options).check_all(made, swaps)


def worse(before: Iterable[Finding], after: Iterable[Finding], fixed: Sequence[Finding]) -> str:
    """Why the findings after a fix are no gain over those before it; `""` if they are.

    A fixed finding must be gone.  A replacement may show what the wider grant hid, such as a
    wildcard in a resource; but nothing graver than what was fixed may come, and of another kind
    nothing as grave.
    """
    had, has = Counter(map(_what, before)), Counter(map(_what, after))
    for what, count in Counter(map(_what, fixed)).items():
        if has[what] > had[what] - count:
            return "the finding would still be there after the edit"
    for finding in after:
        if has[_what(finding)] <= had[_what(finding)]:
            continue
        related = [each for each in fixed if each.principal == finding.principal] or [*fixed]
        limit = max(each.severity for each in related)
        kin = any(each.rule[:-2] == finding.rule[:-2] for each in related)
        if finding.severity > limit or (finding.severity == limit and not kin):
            return f"the edit would bring {finding.rule}: {finding.message}"
    return ""


def _what(finding: Finding) -> tuple[str, str, str, str]:
    """What a finding is about; unlike its fingerprint not numbered among equal ones."""
    return (
        finding.rule,
        finding.place.path,
        finding.site_key or finding.address,
        finding.element or finding.message,
    )


def _connected(repairs: Sequence[Repair]) -> list[list[Repair]]:
    """Repairs in groups that share no file."""
    groups: list[tuple[set[str], list[Repair]]] = []
    for each in repairs:
        paths, members = set(each.paths), [each]
        apart = []
        for group in groups:
            if group[0] & paths:
                paths |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (paths, members)]
    return [members for _, members in groups]
