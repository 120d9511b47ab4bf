"""One branch of a comparison: requests to which some statements apply and others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import msgspec

from iamlint.iam.containment.contexts import Contexts, Fitting, Values
from iamlint.iam.containment.dimension import Against, Machines, Point, points
from iamlint.iam.containment.inclusion import disjoint
from iamlint.iam.containment.known import known_actions, resource_forms, services_of
from iamlint.iam.containment.rules import EVERYTHING, Rule, service_of
from iamlint.iam.containment.search import Budget, Word
from iamlint.iam.containment.tied import RESOURCE_ACCOUNT
from iamlint.iam.glob import Automaton, Letter, Token, Tokens, Wild, has_letters
from iamlint.iam.matching import Reading, read_tokens
from iamlint.iam.principal import is_account

_SEGMENT: Tokens = (Wild.SEGMENT_STAR, ":")
_FILLED: Tokens = (Wild.SEGMENT_ANY, Wild.SEGMENT_STAR, ":")

ACTION_DOMAIN: tuple[Tokens, ...] = ((*_FILLED, Wild.SEGMENT_ANY, Wild.SEGMENT_STAR),)
"""`service:Name`, neither part empty."""

ARN_DOMAIN: Tokens = (*"arn:", *_FILLED * 2, *_SEGMENT * 2, Wild.ANY, Wild.STAR)
LOOSE_ARN_DOMAIN: Tokens = (*"arn:", *_SEGMENT * 4, Wild.STAR)
ALL_RESOURCES: Tokens = ("*",)
"""What a call that names no resource is authorized against: the literal `*`."""


class Candidate(msgspec.Struct, frozen=True):
    """A request in symbols: what may show a difference, once spelled out and replayed.

    An `unlikely` one breaks ties between keys to which AWS may make exceptions.
    """

    action: Point
    resource: Point
    context: dict[str, Values]
    positives: tuple[Rule, ...]
    negatives: tuple[Rule, ...]
    unlikely: bool = False

    @property
    def loose(self) -> bool:
        return self.action.loose or self.resource.loose


class Branches:
    """Solves branches under one reading of wildcards, remembering what they share.

    `known` limits requests to the catalogue's actions and the resources that these act on.
    """

    def __init__(
        self, reading: Reading, budget: Budget, *, signed: bool = True, known: bool = False
    ) -> None:
        self.reading = reading
        self.known = known
        self.budget = budget
        self.contexts = Contexts(budget, signed=signed)
        self.machines = Machines()
        self._read: dict[Tokens, Tokens] = {}

    def candidates(
        self,
        positives: tuple[Rule, ...],
        negatives: tuple[Rule, ...],
        actions: Sequence[Tokens],
    ) -> Iterator[Candidate]:
        """Requests to which all positives apply and no negative does.

        `actions` are the patterns of the first positive that are looked at (`*` for NotAction).
        """
        explored: dict[object, list[frozenset[int]]] = {}
        for point, forms in self._action_points(positives, negatives, actions):
            before = explored.setdefault(forms, [])
            if any(known <= point.applying for known in before):
                continue
            if not point.loose:
                before.append(point.applying)
            left = [negatives[number] for number in sorted(point.applying)]
            for where, context in self._places(positives, left, forms):
                yield Candidate(
                    point, where, context.values, positives, negatives, context.unlikely
                )

    def _action_points(
        self,
        positives: tuple[Rule, ...],
        negatives: tuple[Rule, ...],
        actions: Sequence[Tokens],
    ) -> Iterator[tuple[Point, tuple[Tokens, ...] | None]]:
        """Actions to look at, with the forms of their resources where these are known."""
        if not self.known:
            yield from ((p, None) for p in self._open_points(positives, negatives, actions))
            return
        listed = _Listed(positives, negatives)
        named = [tokens for rule in positives for tokens in rule.resources]
        for action in known_actions(actions, services_of(named)):
            if isinstance(action, str):
                self.budget.spend()
                applying = listed.applying(action)
                if applying is not None:
                    yield Point(tuple(action), applying, _NO_GLOBS), resource_forms(action)
            else:
                for point in self._open_points(positives, negatives, (action,)):
                    yield point, None

    def _open_points(
        self,
        positives: tuple[Rule, ...],
        negatives: tuple[Rule, ...],
        actions: Sequence[Tokens],
    ) -> Iterator[Point]:
        for picks, forbidden in self._action_picks(positives, actions):
            yield from self._actions(picks, forbidden, negatives)

    def _action_picks(
        self, positives: tuple[Rule, ...], actions: Sequence[Tokens]
    ) -> Iterator[tuple[tuple[Tokens, ...], list[Tokens]]]:
        forbidden = [tokens for rule in positives if rule.not_action for tokens in rule.actions]
        others = positives[1:]
        for action in actions:
            service = service_of(action)
            choices: list[list[Tokens]] = []
            for rule in others:
                if rule.not_action or EVERYTHING in rule.actions:
                    choices.append([EVERYTHING])
                else:
                    near = rule.actions_of(service)
                    choices.append([t for t in near if not disjoint(action, t)])
            for more in product(*choices):
                self.budget.spend()
                yield (action, *more), forbidden

    def _actions(
        self,
        picks: tuple[Tokens, ...],
        forbidden: list[Tokens],
        negatives: tuple[Rule, ...],
    ) -> Iterator[Point]:
        service = next((found for pick in picks if (found := service_of(pick))), None)
        against = [
            Against(
                number,
                tuple(rule.actions_of(service)),
                rule.not_action,
                not rule.atoms and rule.everywhere,
            )
            for number, rule in enumerate(negatives)
        ]
        return points(picks, forbidden, against, _action_domain, self.machines, self.budget)

    def _places(
        self,
        positives: tuple[Rule, ...],
        negatives: Sequence[Rule],
        forms: tuple[Tokens, ...] | None,
    ) -> Iterator[tuple[Point, Fitting]]:
        """Resources and contexts for positives, none of the negatives applying."""
        required = [atom for rule in positives for atom in rule.atoms]
        against = [
            Against(
                number,
                tuple(self._as_read(tokens) for tokens in rule.resources),
                rule.not_resource,
                not rule.atoms,
            )
            for number, rule in enumerate(negatives)
        ]
        forbidden = [
            self._as_read(tokens)
            for rule in positives
            if rule.not_resource
            for tokens in rule.resources
        ]

        def domain(globs: Sequence[Tokens]) -> Sequence[Tokens | None]:
            return _resource_domain(globs) if forms is None else _known_domain(forms, globs)

        atoms = (*required, *(atom for rule in negatives for atom in rule.atoms))
        owned = any(atom.key == RESOURCE_ACCOUNT for atom in atoms)
        # What a context may hold hangs on the resource only where its account is asked for.
        explored: dict[str | None, list[frozenset[int]]] = {None: []}
        for picks in self._resource_picks(positives):
            self.budget.spend()
            for point in points(
                picks,
                forbidden,
                against,
                domain,
                self.machines,
                self.budget,
                colons=self.reading == "trailing",
                formed=forms is not None,
            ):
                account = _account(point.word) if owned else None
                before = explored.setdefault(account, [])
                if any(known <= point.applying for known in (*explored[None], *before)):
                    continue
                if not point.loose:
                    before.append(point.applying)
                refused = [negatives[number] for number in sorted(point.applying)]
                context = self.contexts.find(required, refused, account)
                if context is not None:
                    yield point, context

    def _resource_picks(self, positives: tuple[Rule, ...]) -> Iterator[tuple[Tokens, ...]]:
        choices: list[list[Tokens]] = []
        for rule in positives:
            if rule.not_resource or EVERYTHING in rule.resources:
                choices.append([EVERYTHING])
            else:
                choices.append([self._as_read(tokens) for tokens in rule.resources])
        for picks in product(*choices):
            if len(picks) < 2 or not any(
                disjoint(a, b) for i, a in enumerate(picks) for b in picks[i + 1 :]
            ):
                yield picks

    def _as_read(self, tokens: Tokens) -> Tokens:
        found = self._read.get(tokens)
        if found is None:
            found = self._read[tokens] = read_tokens(tokens, self.reading)
        return found


_NO_GLOBS = Automaton(())


class _Listed:
    """Tells of single actions which statements take them in, service by service."""

    def __init__(self, positives: tuple[Rule, ...], negatives: tuple[Rule, ...]) -> None:
        self.rules = (*positives[1:], *(rule for rule in positives[:1] if rule.not_action))
        self.negatives = negatives
        self._machines: dict[str, tuple[Automaton, list[int]]] = {}
        self._decoded: dict[tuple[str, int], frozenset[int] | None] = {}

    def applying(self, action: str) -> frozenset[int] | None:
        """The numbers of the negatives that apply to an action; None unless all positives do."""
        service = action.partition(":")[0]
        if service not in self._machines:
            patterns: list[Tokens] = []
            owners: list[int] = []
            for number, rule in enumerate((*self.rules, *self.negatives)):
                near = rule.actions_of(service)
                patterns += near
                owners += [number] * len(near)
            self._machines[service] = Automaton(patterns), owners
        machine, owners = self._machines[service]
        hit = machine.run(action) & machine.final
        key = (service, hit)
        if key not in self._decoded:
            self._decoded[key] = self._decode(
                {owner for owner, final in zip(owners, machine.finals, strict=True) if hit & final}
            )
        return self._decoded[key]

    def _decode(self, named: set[int]) -> frozenset[int] | None:
        count = len(self.rules)
        for number, rule in enumerate(self.rules):
            if (number in named) == rule.not_action:
                return None
        return frozenset(
            number
            for number, rule in enumerate(self.negatives)
            if (number + count in named) != rule.not_action
        )


def _account(word: Word) -> str | None:
    """The account that an ARN names, if it is known."""
    parts: list[list[str | None]] = [[]]
    for symbol in word:
        if symbol == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(symbol if isinstance(symbol, str) else None)
    if len(parts) < 6 or None in parts[4]:
        return None
    text = "".join(symbol or "" for symbol in parts[4])
    return text if is_account(text) else None


def _action_domain(globs: Sequence[Tokens]) -> Sequence[Tokens | None]:
    return (None,) if any(has_letters(glob) for glob in globs) else ACTION_DOMAIN


def _resource_domain(globs: Sequence[Tokens]) -> Sequence[Tokens | None]:
    """The forms of a request's resource that the globs leave possible."""
    if not any(has_letters(glob) for glob in globs):
        return (ARN_DOMAIN, ALL_RESOURCES)
    if any(_letter_may_hold_colon(glob) for glob in globs):
        return (None,)
    return (LOOSE_ARN_DOMAIN, ALL_RESOURCES)


