"""What the text of one statement decides alone about an action on a resource, read once and asked often."""

from __future__ import annotations

from functools import lru_cache

from iamlint.iam import grants, pattern
from iamlint.iam.asked import named
from iamlint.iam.policy import Element, Policy, Statement


class Reading:
    """A statement with its texts at hand.

    A probe is the ARN of a resource, or a glob of several.
    """

    __slots__ = (
        "_all",
        "_certain",
        "_known",
        "_literals",
        "_plain",
        "_surely",
        "maybe",
        "policy",
        "statement",
    )

    def __init__(self, statement: Statement, policy: Policy) -> None:
        self.statement = statement
        self.policy = policy
        self.maybe = named(statement, surely=False)
        """The asked actions that the statement may be about."""
        self._surely: frozenset[str] | None = None
        literals = [(element, element.literal) for element in statement.resources]
        plain = [(e, text) for e, text in literals if text is not None and "${" not in text]
        self._literals = tuple(text for _, text in plain)
        self._certain = tuple(text for element, text in plain if element.possible is None)
        self._all = "*" in self._certain
        self._known = len(plain) == len(literals) and statement.has_resource and not statement.open
        self._plain = statement.complete and not statement.conditions and not statement.not_resource

    def is_surely_about(self, action: str) -> bool:
        if self._surely is None:
            self._surely = named(self.statement, surely=True)
        return action in self._surely

    def misses(self, probe: str) -> bool:
        """True if the statement is surely not about the probe."""
        if not self._known or self.statement.not_resource or self._all:
            return False
        return not any(meets(text, probe) for text in self._literals)

    def spares(self, probe: str) -> bool:
        """True for a Deny that is surely not about the probe."""
        if self.statement.not_resource:
            return not self.statement.open and self._covers(probe)
        return self.misses(probe)

    def takes_all(self, action: str, probe: str) -> bool:
        """True if the statement is about the action on all of the probe, whatever the context."""
        return self._plain and self._covers(probe) and self.is_surely_about(action)

    def leaves_some(self, probe: str) -> bool:
        """True for a Deny that is about a few names only, of a probe that stands for any name."""
        return probe.endswith("*") and self._is_few

    @property
    def is_minor(self) -> bool:
        """True for a Deny that leaves nearly all resources: it is about a few names, or about none."""
        return self._all if self.statement.not_resource else self._is_few

    @property
    def takes_everything(self) -> bool:
        """True if the statement names every resource."""
        return self._all and not self.statement.not_resource

    @property
    def _is_few(self) -> bool:
        if self.statement.not_resource or not self._known:
            return False
        # Of an ARN with wildcards in account or region there is still one of a name.
        names = [text.split(":", 5)[-1] for text in self._literals]
        return not any("*" in name or "?" in name for name in names)

    def allows(self, action: str, probe: str | None) -> bool:
        """True if an Allow allows the action on the probe (None: on any) for all that its text says."""
        if not self._plain or not self.is_surely_about(action):
            return False
        if self._all:
            return True
        return any(
            element.possible is None and _takes(element, action, probe)
            for element in self.statement.resources
        )

    def _covers(self, probe: str) -> bool:
        return self._all or any(_within(probe, text) for text in self._certain)


def _takes(element: Element, action: str, probe: str | None) -> bool:
    literal = element.literal
    if literal is None:
        # One resource that its author chose, and any will do.
        return probe is None and all(hole.specific for hole in element.text.holes)
    if "${" in literal:
        return False
    return _any(literal, action) if probe is None else meets(literal, probe)


@lru_cache(maxsize=8192)
def _any(text: str, action: str) -> bool:
    return grants.every_resource(text) or grants.all_of_type(text, action)


@lru_cache(maxsize=65536)
def meets(text: str, probe: str) -> bool:
    """True if some resource is matched by both globs."""
    head, tail = _ends(text)
    other, end = _ends(probe)
    if not (head.startswith(other) or other.startswith(head)):
        return False
    if not (tail.endswith(end) or end.endswith(tail)):
        return False
    return pattern.overlaps(text, probe)


@lru_cache(maxsize=65536)
def _within(probe: str, text: str) -> bool:
    head, tail = _ends(text)
    mine, end = _ends(probe)
    if not (mine.startswith(head) and end.endswith(tail)):
        return False
    return pattern.within(probe, text)


@lru_cache(maxsize=32768)
def _ends(glob: str) -> tuple[str, str]:
    """What all that a glob matches begins and ends with."""
    first = min((at for sign in "*?" if (at := glob.find(sign)) >= 0), default=len(glob))
    last = max(glob.rfind("*"), glob.rfind("?"))
    return glob[:first], glob[last + 1 :]
