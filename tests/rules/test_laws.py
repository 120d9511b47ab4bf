"""The general laws of the catalogue, with all rules at once: one cause, one finding, and only what is so.

Each case is a project; what it lists is everything that iamlint says of it, remarks aside.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from iamlint.finding import Severity
from iamlint.rule import Example, Settings
from iamlint.testing import findings
from iamlint_rules import RULES
from iamlint_rules.usage.demo import profile

ALL = [rule() for rule in RULES if rule.default]

Said = list[tuple[str, str]]


def said(example: Example, least: Severity = Severity.LOW) -> Said:
    """The rule and the text of every finding, in source order."""
    return [
        (finding.rule, finding.place.text.strip("\"'"))
        for finding in findings(ALL, example)
        if finding.severity >= least
    ]


def example(language: str, source: str, **more: Any) -> Example:
    return Example(kind="tricky", language=language, written=source, **more)  # type: ignore[arg-type]


TRUST = """\
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
"""


def role(body: str, more: str = "") -> Example:
    """A CloudFormation role with the given properties, and other resources."""
    text = f"Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: app\n{TRUST}"
    return example("cloudformation", text + body + more)


def policy(*statements: dict[str, Any]) -> Example:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return example("policy", json.dumps(document, indent=2))


def inline(*statements: dict[str, Any]) -> Example:
    """A Terraform role policy of these statements."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)
    return example(
        "terraform",
        f'resource "aws_iam_role_policy" "app" {{\n  role = "app"\n  policy = jsonencode({document})\n}}\n',
    )


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
TEAM = {"StringEquals": {"aws:ResourceTag/team": "shop"}}


