"""Accepting findings in configuration: ignores by path and Sid, archive rules by what a finding is about.

Archive rules are Access Analyzer's: criteria on the type and name of the resource, the principal
and the condition, all of which must hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from iamlint.finding import Finding
from iamlint.iam import narrowing, pattern
from iamlint.rule import Principal, Project, Statement

EXTERNAL = ("IAM201", "IAM206", "IAM301", "IAM302")
"""The rules on access from outside, which an archive rule is about unless it names others."""


class Entry(Protocol):
    """An ignore in configuration, for files that cannot carry comments."""

    @property
    def rules(self) -> Sequence[str]: ...
    @property
    def because(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def sid(self) -> str | None: ...
    @property
    def until(self) -> str | None: ...


class ArchiveRule(msgspec.Struct, frozen=True, kw_only=True):
    """Findings that are accepted, by criteria of which all must hold, in patterns with `*` and `?`.

    `type` is the type of the resource (`aws_s3_bucket_policy`, `AWS::S3::*`), `resource` its
    address or what a statement names, `principal` whom it lets in (all of those that the finding
    is about), `condition` keys with the values that the statement must demand at most.
    """

    because: str
    rules: tuple[str, ...] = EXTERNAL
    name: str = ""
    type: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    principal: tuple[str, ...] = ()
    condition: Mapping[str, Sequence[str]] = {}
    until: str | None = None

    @property
    def title(self) -> str:
        """What the user calls it."""
        return f"archive rule `{self.name or ', '.join(self.rules)}`"


class Accepting:
    """The entries and archive rules of a configuration, and which of them hid anything."""

    def __init__(
        self, entries: Sequence[Entry], archive: Sequence[ArchiveRule], project: Project, today: str
    ) -> None:
        self._sites = {site.key: site for site in project.sites}
        self._entries = [e for e in entries if not expired(e.until, today) and e.because.strip()]
        self._archive = [a for a in archive if not expired(a.until, today) and a.because.strip()]
        self._used: set[int] = set()
        self._past = [
            (title, until) for title, until in _named(entries, archive) if expired(until, today)
        ]

    def accepts(self, finding: Finding) -> bool:
        """True if an entry or archive rule that is in force is about a finding."""
        found = [e for e in self._entries if means(e.rules, finding) and self._is_at(e, finding)]
        found_by = [a for a in self._archive if means(a.rules, finding) and self._fits(a, finding)]
        self._used |= {id(each) for each in (*found, *found_by)}
        return bool(found or found_by)

    def expired(self) -> tuple[str, ...]:
        """What is to be told of those that have expired."""
        return tuple(
            f"the {title} expired on {until} and hides nothing" for title, until in self._past
        )

    def idle(self) -> tuple[str, ...]:
        """What is to be told of those that hid nothing."""
        every: list[Entry | ArchiveRule] = [*self._entries, *self._archive]
        idle = [each for each in every if id(each) not in self._used]
        return tuple(f"the {title} hides nothing" for title, _ in _named_of(idle))

    def _is_at(self, entry: Entry, finding: Finding) -> bool:
        from fnmatch import fnmatchcase

        if not fnmatchcase(finding.place.path, entry.path):
            return False
        if entry.sid is None:
            return True
        statement = self._statement(finding)
        sid = statement.sid if statement is not None else None
        return sid is not None and sid.literal == entry.sid

    def _fits(self, rule: ArchiveRule, finding: Finding) -> bool:
        site = self._sites.get(finding.site_key)
        if rule.type and (site is None or not _any(rule.type, site.resource_type)):
            return False
        statement = self._statement(finding)
        if rule.resource and not _any(rule.resource, finding.address):
            named = [str(element) for element in statement.resources] if statement else []
            if not named or not all(_any(rule.resource, text) for text in named):
                return False
        if rule.principal:
            whom = _principals(statement, finding) if statement else []
            if not whom or not all(_is_one_of(each, rule.principal) for each in whom):
                return False
        if rule.condition:
            if statement is None:
                return False
            return all(_demands(statement, key, of) for key, of in rule.condition.items())
        return True

    def _statement(self, finding: Finding) -> Statement | None:
        """The statement that a finding stands in."""
        site = self._sites.get(finding.site_key)
        start = finding.place.span.start
        for statement in site.policy.statements if site and site.policy else ():
            place = statement.place
            if place.path == finding.place.path and place.span.start <= start < place.span.end:
                return statement
        return None


def expired(until: str | None, today: str) -> bool:
    """True if a date is past; both are ISO dates, the first may be missing."""
    return bool(until) and str(until) < today


def means(rules: Sequence[str], finding: Finding) -> bool:
    """True if a finding's rule is among these codes and names."""
    return any(name.upper() == finding.rule or name == finding.name for name in rules)


def _named(entries: Sequence[Entry], archive: Sequence[ArchiveRule]) -> list[tuple[str, str]]:
    return _named_of([*entries, *archive])


def _named_of(each: Sequence[Entry | ArchiveRule]) -> list[tuple[str, str]]:
    return [
        (
            one.title
            if isinstance(one, ArchiveRule)
            else f"ignore of `{', '.join(one.rules)}` in `{one.path}`",
            one.until or "",
        )
        for one in each
    ]


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(pattern.matches(each, text) for each in patterns)


def _principals(statement: Statement, finding: Finding) -> list[Principal]:
    """The principals that a finding is about: the one it points at, else all of its statement."""
    at = finding.place
    pointed = [
        each
        for each in statement.principals
        if each.element.place.path == at.path and each.element.place.span == at.span
    ]
    if statement.not_principal:
        return []
    return pointed or list(statement.principals)


def _is_one_of(principal: Principal, patterns: Sequence[str]) -> bool:
    """True if a principal matches a pattern; an account is itself and the ARN of its root."""
    text = str(principal.element)
    names = [text]
    if len(text) == 12 and text.isdigit():
        names.append(f"arn:aws:iam::{text}:root")
    elif text.endswith(":root") and text.count(":") == 5:
        names.append(text.split(":")[4])
    # A bare `*` is anyone, and accepted only where that is what is written.
    return any(
        name == each if name == "*" else pattern.matches(each, name)
        for name in names
        for each in patterns
    )


def _demands(statement: Statement, key: str, values: Sequence[str]) -> bool:
    """True if a statement holds only for these values of a key."""
    return any(
        found.key == key.lower()
        and found.condition.values
        and all(_any(values, str(value)) for value in found.condition.values)
        for found in narrowing.narrowings(statement)
    )
