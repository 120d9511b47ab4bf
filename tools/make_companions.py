"""Write docs/companions.md: which actions are judged by the calls of others.

python tools/make_companions.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from iamlint.minimize.authorized import ACCOUNT_WIDE
from iamlint.minimize.triggers import FAMILIES, FOLLOWS, PASSED_TO, TRIGGERS, USERS_ONLY

FILE = Path(__file__).resolve().parent.parent / "docs" / "companions.md"


def page() -> str:
    """The page as a whole."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "<!-- made by tools/make_companions.py from linter/iamlint/minimize/triggers.py -->"
    yield ""
    yield "# Actions that are judged by other calls"
    yield ""
    yield "Some actions have no event of their own. iamlint keeps them where a call was seen, or may have been made unseen, in which they take effect. What is not listed here, and is no dependent action of the Service Authorization Reference, stays where its service is named."
    yield ""
    yield "## Narrowed to where another action was seen"
    yield ""
    yield "| action | follows | why |"
    yield "|---|---|---|"
    for action, leader in FOLLOWS.items():
        why = "a writer of logs makes the streams that it writes to: behaviour of the agents, of Lambda and of the SDKs' handlers, not promised by AWS. A process that writes for longer than the window to a stream made before it is missed"
        yield f"| `{action}` | `{leader}` | {why} |"
    yield ""
    yield "## Authorized against all resources of account and region"
    yield ""
    yield "| action | needs | source |"
    yield "|---|---|---|"
    for action, form in ACCOUNT_WIDE.items():
        source = "CloudWatch Logs User Guide, permissions-reference-cwl"
        yield f"| `{action}` | `{form}` | {source} |"
    yield ""
    yield "## With credentials that only users have"
    yield ""
    yield f"{_list(sorted(USERS_ONLY))}: bearer tokens are service-specific credentials of IAM users (IAM User Guide, id_credentials_service-specific-creds)."
    yield ""
    yield "## Kept where these calls are"
    yield ""
    yield "From the descriptions of the actions in the Service Authorization Reference. `@service`: only calls that the service makes under the role; they cannot be where the role's trust policy does not let it in."
    yield ""
    yield from _table(TRIGGERS)
    yield ""
    yield "The same for families of names; the first that fits counts."
    yield ""
    yield from _table(dict(FAMILIES))
    yield ""
    yield "## Roles are passed to"
    yield ""
    yield "For the advice to bind `iam:PassRole` with `iam:PassedToService`. From the services' guides on their roles."
    yield ""
    yield "| call | service |"
    yield "|---|---|"
    for call, service in sorted(PASSED_TO.items()):
        yield f"| `{call}` | `{service}` |"
    yield ""


def _table(rows: Mapping[str, Sequence[str]]) -> Iterator[str]:
    by_calls: dict[tuple[str, ...], list[str]] = {}
    for action, calls in rows.items():
        by_calls.setdefault(tuple(calls), []).append(action)
    yield "| action | calls |"
    yield "|---|---|"
    for calls, actions in by_calls.items():
        yield f"| {_list(actions)} | {_list(calls)} |"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