def _known_domain(forms: Sequence[Tokens], globs: Sequence[Tokens]) -> Sequence[Tokens | None]:
    """Those of an action's forms that the globs leave possible."""
    near = [form for form in forms if not any(disjoint(form, glob) for glob in globs)]
    letters = [token for glob in globs for token in glob if isinstance(token, Letter)]
    if not letters:
        return near
    early = any(letter.kind != "variable" for letter in letters)
    found: list[Tokens | None] = [_with_room_for_letters(form, early=early) for form in near]
    if any(_letter_may_hold_colon(glob) for glob in globs):
        # The letter is a whole ARN, which no form can be held against; its instances can.
        found.insert(0, None)
    return found


def _with_room_for_letters(form: Tokens, *, early: bool) -> Tokens:
    """A form whose variables may be a letter, which `?` would not match.

    Policy variables stand in the last segment only; with `early`, letters may be anywhere.
    """
    found: list[Token] = []
    colons = 0
    for token in form:
        colons += token == ":"
        if token not in (Wild.ANY, Wild.SEGMENT_ANY) or not (early or colons >= 5):
            found.append(token)
    return tuple(found)


def _letter_may_hold_colon(tokens: Tokens) -> bool:
    """True if a letter before the fifth colon may be more than one segment."""
    colons = 0
    for token in tokens:
        if colons >= 5:
            return False
        if token == ":":
            colons += 1
        elif isinstance(token, Letter) and token.kind not in ("account", "region", "partition"):
            return True
    return False
