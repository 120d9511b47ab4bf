"""Policies that are written anew: the text of a file in each language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from iamlint import escape
from iamlint.fix import hcl_text
from iamlint.fix.hcl_format import formatted
from iamlint.fix.language import Value
from iamlint.fix.yaml_text import Layout, string


class NewPolicies(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written.

    `policies` is AWS policy JSON; `header` the comment lines on top; `marks` comments by the Sid
    of the statement that they stand above.  `name` is the policies' name where `named`, else
    only what their resources are called after.  `attach` is a principal: the address of a
    `aws_iam_role`, `aws_iam_user` or `aws_iam_group` in Terraform, a name in CloudFormation.
    """

    policies: Sequence[dict[str, Any]]
    name: str
    named: bool = True
    header: Sequence[str] = ()
    marks: Mapping[str, str] = {}
    description: str = ""
    tags: Mapping[str, str] = {}
    attach: str = ""
    attach_kind: str = "role"


def as_json(document: Mapping[str, Any]) -> str:
    """One policy as JSON, as people write it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_terraform(new: NewPolicies) -> str:
    """`aws_iam_policy` resources, and their attachments; as `terraform fmt` leaves them."""
    parts = [_comments(new.header, "")] if new.header else []
    for name, document in _numbered(new):
        label = _label(name)
        parts.append(_policy_resource(new, name, label, document))
        if new.attach:
            kind = new.attach_kind
            parts.append(
                f'resource "aws_iam_{kind}_policy_attachment" "{label}" {{\n'
                f"{kind} = {new.attach}.name\npolicy_arn = aws_iam_policy.{label}.arn\n}}\n"
            )
    return formatted("\n".join(parts))


def as_cloudformation(new: NewPolicies) -> str:
    """A template of `AWS::IAM::ManagedPolicy` resources."""
    layout = Layout(2, 2, "\n")
    lines = [
        *(f"# {escape.terminal(line)}".rstrip() for line in new.header),
        'AWSTemplateFormatVersion: "2010-09-09"',
    ]
    if new.description:
        lines.append(f"Description: {string(new.description)}")
    lines.append("Resources:")
    for name, document in _numbered(new):
        lines += [f"  {_logical(name)}:", "    Type: AWS::IAM::ManagedPolicy", "    Properties:"]
        if new.named:
            lines.append(f"      ManagedPolicyName: {string(name)}")
        if new.description:
            lines.append(f"      Description: {string(new.description)}")
        if new.attach:
            lines += [f"      {new.attach_kind.capitalize()}s:", f"        - {string(new.attach)}"]
        lines += [
            "      PolicyDocument:",
            f"        Version: {json.dumps(document['Version'])}",
            "        Statement:",
        ]
        for statement in document["Statement"]:
            mark = new.marks.get(statement.get("Sid", ""))
            if mark:
                lines.append(f"          # {escape.terminal(mark)}")
            lines.append(" " * 10 + layout.item(statement, 10))
    return "\n".join(lines) + "\n"


def _policy_resource(new: NewPolicies, name: str, label: str, document: dict[str, Any]) -> str:
    lines = [f'resource "aws_iam_policy" "{label}" {{', f"name = {hcl_text.string(name)}"]
    if new.description:
        lines.append(f"description = {hcl_text.string(new.description)}")
    lines += ["", "policy = jsonencode({", f'Version = "{document["Version"]}"', "Statement = ["]
    for statement in document["Statement"]:
        mark = new.marks.get(statement.get("Sid", ""))
        if mark:
            lines.append(f"# {escape.terminal(mark)}")
        lines.append(hcl_text.render(statement, "    ") + ",")
    lines += ["]", "})"]
    if new.tags:
        tags: dict[str, Value] = dict(new.tags)
        lines += ["", f"tags = {hcl_text.render(tags, '')}"]
    return "\n".join([*lines, "}"]) + "\n"


def _comments(lines: Sequence[str], indent: str) -> str:
    return "".join(f"{indent}# {escape.terminal(line)}".rstrip() + "\n" for line in lines)


def _numbered(new: NewPolicies) -> list[tuple[str, dict[str, Any]]]:
    """The policies with their names: a number each where there are several."""
    if len(new.policies) == 1:
        return [(new.name, new.policies[0])]
    return [(f"{new.name}-{count}", each) for count, each in enumerate(new.policies, 1)]


def _label(name: str) -> str:
    """A Terraform name: `media-app`, `MediaApp` -> `media_app`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    label = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()
    return label if label[:1].isalpha() else f"policy_{label}"


def _logical(name: str) -> str:
    """A logical ID: `media-app` -> `MediaAppPolicy`."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return joined if joined.endswith("Policy") else f"{joined}Policy"
