"""Train on a window, test on the days after it: iamlint and the other ways on the same events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks._minimizer import accessed, baselines
from benchmarks._minimizer.judge import Judge
from benchmarks._minimizer.model import ACCOUNT, REGION, Workload
from benchmarks._minimizer.privilege import Inventory
from benchmarks._minimizer.trail import Event, recorded, write
from iamlint.engine.binding import binder
from iamlint.finding import Replacement
from iamlint.iam.decode import from_json
from iamlint.iam.encode import to_json
from iamlint.iam.policy import Policy
from iamlint.minimize import Options, policy_of, propose
from iamlint.minimize.quota import minified_size
from iamlint.rule import Bound, Context, Settings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.files import Window
from iamlint.usage.foreign import last_accessed
from iamlint.usage.merge import merge

ORIGINAL = "original"
SAFE = "iamlint, safe ones alone"
FOUNDED = "iamlint, enough evidence"
ALL = "iamlint, all proposals"
SEEN = "iamlint, unobservable dropped"
REPAIRED = "action-level, unseen kept"
METHODS = (
    ORIGINAL,
    "service-level",
    "action-level, all events",
    "action-level, management",
    REPAIRED,
    "exact replay",
    SAFE,
    FOUNDED,
    ALL,
    SEEN,
)
"""Access Advisor's way is `service-level`, Access Analyzer's `action-level, management`."""

THIN = ("days, fewer than", "was seen on", "was first seen")
"""How iamlint says that it saw too little (`minimize/safety.py`)."""

HISTORY = 366
"""Days before the cut from which the true need is taken, with those after it."""


class Setting(NamedTuple):
    """Days of training, whether the trail has data events, and whether IAM's last accessed
    information stands beside it."""

    days: int
    data: bool
    accessed: bool = False


class Score(msgspec.Struct):
    """What one method did in one setting; sums over workloads.

    `later` counts calls of the test window that the original allowed, `broken` those of them that
    are denied now.  `shown` and `shown_broken` are of those whose need the records of the training
    window show; `hidden` of those whose need was there too, but which the trail did not record.
    `needs` are distinct (action, resource), `days` are of one principal with calls.
    `trained` are the recorded calls of the training window that are denied now.
    """

    later: int = 0
    broken: int = 0
    shown: int = 0
    shown_broken: int = 0
    hidden: int = 0
    hidden_broken: int = 0
    needs: int = 0
    needs_broken: int = 0
    days: int = 0
    days_broken: int = 0
    trained: int = 0
    actions: int = 0
    pairs: int = 0
    risk: int = 0
    size: int = 0
    examples: list[str] = msgspec.field(default_factory=list)

    def add(self, other: Score) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Made(msgspec.Struct):
    """The replacements of one setting.

    `proven` are those whose own proof holds, `safe` those of them with nothing for a human to
    judge.  `safe_denied` counts recorded calls of the training window that are denied once the
    safe ones stand, decided by the workloads' own truth.
    """

    sites: int = 0
    replaced: int = 0
    proven: int = 0
    safe: int = 0
    safe_denied: int = 0


class Outcome(msgspec.Struct):
    """Scores by (setting, horizon, archetype, method), and the replacements by setting."""

    scores: dict[tuple[Setting, int, str, str], Score] = msgspec.field(default_factory=dict)
    made: dict[Setting, Made] = msgspec.field(default_factory=dict)
    records: int = 0

    def total(
        self, setting: Setting, horizon: int, method: str, archetype: str | None = None
    ) -> Score:
        """The sum over archetypes, or one archetype's."""
        found = Score()
        for (one, days, kind, way), score in self.scores.items():
            if (one, days, way) == (setting, horizon, method) and archetype in (None, kind):
                found.add(score)
        return found


