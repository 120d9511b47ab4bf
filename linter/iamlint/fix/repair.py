"""Fixing findings in passes until nothing is left to fix: in memory first, then in the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from iamlint.finding import Finding
from iamlint.fix.choose import Level, Repair, choose, files, wanted
from iamlint.fix.gain import Blame, Fault, Hidden, faults
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
        made = tuple(each for each in repairs if _among(each, made))
        for path, (source, text) in files(made).items():
            first = self.edited[path][0] if path in self.edited else source
            self.edited[path] = (first, text)
        self.made += made
        self.sandbox, self.judged = state.sandbox, state.judged

    def _grown(
        self,
        made: tuple[Repair, ...],
        state: _State | None,
        more: Sequence[Repair],
        before: _Before,
    ) -> tuple[tuple[Repair, ...], _State | None]:
        """As many of the repairs as go together, and what is found after them.

        The edits that a fault must be of are refused at once.  Of those that it may be of, and of
        all where nothing tells, halving finds the wrong ones among many rights in few tries.
        """
        outcome = before.after((*made, *more))
        if isinstance(outcome, _State):
            return (*made, *more), outcome
        if len(more) == 1:
            self._refuse(more[0].findings, outcome.reason)
            return made, state
        blamed = outcome.blamed(more)
        for repair, reason in blamed:
            self._refuse(repair.findings, reason)
        if blamed:
            rest = [each for each in more if all(each is not bad for bad, _ in blamed)]
            return self._grown(made, state, rest, before) if rest else (made, state)
        first, second = outcome.parted(more)
        made, state = self._grown(made, state, first, before)
        return self._grown(made, state, second, before)

    def _refuse(self, findings: Iterable[Finding], reason: str) -> None:
        for finding in findings:
            self._refused.add(finding.fingerprint)
            start = finding.place.start
            where = f"{finding.place.path}:{start.line}:{start.column}"
            self.refusals.append(Refusal(where, f"({finding.rule}): {reason}"))


class _State(msgspec.Struct, frozen=True):
    """The sources after repairs, and what is found in them."""

    sandbox: Sandbox
    judged: Judged


class _Failed(msgspec.Struct, frozen=True):
    """Why repairs must not be made together; `blame` tells which, if it was found by judging."""

    reason: str
    faults: Sequence[Fault] = ()
    blame: Blame | None = None

    def blamed(self, among: Sequence[Repair]) -> list[tuple[Repair, str]]:
        """The repairs that must be at fault, each with its reason."""
        found: list[tuple[Repair, str]] = []
        for fault in self.faults:
            repair = self.blame.certain(fault) if self.blame else None
            if repair is None or not _among(repair, among):
                continue
            if not any(repair is each for each, _ in found):
                found.append((repair, fault.reason))
        return found

    def parted(self, among: Sequence[Repair]) -> tuple[list[Repair], list[Repair]]:
        """The repairs in two parts: those above suspicion and the others, else two halves."""
        suspects = [
            each for fault in self.faults if self.blame for each in self.blame.suspects(fault)
        ]
        first = [each for each in among if not _among(each, suspects)]
        if not first or len(first) == len(among):
            first = list(among[: len(among) // 2])
        return first, [each for each in among if not _among(each, first)]


def _among(repair: Repair, repairs: Iterable[Repair]) -> bool:
    return any(repair is each for each in repairs)


class _Before(msgspec.Struct):
    """The state that a pass begins with, and the trial of repairs on it."""

    judged: Judged
    sandbox: Sandbox
    options: ReadOptions
    judge: Callable[[Sandbox], Judged]

    def after(self, repairs: Sequence[Repair]) -> _State | _Failed:
        """What is found once the repairs are made, or why they must not be."""
        try:
            made = files(repairs)
            self._check(made, repairs)
        except OverlappingEdits:
            return _Failed("its edit overlaps another")
        except CannotEdit as refusal:
            return _Failed(refusal.reason)
        sandbox = self.sandbox
        for path, (source, text) in made.items():
            sandbox = sandbox.with_text(path, text, bom=source.bom)
        judged = self.judge(sandbox)
        fixed = [finding for repair in repairs for finding in repair.findings]
        old, new = self.judged, judged
        hidden = Hidden(repairs, old.project, new.project)
        faulty = faults(old.findings, new.findings, fixed, hidden)
        if not faulty:
            return _State(sandbox, judged)
        return _Failed(faulty[0].reason, faulty, Blame(repairs, old.project, new.project))

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
