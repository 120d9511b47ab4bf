"""Statements of templates in any layout are edited to exactly what was meant, or not at all."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.fix import render
from iamlint.fix.language import CannotEdit, StatementChange
from iamlint.fix.template import TemplateWriter
from iamlint.iam.encode import to_json
from iamlint.sources.cloudformation.read import read
from iamlint.sources.site import PolicySite
from iamlint.text import SourceText

ACTIONS = st.sampled_from(["s3:*", "*", "s3:Get*", "logs:PutLogEvents", "iam:PassRole", "ec2:?un*"])
RESOURCES = st.sampled_from(
    ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b", "arn:aws:iam::1:role/r", "arn:aws:s3:::é #1/*"]
)


def one_or_more(items: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return items | st.lists(items, min_size=1, max_size=4, unique=True)


CONDITION = st.fixed_dictionaries(
    {
        "StringEquals": st.fixed_dictionaries(
            {"aws:RequestedRegion": one_or_more(st.just("eu-west-1"))}
        )
    }
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.just("Allow"),
        "Action": one_or_more(ACTIONS),
        "Resource": one_or_more(RESOURCES),
    },
    optional={"Sid": st.sampled_from(["One", "Two"]), "Condition": CONDITION},
)
POLICIES = st.lists(STATEMENTS, min_size=1, max_size=3)
LAYOUTS = st.sampled_from(
    [
        "yaml",
        "yaml dashes",
        "yaml wide",
        "yaml single",
        "yaml double",
        "yaml flow",
        "yaml comments",
        "yaml crlf",
        "json 2",
        "json 4",
        "json tab",
        "json compact",
        "json crlf",
        "text",
    ]
)


class Indented(yaml.SafeDumper):
    """Writes lists one level deeper than their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def written(policy: dict[str, Any], layout: str) -> str:
    """A template with the policy, written in a layout."""
    kind, _, how = layout.partition(" ")
    content: Any = policy
    if kind == "text":
        content = json.dumps(policy, indent=2, ensure_ascii=False)
    template = {
        "Resources": {
            "Before": {"Type": "AWS::S3::Bucket"},
            "P": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": content, "Description": "x"},
            },
            "After": {"Type": "AWS::S3::Bucket"},
        }
    }
    if kind == "json":
        indent = {"2": 2, "4": 4, "tab": "\t", "crlf": 2}.get(how)
        text = json.dumps(template, indent=indent, ensure_ascii=False) + "\n"
    elif kind == "text":
        block = "\n".join(" " * 8 + line for line in content.split("\n"))
        text = (
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
            f"      PolicyDocument: |\n{block}\n      Description: x\n"
        )
    else:
        text = yaml.dump(
            template,
            Dumper=Indented if how in ("dashes", "comments") else yaml.SafeDumper,
            indent=4 if how == "wide" else 2,
            default_style={"single": "'", "double": '"'}.get(how),
            default_flow_style=how == "flow",
            sort_keys=False,
            allow_unicode=True,
        )
    if how == "comments":
        lines = text.split("\n")
        text = "\n".join(
            f"{line} # note {number}" if number % 3 == 0 and line else line
            for number, line in enumerate(lines)
        )
    return text.replace("\n", "\r\n") if how == "crlf" else text


def site_of(source: SourceText) -> PolicySite:
    (site,) = read(source).sites
    assert site.policy is not None, site.problems
    return site


@given(POLICIES, LAYOUTS, st.data())
@settings(max_examples=300, deadline=None)
def test_edits_give_what_was_meant(
    statements: list[dict[str, Any]], layout: str, data: st.DataObject
) -> None:
    for number, statement in enumerate(statements):
        if "Sid" in statement:
            statement["Sid"] += str(number)
    policy = {"Version": "2012-10-17", "Statement": statements}
    source = SourceText("t", written(policy, layout))
    site = site_of(source)
    assert site.policy is not None
    assert even(to_json(site.policy)["Statement"]) == even(statements)
    changes = []
    expected: list[dict[str, Any]] = []
    for index, old in enumerate(statements):
        drawn = data.draw(st.none() | st.lists(STATEMENTS, max_size=2))
        if drawn is None:
            expected.append(old)
            continue
        # An element of the old statement never falls away.
        new = [{**old, **each} for each in drawn]
        changes.append(StatementChange(index, site.policy.statements[index], tuple(new)))
        expected += new
    if not changes or not expected:
        return
    try:
        edits = TemplateWriter(source).statements(site, changes)
    except CannotEdit:
        assert layout in ("yaml flow", "text", "yaml comments", "json compact")
        return
    files = render.edited(edits)
    edited = SourceText("t", files["t"][1] if "t" in files else source.text)
    after = site_of(edited)
    assert after.policy is not None
    assert even(to_json(after.policy)["Statement"]) == even(expected)
    if "crlf" in layout:
        assert edited.text.count("\n") == edited.text.count("\r\n")
    if layout.startswith("json"):
        json.loads(edited.text)


def even(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lists of one item as the item, others in order: what stays keeps its text and its place."""
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(statements), object_hook=lambda each: {k: lone(v) for k, v in each.items()}
    )


def lone(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value[0] if len(value) == 1 else sorted(value)
    return value