class Study:
    """One cut: everything before it is training, everything after it the test."""

    def __init__(
        self,
        workloads: Sequence[Workload],
        cut: date,
        seed: int,
        folder: Path,
        history: int = HISTORY,
    ) -> None:
        self.workloads = workloads
        self.history = history
        self.cut = cut
        self.seed = seed
        self.folder = folder
        self.project, self.sites = _project(workloads, folder / "terraform")
        self.originals = {
            load.role: [_granted(site) for site in self.sites[load.role]] for load in workloads
        }
        self.judges = {load.role: Judge(load.arn, self.originals[load.role]) for load in workloads}

    def run(self, settings: Iterable[Setting], horizons: Sequence[int], outcome: Outcome) -> None:
        """Add this cut's numbers to the outcome."""
        longest = max(horizons)
        events = self._events(-self.history, longest)
        inventory, needed = self._need(events)
        wanted = list(settings)
        trails: dict[bool, Path] = {}
        for data in sorted({setting.data for setting in wanted}):
            trails[data] = self.folder / ("data" if data else "management")
            for at in range(-max(setting.days for setting in wanted), 0):
                day = self.cut + timedelta(at)
                todays = [
                    event for load in self.workloads for event in events[load.role].get(day, ())
                ]
                outcome.records += write(trails[data], day, todays, data, self.seed)
        for setting in wanted:
            context = self._context(trails[setting.data], setting, events)
            made = outcome.made.setdefault(setting, Made())
            for load in self.workloads:
                mine = events[load.role]
                trained = _between(mine, self.cut - timedelta(setting.days), self.cut)
                results = self._results(load, trained, setting, context, made)
                shown = _shown(event for event in trained if recorded(event.call, setting.data))
                there = _shown(trained)
                for method, policies in results.items():
                    judge = (
                        self.judges[load.role] if method == ORIGINAL else Judge(load.arn, policies)
                    )
                    extent = inventory.left_over(policies, needed[load.role])
                    size = sum(minified_size(to_json(policy)) for policy in policies)
                    base = _trained(judge, trained, setting)
                    if method == SAFE:
                        made.safe_denied += base
                    for horizon in horizons:
                        later = _between(mine, self.cut, self.cut + timedelta(horizon))
                        score = _score(judge, later, shown, there)
                        score.trained, score.size = base, size
                        score.actions, score.pairs, score.risk = extent
                        key = (setting, horizon, load.archetype, method)
                        outcome.scores.setdefault(key, Score()).add(score)

    def _events(self, first: int, last: int) -> dict[str, dict[date, list[Event]]]:
        found: dict[str, dict[date, list[Event]]] = {}
        for load in self.workloads:
            judge, days = self.judges[load.role], found.setdefault(load.role, {})
            for at in range(first, last):
                day = self.cut + timedelta(at)
                calls = load.calls(day, self.seed)
                if calls:
                    days[day] = [Event(day, load, call, not judge.denied(call)) for call in calls]
        return found

    def _need(
        self, events: dict[str, dict[date, list[Event]]]
    ) -> tuple[Inventory, dict[str, frozenset[tuple[str, str]]]]:
        needed = {
            role: frozenset(
                auth.need
                for todays in days.values()
                for event in todays
                if event.allowed
                for auth in event.call.needs
            )
            for role, days in events.items()
        }
        used = {(action, _one_of(family)) for each in needed.values() for action, family in each}
        return Inventory(sorted(used)), needed

    def _context(
        self, trail: Path, setting: Setting, events: dict[str, dict[date, list[Event]]]
    ) -> Context:
        """What a scan with this window of the trail as evidence would give its rules."""
        first = self.cut - timedelta(setting.days)
        window = Window(since=first.isoformat(), until=(self.cut - timedelta(1)).isoformat())
        profile = read_folder(trail, window=window)
        if setting.accessed:
            reports = [
                last_accessed(
                    accessed.report(
                        load.arn,
                        self.originals[load.role],
                        _between(events[load.role], self.cut - timedelta(accessed.DAYS), self.cut),
                        self.cut,
                    )
                )
                for load in self.workloads
                if events[load.role]
            ]
            profile = merge([profile, *reports])
        known = Settings(account=ACCOUNT)
        return Context(self.project, known, binder(self.project, profile, known))

    def _results(
        self,
        load: Workload,
        trained: list[Event],
        setting: Setting,
        context: Context,
        made: Made,
    ) -> dict[str, list[Policy]]:
        originals = self.originals[load.role]
        best: list[Policy] = []
        safe: list[Policy] = []
        founded: list[Policy] = []
        bare: list[Policy] = []
        for site, original in zip(self.sites[load.role], originals, strict=True):
            replacement = context.replacement(site)
            made.sites += 1
            new = [original] if replacement is None else _decoded(replacement)
            best += new
            founded += new if replacement is None or not _thin(replacement) else [original]
            safe += new if replacement is None or _note(replacement, made) else [original]
            bare += self._bare(site, original, context)
        return {
            ORIGINAL: originals,
            "service-level": baselines.service_level(originals, trained),
            "action-level, all events": baselines.action_level(trained, setting.data, data=True),
            "action-level, management": baselines.action_level(trained, setting.data, data=False),
            REPAIRED: baselines.action_level_and_unseen(originals, trained, setting.data),
            "exact replay": baselines.exact_replay(trained, setting.data),
            SAFE: safe,
            FOUNDED: founded,
            ALL: best,
            SEEN: bare,
        }

    def _bare(self, site: PolicySite, original: Policy, context: Context) -> list[Policy]:
        """With nothing kept for want of evidence, which is what the other ways do."""
        usage = context.usage_of(site)
        if not isinstance(usage, Bound):
            return [original]
        options = Options(unobservable="drop")
        found = propose(site, self.project, usage.usage, usage.coverage, options)
        return [original] if found is None else _decoded(found)