@pytest.mark.parametrize("form", [policy, inline], ids=["json", "terraform"])
@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([allow("*")], [("IAM101", "*")], id="everything is IAM101 alone"),
        pytest.param([allow("*:*", ["*"])], [("IAM101", "*:*")], id="and in the other spelling"),
        pytest.param([allow("s3:*")], [("IAM106", "s3:*")], id="a service is IAM106 alone"),
        pytest.param(
            [allow(["s3:*", "s3:PutObject", "s3:PutBucketPolicy"])],
            [("IAM106", "s3:*")],
            id="what the service holds is not told again",
        ),
        pytest.param(
            [allow("*", "arn:aws:s3:::a/*")], [("IAM105", "*")], id="everything on one bucket"
        ),
        pytest.param([allow("s3:PutObject")], [("IAM107", "*")], id="a resource of one's own"),
        pytest.param(
            [allow("s3:PutObject", "arn:aws:s3:::a-logs/*")], [], id="a wildcard inside a name"
        ),
        pytest.param(
            [allow(["ec2:DescribeInstances", "cloudwatch:PutMetricData", "s3:ListAllMyBuckets"])],
            [],
            id="actions that accept only *",
        ),
        pytest.param([allow("sqs:GetQueueAttributes")], [], id="reading is not IAM107"),
        pytest.param([allow("s3:GetObject")], [("IAM111", "s3:GetObject")], id="reading data"),
        pytest.param([deny("*")], [], id="Deny is no grant"),
        pytest.param([deny("s3:*"), allow("s3:*")], [("IAM013", "s3:*")], id="Deny takes all away"),
        pytest.param(
            [deny("iam:*"), allow("*")],
            [("IAM102", "*")],
            id="Deny turns administrator into power user",
        ),
        pytest.param(
            [deny("s3:*", "arn:aws:s3:::a/*"), allow("s3:*")],
            [("IAM106", "s3:*")],
            id="Deny of a part does not lift the whole",
        ),
        pytest.param(
            [deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}), allow("s3:*")],
            [("IAM106", "s3:*")],
            id="nor does Deny under a condition",
        ),
        pytest.param(
            [allow("s3:PutObject", Condition=TEAM)], [], id="a tag on the resource lifts IAM107"
        ),
        pytest.param(
            [allow(["iam:PassRole"])], [("IAM114", "iam:PassRole")], id="PassRole is IAM114 alone"
        ),
        pytest.param(
            [allow(["iam:PassRole", "ecs:UpdateService"])],
            [("IAM114", "iam:PassRole"), ("IAM107", "*")],
            id="beside another action each has its own",
        ),
        pytest.param([allow("sts:AssumeRole")], [("IAM115", "sts:AssumeRole")], id="AssumeRole"),
        pytest.param(
            [allow("iam:AttachRolePolicy")],
            [("IAM112", "iam:AttachRolePolicy")],
            id="permissions management",
        ),
        pytest.param(
            [{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}],
            [("IAM102", "iam:*")],
            id="NotAction as power user",
        ),
        pytest.param(
            [{"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"}],
            [("IAM101", "s3:*")],
            id="NotAction as administrator",
        ),
        pytest.param(
            [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::a/*"}],
            [("IAM109", "arn:aws:s3:::a/*")],
            id="NotResource alone",
        ),
    ],
)
def test_one_cause_one_finding(form: Any, statements: list[dict[str, Any]], expected: Said) -> None:
    assert said(form(*statements)) == expected


@pytest.mark.parametrize(
    ("statement", "severity", "note"),
    [
        (allow("*", Condition=MFA), Severity.HIGH, "`aws:MultiFactorAuthPresent`"),
        (allow("s3:*", Condition=TEAM), Severity.LOW, "`aws:ResourceTag/team`"),
        (allow("s3:*", Condition={"StringLike": {"aws:PrincipalArn": "*"}}), Severity.MEDIUM, ""),
        (
            allow("s3:*", Condition={"BoolIfExists": {"aws:SecureTransport": "true"}}),
            Severity.MEDIUM,
            "",
        ),
    ],
    ids=["MFA", "a tag", "a wildcard pins nothing", "nor does IfExists"],
)
def test_conditions_lower(statement: dict[str, Any], severity: Severity, note: str) -> None:
    [finding] = [f for f in findings(ALL, policy(statement)) if f.rule in ("IAM101", "IAM106")]
    assert finding.severity == severity
    assert note in " ".join(finding.notes)


ATTACH = "      ManagedPolicyArns: [arn:aws:iam::aws:policy/{}]\n"
INLINE = """\
      Policies:
        - PolicyName: {}
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{}]
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            ATTACH.format("AdministratorAccess"),
            [("IAM101", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
        (ATTACH.format("PowerUserAccess"), [("IAM102", "arn:aws:iam::aws:policy/PowerUserAccess")]),
        (
            ATTACH.format("CloudWatchLogsFullAccess"),
            [("IAM103", "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess")],
        ),
        (ATTACH.format("AmazonSSMManagedInstanceCore"), []),
        (ATTACH.format("ReadOnlyAccess"), []),
        (ATTACH.format("SecurityAudit"), []),
        (ATTACH.format("service-role/AWSLambdaBasicExecutionRole"), []),
        (
            ATTACH.format("AdministratorAccess")
            + INLINE.format("no", '{Effect: Deny, NotAction: "s3:Get*", Resource: "*"}'),
            [],
        ),
        (
            "      PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess\n",
            [],
        ),
    ],
    ids=[
        "administrator",
        "power user",
        "full access",
        "core",
        "read only",
        "audit",
        "basic",
        "denied by another policy",
        "a boundary grants nothing",
    ],
)
def test_managed_policies_by_their_documents(body: str, expected: Said) -> None:
    assert said(role(body)) == expected


def test_a_boundary_lowers_and_says_so() -> None:
    body = "      PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess\n" + ATTACH.format(
        "AdministratorAccess"
    )
    [finding] = [f for f in findings(ALL, role(body)) if f.rule == "IAM101"]
    assert finding.severity == Severity.MEDIUM
    assert "permissions boundary" in " ".join(finding.notes)


def test_a_boundary_of_everything_changes_nothing() -> None:
    body = (
        "      PermissionsBoundary: arn:aws:iam::aws:policy/AdministratorAccess\n"
        + ATTACH.format("AdministratorAccess")
    )
    [finding] = [f for f in findings(ALL, role(body)) if f.rule == "IAM101"]
    assert finding.severity == Severity.CRITICAL


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::SecretsManager::ResourcePolicy", "SecretId: x, ResourcePolicy"),
        ("AWS::S3::BucketPolicy", "Bucket: x, PolicyDocument"),
        ("AWS::EC2::VPCEndpoint", "VpcId: x, ServiceName: y, PolicyDocument"),
    ],
)
def test_resource_policies_are_no_grants_to_an_identity(kind: str, properties: str) -> None:
    principal = "*" if kind == "AWS::EC2::VPCEndpoint" else "arn:aws:iam::111122223333:role/app"
    document = (
        f'{{Version: "2012-10-17", Statement: [{{Effect: Allow, Principal: {{AWS: "{principal}"}}, '
        'Action: "*", Resource: "*"}]}'
    )
    text = f"Resources:\n  It:\n    Type: {kind}\n    Properties: {{{properties}: {document}}}\n"
    assert [code for code, _ in said(example("cloudformation", text)) if code < "IAM2"] == []


@pytest.mark.parametrize(
    "source",
    [
        'resource "aws_iam_role_policy_attachment" "a" {\n  count = var.on ? 1 : 0\n'
        '  role = "app"\n  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
        'variable "on" { type = bool }\n',
        'variable "arn" { default = "arn:aws:iam::aws:policy/AdministratorAccess" }\n'
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = "app"\n  policy_arn = var.arn\n}\n',
    ],
    ids=["a condition", "a default"],
)
def test_what_is_only_possible_is_said_to_be_so(source: str) -> None:
    [finding] = findings(ALL, example("terraform", source))
    assert (finding.rule, finding.confidence) == ("IAM101", "possible")
    assert any(note.startswith("only ") for note in finding.notes)


def test_instances_of_one_text_are_one_finding() -> None:
    source = (
        'resource "aws_iam_role_policy_attachment" "a" {\n  for_each = toset(["a", "b", "c"])\n'
        '  role = each.value\n  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
    )
    assert said(example("terraform", source)) == [
        ("IAM101", "arn:aws:iam::aws:policy/AdministratorAccess")
    ]


UNSEEN = INLINE.format(
    "app", '{Effect: Allow, Action: "sqs:DeleteQueue", Resource: "arn:aws:sqs:*:*:x"}'
)


def test_no_usage_data_is_never_unused() -> None:
    seen = role(UNSEEN + ATTACH.format("AmazonS3FullAccess"))
    other = Example(
        kind="tricky",
        language="cloudformation",
        written=seen.source,
        usage=profile("other", {"s3:ListAllMyBuckets": 1}),
    )
    [finding] = findings(ALL, other)
    assert finding.rule == "IAM103"
    assert finding.replacement is None
    assert "no usage data: the usage profile knows no role `app`" in finding.notes


def test_a_window_that_is_too_short_concludes_nothing() -> None:
    usage = profile("app", {"ssm:GetParameter": 1})
    usage["coverage"][0]["from"] = "2026-11-15"
    short = Example(
        kind="tricky", language="cloudformation", written=role(UNSEEN).source, usage=usage
    )
    assert said(short) == []
    long = Example(
        kind="tricky",
        language="cloudformation",
        written=short.source,
        usage=profile("app", {"ssm:GetParameter": 1}),
    )
    assert said(long) == [("IAM501", "sqs:DeleteQueue")]


def test_the_configuration_names_the_principal() -> None:
    named = Example(
        kind="tricky",
        language="cloudformation",
        written=role(UNSEEN).source,
        usage=profile("team/other", {"ssm:GetParameter": 1}),
        settings=Settings(principals={"Role": "arn:aws:iam::*:role/team/oth*"}),
    )
    assert said(named) == [("IAM501", "sqs:DeleteQueue")]


WIDE = INLINE.format(
    "app", '{Effect: Allow, Action: ["sqs:DeleteQueue", "sqs:CreateQueue"], Resource: "*"}'
)


def test_a_wide_action_that_is_not_used_at_all_is_told_once() -> None:
    def run(used: dict[str, int]) -> Said:
        return said(
            Example(
                kind="tricky",
                language="cloudformation",
                written=role(WIDE).source,
                usage=profile("app", used),
            )
        )

    assert run({"ssm:GetParameter": 1}) == [("IAM501", "sqs:DeleteQueue")]
    assert run({"sqs:CreateQueue": 1}) == [("IAM501", "sqs:DeleteQueue"), ("IAM107", "*")]
