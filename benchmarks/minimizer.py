"""What smaller policies break later and leave over: iamlint beside other ways, on made workloads.

Roles whose true need is known (`_minimizer`) work for months; policies are made from the events of
a window and judged by the days after it.  All is seeded, so each run gives the same table.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks._minimizer.machines import MACHINES
from benchmarks._minimizer.people import people
from benchmarks._minimizer.study import (
    ALL,
    FOUNDED,
    METHODS,
    ORIGINAL,
    REPAIRED,
    SAFE,
    SEEN,
    Outcome,
    Score,
    Setting,
    Study,
)

WINDOWS = (7, 30, 90, 180)
HORIZONS = (7, 30)
SETTINGS = (
    *(Setting(days, data) for data in (True, False) for days in WINDOWS),
    *(Setting(90, data, accessed=True) for data in (True, False)),
)
CUTS = ((date(2026, 6, 25), 1, 7), (date(2026, 10, 30), 2, 3))
"""Last day of training (exclusive), seed, month of the yearly audit: it falls into the first test."""

EVIDENCE = tuple(
    Setting(90, data, accessed) for accessed in (False, True) for data in (True, False)
)
GENERATED = "action-level, all events"
HEAD = (
    f"{'':30} {'shown':>7} {'hidden':>7} {'later':>7} {'needs':>7} {'days':>7} "
    f"{'actions':>8} {'pairs':>8} {'risk':>8} {'chars':>8}"
)


def run() -> Iterator[str]:
    """The tables, by trail and training window, then by archetype, then the targets."""
    before = time.process_time()
    outcome = study()
    yield f"{outcome.records:,} records; denied calls in % of those that the original allowed, in"
    yield f"the {HORIZONS[-1]} days after the training window; privilege left over in % of the original's"
    for setting in SETTINGS:
        yield ""
        yield f"{setting.days} days, {evidence(setting)}"
        yield HEAD
        for method in METHODS:
            yield row(outcome, setting, HORIZONS[-1], method)
        yield _share(outcome, setting)
    yield ""
    yield from _by_archetype(outcome, Setting(90, True))
    yield ""
    yield from _horizons(outcome)
    yield ""
    yield from targets(outcome)
    yield f"{time.process_time() - before:.0f} s CPU"


def evidence(setting: Setting) -> str:
    """What a setting gives iamlint to go by."""
    events = "with data events" if setting.data else "management events alone"
    return f"{events}, with IAM's last accessed information" if setting.accessed else events


def study(
    cuts: Sequence[tuple[date, int, int]] = CUTS, settings: Sequence[Setting] = SETTINGS
) -> Outcome:
    """All cuts together."""
    outcome = Outcome()
    for cut, seed, audit in cuts:
        workloads = [*(make() for make in MACHINES), *people(audit)]
        with tempfile.TemporaryDirectory() as folder:
            Study(workloads, cut, seed, Path(folder)).run(settings, HORIZONS, outcome)
    return outcome


def row(
    outcome: Outcome,
    setting: Setting,
    horizon: int,
    method: str,
    archetype: str | None = None,
    label: str = "",
) -> str:
    """A line of the table."""
    score = outcome.total(setting, horizon, method, archetype)
    base = outcome.total(setting, horizon, ORIGINAL, archetype)
    parts = [
        _percent(score.shown_broken, score.shown, 7),
        _percent(score.hidden_broken, score.hidden, 7),
        _percent(score.broken, score.later, 7),
        _percent(score.needs_broken, score.needs, 7),
        _percent(score.days_broken, score.days, 7),
        _percent(score.actions, base.actions, 8),
        _percent(score.pairs, base.pairs, 8),
        _percent(score.risk, base.risk, 8),
        f"{score.size:>8,}",
    ]
    return f"{label or method:<30} {' '.join(parts)}"


def _share(outcome: Outcome, setting: Setting) -> str:
    made = outcome.made[setting]
    return (
        f"policies {made.sites}, replaced {made.replaced}, proven {made.proven}, "
        f"safe {made.safe} ({100 * made.safe / made.replaced:.0f} %)"
    )


def _by_archetype(outcome: Outcome, setting: Setting) -> Iterator[str]:
    yield f"by archetype, {setting.days} days with data events"
    yield HEAD
    kinds = dict.fromkeys(kind for _, _, kind, _ in outcome.scores)
    for kind in kinds:
        for method in (GENERATED, SAFE, FOUNDED, ALL):
            yield row(outcome, setting, HORIZONS[-1], method, kind, f"{kind}: {method}"[:30])


def _horizons(outcome: Outcome) -> Iterator[str]:
    yield "calls denied later, % of all, by days of training and of test, with data events"
    pairs = [(days, horizon) for days in WINDOWS for horizon in HORIZONS]
    yield f"{'':30} " + " ".join(f"{f'{days}/{horizon}':>7}" for days, horizon in pairs)
    for method in METHODS:
        scores = [outcome.total(Setting(days, True), horizon, method) for days, horizon in pairs]
        cells = " ".join(_percent(score.broken, score.later, 7) for score in scores)
        yield f"{method:<30} {cells}"


def targets(outcome: Outcome) -> Iterator[str]:
    """Each target with what was measured, over all settings unless it says otherwise."""
    denied = sum(made.safe_denied for made in outcome.made.values())
    safe = sum(made.safe for made in outcome.made.values())
    yield _target(
        f"safe ones allow every observed call: {denied} denied ({safe} safe)", denied == 0
    )
    for method in (SAFE, FOUNDED, ALL):
        shown = [outcome.total(setting, HORIZONS[-1], method) for setting in SETTINGS]
        count = sum(score.shown_broken for score in shown)
        yield _target(f"no later call denied that the window shows, {method}: {count}", count == 0)
        hidden = sum(score.hidden_broken for score in shown)
        if method == SAFE:
            yield _target(f"nor one that the trail does not record: {hidden}", hidden == 0)
        for setting in EVIDENCE:
            score = outcome.total(setting, HORIZONS[-1], method)
            part = 100 * score.broken / score.later
            yield _target(
                f"under 1 % of later calls denied, {method}, {_short(setting)}: {part:.2f} %",
                part < 1,
            )
    for method in (ALL, SEEN):
        for setting in EVIDENCE:
            mine = outcome.total(setting, HORIZONS[-1], method)
            for other in (GENERATED, REPAIRED):
                theirs = outcome.total(setting, HORIZONS[-1], other)
                yield _target(
                    f"at most half of the privilege that {other} leaves, {method}, "
                    f"{_short(setting)}: {_ratio(mine, theirs)}",
                    2 * mine.pairs <= theirs.pairs,
                )


def _short(setting: Setting) -> str:
    return ("data events" if setting.data else "management") + (
        " and last access" if setting.accessed else ""
    )


def _ratio(mine: Score, theirs: Score) -> str:
    return (
        f"{mine.pairs / theirs.pairs:.2f} of its pairs, {mine.risk / theirs.risk:.2f} of its risk"
    )


def _target(text: str, met: bool) -> str:
    return f"{'met   ' if met else 'MISSED'} {text}"


def _percent(part: int, whole: int, width: int) -> str:
    """A share in percent; `-` of nothing."""
    if not whole:
        return f"{'-':>{width}}"
    share = 100 * part / whole
    return f"{share:>{width}.2f}" if share < 99.995 else f"{share:>{width}.0f}"