def _note(replacement: Replacement, made: Made) -> bool:
    """Count a replacement; True if it is safe once its edit is verified."""
    made.replaced += 1
    made.proven += replacement.proof.holds
    safe = replacement.proof.holds and not replacement.why_not_safe
    made.safe += safe
    return safe


def _thin(replacement: Replacement) -> bool:
    """True if iamlint says that too little was seen of the principal to judge by."""
    return any(words in replacement.why_not_safe for words in THIN)


def _decoded(replacement: Replacement) -> list[Policy]:
    return [] if replacement.policy is None else [from_json(replacement.policy, "replacement")]


def _project(
    workloads: Sequence[Workload], folder: Path
) -> tuple[Project, dict[str, list[PolicySite]]]:
    """The Terraform of all workloads, read as a scan reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for load in workloads:
        path = folder / f"{load.role}.tf"
        path.write_text(load.terraform)
        files.append(str(path))
    project = read(files, Sandbox(folder), ReadOptions(account=ACCOUNT, region=REGION))
    if project.unreadable or project.unresolved:
        raise AssertionError(f"the benchmark's own text: {project.unreadable}{project.unresolved}")
    sites: dict[str, list[PolicySite]] = {}
    for key, owner in project.owners.items():
        sites[str(owner.name)] = [
            site
            for site in project.sites_of(key)
            if site.kind in ("identity", "managed-attachment")
        ]
    return project, sites


def _granted(site: PolicySite) -> Policy:
    policy = policy_of(site)
    if not isinstance(policy, Policy):
        raise AssertionError(f"{site.address}: {policy.reason}")
    return policy


def _between(days: dict[date, list[Event]], first: date, end: date) -> list[Event]:
    return [event for day, todays in days.items() if first <= day < end for event in todays]


def _one_of(family: str) -> str:
    """One member that stands for a family of resources."""
    return family if family == "*" else family.replace("*", "one").replace("?", "x")


def _shown(trained: Iterable[Event]) -> set[tuple[str, str]]:
    """The needs that calls of the window show to whoever could see all of them."""
    members: dict[tuple[str, str], set[str]] = {}
    enough: dict[tuple[str, str], int] = {}
    for event in trained:
        if event.allowed:
            for auth in event.call.needs:
                members.setdefault(auth.need, set()).add(auth.resource)
                enough[auth.need] = auth.enough
    return {need for need, found in members.items() if len(found) >= enough[need]}


def _trained(judge: Judge, trained: Iterable[Event], setting: Setting) -> int:
    """Recorded calls of the training window that are denied."""
    return sum(
        1
        for event in trained
        if event.allowed and recorded(event.call, setting.data) and judge.denied(event.call)
    )


def _score(
    judge: Judge,
    later: Iterable[Event],
    shown: set[tuple[str, str]],
    there: set[tuple[str, str]],
) -> Score:
    score = Score()
    needs: dict[tuple[str, str], bool] = {}
    days: dict[date, bool] = {}
    for event in later:
        if not event.allowed:
            continue
        failing = judge.denied(event.call)
        score.later += 1
        score.broken += bool(failing)
        days[event.when] = days.get(event.when, False) or bool(failing)
        for auth in event.call.needs:
            needs[auth.need] = needs.get(auth.need, False) or auth in failing
        known = all(auth.need in shown for auth in event.call.needs)
        wrong = any(auth.need in shown for auth in failing)
        covert = not wrong and any(auth.need in there for auth in failing)
        score.shown += known or wrong
        score.shown_broken += wrong
        score.hidden += not known and all(auth.need in there for auth in event.call.needs)
        score.hidden_broken += covert
        if failing:
            mark = "shown" if wrong else "hidden" if covert else "new"
            score.examples.append(
                f"{mark} {event.workload.role} {failing[0].action} {failing[0].need[1]}"
            )
    score.needs, score.needs_broken = len(needs), sum(needs.values())
    score.days, score.days_broken = len(days), sum(days.values())
    return score
