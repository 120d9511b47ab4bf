"""decide and compare against a naive evaluator written from the grammar, on random policies.

The naive evaluator translates patterns to regular expressions and walks plain JSON.  It knows
nothing of the engine's models; what it and the engine say about a request must agree, and what
compare calls contained must never be refuted by a request.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from datetime import datetime
from random import Random
from typing import Any

import pytest

from iamlint.iam.compare import within
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import decode, from_json
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text

Json = dict[str, Any]
Context = dict[str, list[str]]

# The naive evaluator


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Undefined(Exception):
    """AWS does not say what this means."""


def regex(
    pattern: str, context: Context | None, *, wild: bool = True, arn: bool = False
) -> str | None:
    """A regular expression of a policy string; None if it has a variable without a value."""
    pieces, colons, at = [], 0, 0
    if arn and pattern != "*":
        pattern += ":*" * (5 - pattern.count(":"))
    while at < len(pattern):
        variable = re.compile(r"\$\{([^}]*)\}").match(pattern, at) if context is not None else None
        if variable:
            name, at = variable.group(1), variable.end()
            if name in ("*", "?", "$"):
                pieces.append(re.escape(name))
                continue
            key, _, default = name.partition(",")
            held = context.get(key.strip().lower()) if context is not None else None
            if not held:
                if not default:
                    return None
                held = [default.strip().strip("'")]
            if len(held) > 1:
                raise Undefined
            pieces.append(re.escape(held[0]))
            continue
        character = pattern[at]
        at += 1
        colons += character == ":"
        inner = "[^:]" if arn and colons < 5 and pattern != "*" else "."
        if wild and character == "*":
            pieces.append(inner + "*")
        elif wild and character == "?":
            pieces.append(inner)
        else:
            pieces.append(re.escape(character))
    return "".join(pieces)


def like(expression: str | None, value: str, flags: int = 0) -> bool:
    return expression is not None and bool(
        re.compile(expression + r"\Z", re.DOTALL | flags).match(value)
    )


def when(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def hits(base: str, value: str, wanted: str, context: Context | None) -> bool:
    if base.startswith("arn"):
        return like(regex(wanted, context, arn=True), value)
    if base == "stringlike":
        return like(regex(wanted, context), value)
    if base == "stringequals":
        return like(regex(wanted, context, wild=False), value)
    if base == "stringequalsignorecase":
        return like(regex(wanted, context, wild=False), value, re.IGNORECASE)
    if base == "bool":
        return value.lower() == wanted.lower()
    if base == "binaryequals":
        return value == wanted
    if base == "ipaddress":
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, False)
        except ValueError:
            return False
    try:
        left, right = when(value), when(wanted)
    except ValueError:
        return False
    return {
        "equals": left == right,
        "lessthan": left < right,
        "lessthanequals": left <= right,
        "greaterthan": left > right,
        "greaterthanequals": left >= right,
    }[re.sub("^(numeric|date)", "", base)]


NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotlike": "arnlike",
    "arnnotequals": "arnequals",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


def condition(
    operator: str, key: str, wanted: list[Any], context: Context, variables: bool
) -> bool:
    quantifier, _, base = operator.lower().rpartition(":")
    held = context.get(key.lower()) or []
    if base == "null":
        return any((not held) == (str(each).lower() == "true") for each in wanted)
    if_exists = base.endswith("ifexists")
    base = base.removesuffix("ifexists")
    negated = base in NEGATED
    base = NEGATED.get(base, base)
    if not held:
        return quantifier != "foranyvalue" and (
            negated or if_exists or quantifier == "forallvalues"
        )
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in wanted]
    each = [
        any(hits(base, value, text, context if variables else None) for text in texts) != negated
        for value in held
    ]
    if not quantifier and len(set(each)) > 1:
        raise Undefined
    return all(each) if quantifier == "forallvalues" else any(each)


def applies(statement: Json, variables: bool, action: str, resource: str, context: Context) -> bool:
    values = context if variables else None
    names = many(statement.get("Action", statement.get("NotAction")))
    named = any(like(regex(name, None), action, re.IGNORECASE) for name in names)
    if named == ("NotAction" in statement):
        return False
    places = many(statement.get("Resource", statement.get("NotResource")))
    patterns = [regex(place, values) for place in places]
    if "NotResource" in statement and None in patterns:
        raise Undefined
    if any(like(pattern, resource) for pattern in patterns) == ("NotResource" in statement):
        return False
    return all(
        condition(operator, key, many(wanted), context, variables)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def allows(document: Json, action: str, resource: str, context: Context) -> bool:
    variables = document.get("Version") == "2012-10-17"
    applying = [
        statement["Effect"]
        for statement in many(document["Statement"])
        if applies(statement, variables, action, resource, context)
    ]
    return "Allow" in applying and "Deny" not in applying


# Random policies and requests

ACTIONS = [
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "*",
    "s3:?etObject",
    "s3:*Object",
    "ec2:Run*",
    "S3:PUTobject",
    "*:Get*",
    "ec2:*",
    "s3:GetObjectAcl",
]
PLACES = [
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/home/${aws:username}/*", "arn:aws:s3:::*",
    "arn:aws:s3:::b/home/bob/*", "arn:aws:s3:::b/${*}", "arn:aws:s3:::?/x", "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'all'}/*",
    "arn:*:s3:::b/*", "arn:aws:s3:::b/*/x", "arn:aws:s3:::${aws:username}/*",
]  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "string": ["a", "b", "A", "a*", "*", "?", "${aws:username}", "bob", "a?"],
    "arn": ["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/x", "*", "arn:aws:iam::111122223333:role/x", "arn:*:*:*:*:user/*"],
    "numeric": ["1", "5", "5.5", 10],
    "date": ["2026-01-01T00:00:00Z", "2026-06-01", "1767225600"],
    "bool": ["true", "false", True],
    "ip": ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "2001:db8::/32"],
    "binary": ["eHl6", "QUJD"],
}  # fmt: skip
OPERATORS = {
    "string": ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
    "arn": ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
    "numeric": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"],
    "date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    "bool": ["Bool"],
    "ip": ["IpAddress", "NotIpAddress"],
    "binary": ["BinaryEquals"],
}  # fmt: skip
KEYS = {
    "string": ["aws:PrincipalTag/team", "aws:username", "s3:prefix"],
    "arn": ["aws:SourceArn"],
    "numeric": ["s3:max-keys"],
    "date": ["aws:TokenIssueTime"],
    "bool": ["aws:MultiFactorAuthPresent"],
    "ip": ["aws:VpcSourceIp"],
    "binary": ["x:Binary"],
}
REQUESTED = {
    "string": ["a", "b", "A", "aa", "bob", "B"],
    "arn": ["arn:aws:iam::111122223333:role/x", "arn:aws:iam::444455556666:role/x", "arn:aws:iam::111122223333:user/bob"],
    "numeric": ["0", "1", "5", "5.2", "5.5", "11"],
    "date": ["2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00Z"],
    "bool": ["true", "false"],
    "ip": ["10.1.2.3", "10.2.0.1", "192.0.2.1", "8.8.8.8", "2001:db8::1"],
    "binary": ["eHl6", "QUJD", "eHl6eA=="],
}  # fmt: skip


def block(source: Random) -> Json:
    found: Json = {}
    for _ in range(source.choice([0, 0, 1, 1, 2])):
        family = source.choice(["string", "string", *OPERATORS])
        key = source.choice(KEYS[family])
        if source.random() < 0.15:
            found["Null"] = {key: source.choice(["true", "false"])}
            continue
        quantifier = source.choice(["", "", "", "ForAllValues:", "ForAnyValue:"])
        suffix = "IfExists" if source.random() < 0.25 else ""
        values = source.choices(VALUES[family], k=source.choice([1, 1, 2]))
        found[quantifier + source.choice(OPERATORS[family]) + suffix] = {key: values}
    return found


def statement(source: Random) -> Json:
    found: Json = {"Effect": source.choice(["Allow", "Allow", "Allow", "Deny"])}
    for name, values in (("Action", ACTIONS), ("Resource", PLACES)):
        chosen = source.choices(values, k=source.choice([1, 1, 2, 3]))
        negated = source.random() < 0.15
        found["Not" + name if negated else name] = chosen if len(chosen) > 1 else chosen[0]
    limits = block(source)
    if limits:
        found["Condition"] = limits
    return found


def document(source: Random) -> Json:
    version = source.choice([{"Version": "2012-10-17"}] * 5 + [{"Version": "2008-10-17"}, {}])
    return {**version, "Statement": [statement(source) for _ in range(source.choice([1, 2, 3]))]}


def pair(source: Random) -> tuple[Json, Json]:
    """Two policies, often made of the same statements, so that containment is not rare."""
    old, new = document(source), document(source)
    if source.random() < 0.6:
        kept = source.choices(old["Statement"], k=source.choice([1, 2, 3]))
        extra = new["Statement"][:1] if source.random() < 0.3 else []
        denies = [each for each in old["Statement"] if each["Effect"] == "Deny"]
        same = [narrowed(source, each) for each in kept]
        new = {**old, "Statement": [*same, *extra, *denies[: source.choice([0, 1, 2])]]}
    return new, old


def narrowed(source: Random, statement: Json) -> Json:
    found = dict(statement)
    if source.random() < 0.5 and "Action" in found:
        found["Action"] = source.choice(["s3:GetObject", "s3:Get*", "ec2:RunInstances"])
    if source.random() < 0.5 and "Resource" in found:
        found["Resource"] = source.choice(PLACES)
    if source.random() < 0.3:
        found["Condition"] = {**found.get("Condition", {}), **block(source)}
    return found


ASKED_ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObjectAcl",
    "ec2:RunInstances",
    "ec2:GetX",
    "iam:GetUser",
]
ASKED_PLACES = [
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::b/home/bob/x", "arn:aws:s3:::b/home/a/y",
    "arn:aws:s3:::c/x", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn:aws-cn:s3:::b/x",
    "arn:aws:s3:::b/*", "arn:aws:s3:::b/a/x", "arn:aws:s3:::b/all/x",
]  # fmt: skip


def request(source: Random) -> tuple[str, str, Context]:
    context: Context = {}
    for family, keys in KEYS.items():
        for key in keys:
            held = source.sample(REQUESTED[family], source.choice([0, 1, 1, 2]))
            if held:
                context[key.lower()] = held
    return source.choice(ASKED_ACTIONS), source.choice(ASKED_PLACES), context


# The comparisons


def decided(document: Json, action: str, resource: str, context: Context) -> bool | None:
    policy = from_json(document, "policy.json")
    given: dict[str, Any] = {"aws:username": None, **context}
    asked = Request(
        "arn:aws:iam::111122223333:role/x", action, resource, given, complete_context=True
    )
    return decide(asked, PolicySet(identity=[policy])).allowed


@pytest.mark.parametrize("seed", range(10))
def test_decide_agrees_with_the_naive_evaluator(seed: int) -> None:
    source = Random(seed)
    judged = 0
    for _ in range(150):
        policy = document(source)
        for action, resource, context in [request(source) for _ in range(5)]:
            try:
                expected = allows(policy, action, resource, context)
            except Undefined:
                continue
            judged += 1
            found = decided(policy, action, resource, context)
            assert found is expected, (policy, action, resource, context)
    assert judged > 400


@pytest.mark.parametrize("seed", range(10))
def test_no_request_refutes_compare(seed: int) -> None:
    """Contained: no request is allowed by the new policy alone.  Not contained: the witness is."""
    source = Random(1000 + seed)
    seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    for _ in range(150):
        new, old = pair(source)
        answer = within([from_json(new, "new.json")], [from_json(old, "old.json")], witnesses="any")
        seen[answer.contained] += 1
        if answer.contained is False:
            assert answer.witness is not None
            given = {
                key.lower(): [value] if isinstance(value, str) else list(value)
                for key, value in answer.witness.context.items()
                if value is not None
            }
            asked = [(answer.witness.action, answer.witness.resource, given)]
        else:
            asked = [request(source) for _ in range(40)] if answer.contained else []
        for action, resource, context in asked:
            try:
                difference = allows(new, action, resource, context) and not allows(
                    old, action, resource, context
                )
            except Undefined:
                continue
            assert difference is not answer.contained, (new, old, action, resource, context)
    assert seen[True] > 30, seen
    assert seen[False] > 30, seen
    assert seen[None] < 10, seen


# Policies that name principals

ROLE, SESSION = "arn:aws:iam::111122223333:role/x", "arn:aws:sts::111122223333:assumed-role/x/s"
CALLERS = [
    ROLE, SESSION, "arn:aws:iam::111122223333:role/y", "arn:aws:iam::111122223333:user/bob",
    "arn:aws:iam::444455556666:user/eve", "Service:ec2.amazonaws.com", "Service:x.amazonaws.com", "*",
]  # fmt: skip
NAMED: list[Any] = [
    "*", {"AWS": "*"}, {"AWS": "111122223333"}, {"AWS": "arn:aws:iam::111122223333:root"}, {"AWS": ROLE},
    {"AWS": SESSION}, {"AWS": ["arn:aws:iam::111122223333:user/bob", ROLE]}, {"Service": "ec2.amazonaws.com"},
    {"AWS": "444455556666", "Service": "ec2.amazonaws.com"},
]  # fmt: skip


def meant(named: Any, who: str) -> bool:
    if named == "*":
        return True
    service = who.startswith("Service:")
    for kind, values in named.items():
        for value in many(values):
            if kind == "Service":
                if who == "Service:" + value:
                    return True
            elif value == "*":
                if not service:
                    return True
            elif not service and who != "*":
                account = value if value.isdigit() else value.split(":")[4]
                whole = value.isdigit() or value.endswith(":root")
                session = value == ROLE and who.startswith(SESSION.removesuffix("s"))
                if who == value or session or (whole and who.split(":")[4] == account):
                    return True
    return False


def serves(document: Json, who: str, action: str, resource: str, context: Context) -> bool:
    mine = [each for each in document["Statement"] if meant(each["Principal"], who)]
    return bool(mine) and allows({**document, "Statement": mine}, action, resource, context)


@pytest.mark.parametrize("seed", range(8))
def test_no_request_of_any_principal_refutes_compare(seed: int) -> None:
    source = Random(5000 + seed)
    seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    for _ in range(60):
        new, old = pair(source)
        for each in (*old["Statement"], *new["Statement"]):
            if source.random() < 0.7 or "Principal" not in each:
                each["Principal"] = source.choice(NAMED)
        sides = [from_json(side, "p.json", "resource") for side in (new, old)]
        answer = within(sides[:1], sides[1:], witnesses="any")
        seen[answer.contained] += 1
        if answer.contained is False:
            assert answer.witness is not None
            given = {
                key.lower(): [value] if isinstance(value, str) else list(value)
                for key, value in answer.witness.context.items()
                if value is not None
            }
            user = answer.witness.principal.partition(":user/")[2]
            if user:
                given.setdefault("aws:username", [user])
            found = answer.witness
            asked = [(found.principal, found.action, found.resource, given)]
        else:
            asked = []
            for _ in range(30 if answer.contained else 0):
                who, (action, resource, context) = source.choice(CALLERS), request(source)
                context.pop("aws:username", None)
                if ":user/" in who:
                    context["aws:username"] = [who.partition(":user/")[2]]
                asked.append((who, action, resource, context))
        for who, action, resource, context in asked:
            try:
                difference = serves(new, who, action, resource, context) and not serves(
                    old, who, action, resource, context
                )
            except Undefined:
                continue
            assert difference is not answer.contained, (new, old, who, action, resource, context)
    assert seen[True] > 3, seen
    assert seen[False] > 10, seen


# Holes

HOLES = {
    "b": Hole("b", "name"),
    "u": Hole("u", "unknown"),
    "a": Hole("a", "account"),
    "r": Hole("r", "resource"),
}
HOLE_VALUES = {
    "b": ["b", "logs", "b/home/bob", "x:y"],
    "u": ["b", "*", "b*", "?", "arn:aws:s3:::b"],
    "a": ["111122223333", "444455556666"],
    "r": ["arn:aws:s3:::b", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"],
}
HOLED_PLACES = [
    *PLACES[:6], "arn:aws:s3:::‹b›", "arn:aws:s3:::‹b›/*", "arn:aws:s3:::‹b›/home/${aws:username}/*", "‹u›",
    "arn:aws:s3:::‹u›/*", "arn:aws:ec2:*:‹a›:instance/*", "‹r›", "‹r›/*", "‹r›*", "arn:aws:s3:::b/‹b›/*",
]  # fmt: skip


def holed(value: Any) -> Node:
    """JSON data as nodes, with `‹x›` in strings as holes."""
    place = Place(SourceText("main.tf", ""), Span(0, 0))
    if isinstance(value, dict):
        pairs = (Entry(Scalar(place=place, value=k), holed(v)) for k, v in value.items())
        return MapNode(place=place, entries=tuple(pairs))
    if isinstance(value, list):
        return ListNode(place=place, items=tuple(map(holed, value)))
    if isinstance(value, str):
        parts = re.split("‹(.)›", value)
        return Scalar(
            place=place, value=Text.of(*(HOLES[p] if i % 2 else p for i, p in enumerate(parts)))
        )
    return Scalar(place=place, value=value)


def filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: filled(v, values) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, values) for v in value]
    if isinstance(value, str):
        return re.sub("‹(.)›", lambda match: values[match.group(1)], value)
    return value


@pytest.mark.parametrize(
    ("seed", "how"),
    [
        *((seed, {"witnesses": "any"}) for seed in range(3)),
        *((seed, {"world": "open"}) for seed in (3, 4)),
        (5, {"world": "catalogue"}),
    ],
)
def test_what_is_said_with_holes_holds_for_all_their_values(
    seed: int, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of answers that a hole takes part in, each value of the hole gives the same or leaves it open."""
    monkeypatch.setattr(sys.modules[__name__], "PLACES", HOLED_PLACES)
    monkeypatch.setitem(VALUES, "string", [*VALUES["string"], "‹b›", "‹b›*", "‹u›"])
    monkeypatch.setitem(VALUES, "arn", [*VALUES["arn"], "‹r›", "arn:aws:iam::‹a›:role/*"])
    source, steady = Random(9000 + seed), 0
    seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    for _ in range(70):
        new, old = pair(source)
        sides = [decode(holed(side), "identity")[0] for side in (new, old)]
        assert sides[0] is not None
        assert sides[1] is not None
        answer = within([sides[0]], [sides[1]], **how)
        seen[answer.contained] += 1
        steady += bool(answer.given)
        for _ in range(4 if answer.contained is not None else 0):
            values = {name: source.choice(choices) for name, choices in HOLE_VALUES.items()}
            after, before = filled(new, values), filled(old, values)
            found = within([from_json(after, "n")], [from_json(before, "o")], **how)
            # A value with which no resource exists makes no difference among those that do.
            void = answer.contained is False and found.contained and found.world == "catalogue"
            assert void or found.contained in (answer.contained, None), (after, before, new, old)
    assert seen[True] > 10, seen
    assert steady > 3, steady
