"""Whether conditions and policy variables are written as AWS reads them: the finer points of the grammar.

The faults are those of Access Analyzer's policy checks (IAM User Guide,
access-analyzer-reference-policy-checks) that need no account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.iam import keys, operators
from iamlint.iam.policy import Condition, Element, Statement

# Patterns are compiled when they are first asked for: few runs ask for all of them.
_PLACEHOLDER = r"<[^<>]*>|\b[A-Z]+_[A-Z_]+\b|\{\{.*\}\}|\b(REGION|ACCOUNT|PLACEHOLDER)\b"


def is_placeholder(text: str) -> bool:
    """True for a text that is meant to be filled in (`<my-vpc>`, `ACCOUNT_ID`)."""
    return re.search(_PLACEHOLDER, text) is not None


def of_operator(condition: Condition) -> str | None:
    """What is wrong with an operator, in words; None if it is one, or is not known."""
    written = condition.operator.literal
    if written is None:
        return None
    bare = written.rpartition(":")[2].lower()
    if bare == "nullifexists":
        return "`Null` asks whether the key is there, so `IfExists` makes no sense with it"
    if bare == "null" and ":" in written:
        return f"`{written}` is `Null`: a key is there or not, whatever its values"
    if operators.operator(written) is None:
        return f"`{written}` is no condition operator"
    return None


def same_key_twice(statement: Statement) -> Iterator[tuple[Condition, Condition]]:
    """Conditions under one operator on one key that is spelled in two ways, which AWS rejects."""
    seen: dict[tuple[str, str], Condition] = {}
    for condition in statement.conditions:
        operator, key = condition.operator.literal, condition.key.literal
        if operator is None or key is None:
            continue
        first = seen.setdefault((operator, key.lower()), condition)
        if first.key.literal != key:
            yield first, condition


_VARIABLE = r"\$\{([^{}]*)\}"
# The keys of tags may hold blanks.
_NAMED = r"[*?$]|[\w.:=+@-]+(?:/[\w.:/=+@ -]+)?(?:\s*,\s*'[^']*')?"


def of_variables(text: str) -> str | None:
    """What is wrong with the policy variables in a text, in words; None if nothing is."""
    rest = re.sub(_VARIABLE, "", text)
    if "${" in rest:
        return "a policy variable lacks its closing brace"
    for name in re.findall(_VARIABLE, text):
        if not name.strip():
            return "a policy variable has no name"
        if re.fullmatch(_NAMED, name):
            continue
        if name.count("'") % 2:
            return "the default of a policy variable lacks a quote"
        if name != name.strip() or " " in name.partition(",")[0].partition("/")[0]:
            return "a policy variable may hold no blanks"
        return f"`${{{name[:40]}}}` is no policy variable"
    return None


_WITHOUT_VARIABLES = ("numeric", "date", "ip", "binary", "null")
REGION = (
    r"(af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso[a-z]?|eu-isoe)"
    r"-(de-|de|north|south|east|west|central|northeast|northwest|southeast|southwest)+-\d"
)
"""The form of a region's name, as a regular expression."""

_SHAPES = {
    "aws:sourcevpc": r"vpc-[0-9a-f]{8,17}",
    "aws:sourcevpce": r"vpce-[0-9a-f]{8,17}",
    "aws:requestedregion": REGION,
}
_SHAPE = {
    "aws:sourcevpc": "VPC, as `vpc-0a1b2c3d`",
    "aws:sourcevpce": "VPC endpoint, as `vpce-0a1b2c3d`",
    "aws:requestedregion": "region, as `eu-west-1`",
}


def of_values(condition: Condition) -> Iterator[tuple[Element, str]]:
    """The values that a condition cannot mean, each with the reason in words."""
    operator = operators.operator(condition.operator.literal or "")
    key = (condition.key.literal or "").lower()
    if operator is None:
        return
    known = [(value, text) for value in condition.values if (text := value.literal) is not None]
    for value, text in known:
        if "${" in text:
            if operator.family in _WITHOUT_VARIABLES:
                yield value, f"`{condition.operator}` knows no policy variables"
            continue
        plain = operator.family == "string" and not set(text) & set("*?")
        if plain and key in _SHAPES and not re.fullmatch(_SHAPES[key], text):
            yield value, f"`{text}` is no {_SHAPE[key]} is"
        if operator.family == "ip" and (network := _meant(text)):
            yield value, f"`{text}` stands for `{network}`"
    both = {text.lower() for _, text in known} >= {"true", "false"}
    if both and operator.family == "bool" and not operator.negated:
        yield known[1][0], "`true` and `false` together ask nothing"


def _meant(text: str) -> str:
    """The network that a range with bits beyond its mask stands for; "" where there are none."""
    if "/" not in text:
        return ""
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ""
    written = text.partition("/")[0]
    try:
        return "" if ipaddress.ip_address(written) == network.network_address else str(network)
    except ValueError:
        return ""


def lacks_qualifier(condition: Condition) -> bool:
    """True if a key that holds a set of values is compared as if it held one."""
    operator = operators.operator(condition.operator.literal or "")
    found = keys.find(condition.key.literal or "")
    return (
        operator is not None
        and operator.quantifier is None
        and operator.family != "null"
        and found is not None
        and found.multivalued
    )


def private_addresses(condition: Condition) -> list[Element]:
    """The values of a condition on `aws:SourceIp` that no address on the internet is in."""
    operator = operators.operator(condition.operator.literal or "")
    key = (condition.key.literal or "").lower()
    if operator is None or operator.family != "ip" or key != "aws:sourceip":
        return []
    return [value for value in condition.values if _is_private(value.literal or "")]


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def _is_private(text: str) -> bool:
    import ipaddress

    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return False
    return any(network.subnet_of(ipaddress.IPv4Network(private)) for private in _PRIVATE)
