"""Which rules run: `select`, `ignore` and `extend-select` by code, prefix of a code, or name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iamlint.rule import Rule

ABOUT_ITSELF = {
    "IAM901": "expired-ignore",
    "IAM902": "unused-ignore",
    "IAM903": "ignore-without-because",
    "IAM904": "internal-error",
}
"""The codes that the engine itself gives; they may be ignored, save IAM904."""


class UnknownSelector(ValueError):
    """A selector matches no rule; `suggestion` is the nearest code or name, or None."""

    def __init__(self, selector: str, suggestion: str | None) -> None:
        self.selector = selector
        self.suggestion = suggestion
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        super().__init__(f"no rule matches `{selector}`{hint}")


def select(
    rules: Sequence[Rule],
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
) -> tuple[Rule, ...]:
    """The rules to run.

    Without `select`, those that are on by default.  The longer selector wins between `select`
    and `ignore`, so that `--select IAM1 --ignore IAM106` and the reverse both do what they say;
    of equals, `ignore` wins.  Raises UnknownSelector.
    """
    wanted, unwanted, extra = list(select), list(ignore), list(extend_select)
    for selector in (*wanted, *unwanted, *extra):
        _known(selector, rules)
    chosen = []
    for rule in rules:
        on = max((_weight(selector, rule) for selector in (*wanted, *extra)), default=0)
        if not on and not wanted and rule.default:
            on = 1
        off = max((_weight(selector, rule) for selector in unwanted), default=0)
        if on > off or (on == 1 and off == 0):
            chosen.append(rule)
    return tuple(chosen)


def matches(selector: str, code: str, name: str) -> bool:
    """True if a selector means this rule: its name, its code, a prefix of its code, or `ALL`."""
    return bool(_length(selector, code, name))


def _weight(selector: str, rule: Rule) -> int:
    length = _length(selector, rule.code, rule.name)
    # A rule that is off by default runs only if it is meant by itself, or by ALL.
    if length and not rule.default and length <= len("IAM1") and selector.upper() != "ALL":
        return 0
    return length


def _length(selector: str, code: str, name: str) -> int:
    upper = selector.upper()
    if selector == name or upper == code:
        return 100
    if upper == "ALL":
        return 2
    return len(selector) if len(selector) >= 3 and code.startswith(upper) else 0


def _known(selector: str, rules: Sequence[Rule]) -> None:
    known = {rule.code: rule.name for rule in rules} | ABOUT_ITSELF
    if any(matches(selector, code, name) for code, name in known.items()):
        return
    import difflib

    names = [*known, *known.values()]
    wanted = selector.upper() if selector[:3].upper() == "IAM" else selector.lower()
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    raise UnknownSelector(selector, near[0] if near else None)
