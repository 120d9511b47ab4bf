"""Cutting statements: the actions that are needed, on the resources that were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iamlint.iam import catalog, grants
from iamlint.iam.policy import Statement
from iamlint.minimize import draft
from iamlint.minimize.granted import Grant
from iamlint.minimize.making import made_by
from iamlint.minimize.narrow import Narrowed, followed, narrow
from iamlint.minimize.needs import Needs, Verdict
from iamlint.minimize.triggers import FOLLOWS
from iamlint.tree import Text


class Cutter:
    """Cuts the statements of one policy; `reasons` collects why each kept action is kept.

    `narrowing` False leaves all resources as they are, `loose` False drops patterns that the
    catalogue cannot tell.
    """

    def __init__(
        self,
        needs: Needs,
        verdicts: Mapping[str, Verdict],
        *,
        narrowing: bool = True,
        loose: bool = True,
    ) -> None:
        self.needs = needs
        self.usage = needs.usage
        self.verdicts = verdicts
        self.narrowing = narrowing
        self.loose = loose
        self.made = made_by(needs.usage)
        self.reasons: dict[str, str] = {}

    def cut(self, grant: Grant) -> list[draft.Piece]:
        """The statements that take a statement's place: itself if nothing changes, none if it falls."""
        original = tuple(each.text for each in grant.statement.resources)
        groups: dict[tuple[str, ...], list[str | Text]] = {}
        texts = {tuple(map(str, original)): original}
        count = 0
        for name in sorted(grant.grips, key=str.lower):
            verdict = self.verdicts[name]
            if not verdict.keep:
                continue
            narrowed = self._narrowed(name, verdict, grant.statement)
            if narrowed.resources == ():
                continue
            count += 1
            resources = original if narrowed.resources is None else narrowed.resources
            key = tuple(map(str, resources))
            texts[key] = resources
            groups.setdefault(key, []).append(name)
            more = narrowed.why if verdict.ground != "observed" else ""
            self.reasons.setdefault(name, verdict.reason + more)
        whole = tuple(map(str, original))
        for element in grant.loose if self.loose else ():
            groups.setdefault(whole, []).append(element.text)
            self.reasons.setdefault(str(element), f"not in the catalogue of {catalog.data_date()}")
        same = all(set(key) == set(whole) for key in groups)
        if same and count == len(grant.everything) and (self.loose or not grant.loose):
            return [draft.kept(grant.index, grant.statement)]
        return [
            draft.cut(
                grant.index, grant.statement, _as_written(grant, actions, key == whole), texts[key]
            )
            for key, actions in groups.items()
        ]

    def _narrowed(self, name: str, verdict: Verdict, statement: Statement) -> Narrowed:
        if statement.not_resource or not self.narrowing:
            return Narrowed(None)
        use = self.usage.actions.get(name)
        if use is not None and verdict.ground == "observed":
            unseen = self.needs.unseen_besides(name)
            if unseen:
                return Narrowed(None, unseen)
            return narrow(name, use, statement.resources, self.made)
        leader = self.usage.actions.get(FOLLOWS.get(name, ""))
        if leader is not None and not self.needs.unseen_besides(FOLLOWS[name]):
            found = followed(name, leader, statement.resources)
            if found.resources:
                why = f"; narrowed to where {FOLLOWS[name]} was seen"
                return Narrowed(found.resources, why)
        return Narrowed(None)


def _as_written(
    grant: Grant, actions: Sequence[str | Text], same_resources: bool
) -> list[str | Text]:
    """Actions as names, or as the author's own pattern where all that it takes in is kept."""
    if not same_resources or grant.statement.not_action:
        return list(actions)
    left = {each for each in actions if isinstance(each, str)}
    written: list[str | Text] = [each for each in actions if not isinstance(each, str)]
    for element in grant.statement.actions:
        literal = element.literal
        if literal is None or "*" not in literal or grants.takes_every_action(element):
            continue
        taken = frozenset(catalog.expand(literal))
        if len(taken) > 1 and taken <= left and grants.whole_service(element) is None:
            left -= taken
            written.append(literal)
    return sorted([*left, *written], key=lambda each: str(each).lower())
