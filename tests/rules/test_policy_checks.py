"""Access Analyzer's policy checks: what docs/validate-policy.md says of each is so.

Every check that the page maps to a code has an example here, in which a rule of that code speaks.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from iamlint.rule import Example
from iamlint.testing import findings
from iamlint_rules import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validate-policy.md"
ALL = [rule() for rule in RULES]

Document = dict[str, Any]
KEY = "arn:aws:s3:::data/*"


def identity(*statements: Any, **more: Any) -> Example:
    return text(json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more}))


def text(written: str) -> Example:
    return Example(kind="tricky", language="policy", written=written)


def template(resources: Document) -> Example:
    made = {
        name: {"Type": kind, "Properties": properties}
        for name, (kind, properties) in resources.items()
    }
    return Example(
        kind="tricky", language="cloudformation", written=json.dumps({"Resources": made}, indent=1)
    )


def managed(*statements: Any) -> Example:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return template({"Policy": ("AWS::IAM::ManagedPolicy", {"PolicyDocument": document})})


def trust(*statements: Document) -> Example:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return template({"Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": document})})


def bucket(*statements: Document) -> Example:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return template(
        {"Policy": ("AWS::S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": document})}
    )


def scp(*statements: Document) -> Example:
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = {"Name": "x", "Type": "SERVICE_CONTROL_POLICY", "Content": content}
    return template({"Policy": ("AWS::Organizations::Policy", policy)})


def allow(action: Any = "s3:GetObject", resource: Any = KEY, **more: Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def when(operator: str, key: str, value: Any, **more: Any) -> Document:
    return allow(Condition={operator: {key: value}}, **more)


def lets(principal: Any, **more: Any) -> Document:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": KEY,
        **more,
    }


def assumes(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> Document:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def without(name: str, statement: Document) -> Document:
    return {key: value for key, value in statement.items() if key != name}


LAMBDA = {"Service": "lambda.amazonaws.com"}
GITHUB = {
    "Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
}
SUB, AUD = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"
LONG = [f"arn:aws:s3:::data/{'x' * 40}{n}/*" for n in range(400)]
NOT = {"Effect": "Allow", "NotAction": "s3:*"}

EXAMPLES: dict[str, Example] = {
    "ARN account not allowed": identity(allow(resource="arn:aws:s3::111122223333:data/*")),
    "ARN Region not allowed": identity(
        allow("iam:GetRole", "arn:aws:iam:eu-west-1:111122223333:role/x")
    ),
    "Data type mismatch": identity(allow(Sid=12, resource=KEY), allow(resource=True)),
    "Duplicate keys with different case": identity(
        allow(Condition={"StringEquals": {"aws:username": "a", "aws:UserName": "b"}})
    ),
    "Invalid action": identity(allow("s3:GetObjekt")),
    "Invalid ARN account": identity(allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:1234:q")),
    "Invalid ARN prefix": identity(allow(resource="aws:s3:::data/*")),
    "Invalid ARN Region": identity(allow("sqs:SendMessage", "arn:aws:sqs:eu-west1:111122223333:q")),
    "Invalid ARN resource": identity(allow("iam:GetRole", "arn:aws:iam::111122223333:rolle/x")),
    "Invalid ARN service case": identity(allow(resource="arn:aws:S3:::data/*")),
    "Invalid condition data type": identity(when("NumericEquals", "s3:max-keys", [10, "ten"])),
    "Invalid condition key format": identity(when("StringEquals", "username", "a")),
    "Invalid condition multiple Boolean": identity(
        when("Bool", "aws:SecureTransport", [True, False])
    ),
    "Invalid condition operator": identity(when("StringMatches", "aws:username", "a")),
    "Invalid effect": identity({**allow(), "Effect": "Permit"}),
    "Invalid global condition key": identity(when("StringEquals", "aws:UserNam", "a")),
    "Invalid partition": identity(allow(resource="arn:asw:s3:::data/*")),
    "Invalid policy element": identity({**allow(), "Resources": "*"}),
    "Invalid principal format": bucket(lets({"AWS": "role/app"})),
    "Invalid principal key": bucket(lets({"Account": "111122223333"})),
    "Invalid Region": identity(when("StringEquals", "aws:RequestedRegion", "eu-west1")),
    "Invalid service": identity(allow("s3x:GetObject", "arn:aws:s3x:::data/*")),
    "Invalid service condition key": identity(when("StringEquals", "s3:prefixes", "a")),
    "Invalid service in action": identity(allow("s33:GetObject")),
    "Invalid variable for operator": identity(
        when("NumericEquals", "s3:max-keys", "${aws:username}", action="s3:ListBucket")
    ),
    "Invalid version": text(
        '{"Version": "2012-10-18", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}'
    ),
    "Json syntax error": text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow" "Action": "s3:GetObject", "Resource": "*"}]}'
    ),
    "Missing action": identity(without("Action", allow())),
    "Missing ARN field": identity(allow("sqs:SendMessage", "arn:aws:sqs:q")),
    "Missing ARN Region": identity(allow("sqs:SendMessage", "arn:aws:sqs::111122223333:q")),
    "Missing effect": managed(without("Effect", allow())),
    "Missing principal": bucket(without("Principal", lets("*"))),
    "Missing qualifier": identity(
        when("StringEquals", "aws:TagKeys", "a", action="ec2:CreateTags", resource="*")
    ),
    "Missing resource": identity(without("Resource", allow())),
    "Missing statement": template(
        {"P": ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Version": "2012-10-17"}})}
    ),
    "Null with if exists": identity(when("NullIfExists", "aws:username", "true")),
    "SCP syntax error principal": scp(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    ),
    "Unique Sids required": identity(allow(Sid="A"), allow("s3:PutObject", Sid="A")),
    "Unsupported action in policy": bucket(lets("*", Action="sqs:SendMessage")),
    "Unsupported element combination": identity({**allow(), "NotAction": "s3:PutObject"}),
    "Unsupported principal": managed({**allow(), "Principal": "*"}),
    "Unsupported resource ARN in policy": bucket(
        lets({"AWS": "111122223333"}, Resource="arn:aws:sqs:eu-west-1:111122223333:q")
    ),
    "Unsupported Sid": identity(allow(Sid="not allowed!")),
    "Unsupported wildcard in principal": bucket(lets({"AWS": "arn:aws:iam::111122223333:role/*"})),
    "Missing brace in variable": identity(allow(resource="arn:aws:s3:::data/${aws:username/*")),
    "Missing quote in variable": identity(
        allow(resource="arn:aws:s3:::data/${aws:username, 'x}/*")
    ),
    "Unsupported space in variable": identity(
        allow(resource="arn:aws:s3:::data/${ aws:username}/*")
    ),
    "Empty variable": identity(allow(resource="arn:aws:s3:::data/${}/*")),
    "Variable unsupported in element": identity(allow("s3:${aws:username}")),
    "Variable unsupported in version": text(
        '{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/${aws:username}/*"}]}'
    ),
    "Private IP address": identity(when("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
    "Private NotIpAddress": identity(
        {**when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "Effect": "Deny"}
    ),
    "Policy size exceeds SCP quota": scp(
        *[
            {"Effect": "Deny", "Action": f"s3:Get{'x' * 120}*", "Resource": "*", "Sid": f"S{n}"}
            for n in range(40)
        ]
    ),
    "Invalid service principal format": trust(assumes({"Service": "lambda"})),
    "Missing tag key in condition": identity(
        when("StringEquals", "aws:ResourceTag", "a", action="ec2:StartInstances", resource="*")
    ),
    "Invalid vpc format": bucket(
        lets("*", Condition={"StringEquals": {"aws:SourceVpc": "vpce-12345678"}})
    ),
    "Invalid vpce format": bucket(
        lets("*", Condition={"StringEquals": {"aws:SourceVpce": "vpc-12345678"}})
    ),
    "Federated principal not supported": bucket(
        lets({"Federated": "cognito-identity.amazonaws.com"})
    ),
    "Unsupported action for condition key": identity(
        when(
            "StringEquals",
            "ec2:InstanceType",
            "t3.micro",
            action="ec2:DescribeInstances",
            resource="*",
        )
    ),
    "Role trust policy syntax error notprincipal": trust(
        {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    ),
    "Role trust policy unsupported wildcard in principal": trust(
        assumes({"AWS": "arn:aws:iam::111122223333:role/*"})
    ),
    "Role trust policy syntax error resource": trust(assumes(LAMBDA, Resource="*")),
    "Invalid federated principal syntax in role trust policy": trust(
        assumes(
            {"Federated": "token.actions.githubusercontent.com"}, "sts:AssumeRoleWithWebIdentity"
        )
    ),
    "Mismatched action for principal": trust(assumes(GITHUB, "sts:AssumeRoleWithSAML")),
    "Missing action for roles anywhere trust policy": trust(
        assumes({"Service": "rolesanywhere.amazonaws.com"})
    ),
    "Create SLR with NotResource": identity(
        {
            **without("Resource", allow("iam:CreateServiceLinkedRole")),
            "NotResource": "arn:aws:iam::*:role/x",
        }
    ),
    "Create SLR with star in action and NotResource": identity(
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*:role/x"}
    ),
    "Create SLR with NotAction and NotResource": identity(
        {**NOT, "NotResource": "arn:aws:iam::*:role/x"}
    ),
    "Create SLR with star in resource": identity(allow("iam:CreateServiceLinkedRole", "*")),
    "Create SLR with star in action and resource": identity(allow("*", "*")),
    "Create SLR with star in resource and NotAction": identity({**NOT, "Resource": "*"}),
    "Invalid date value": identity(when("DateLessThan", "aws:CurrentTime", "tomorrow")),
    "Invalid role reference": bucket(lets({"AWS": "AROAEXAMPLEEXAMPLE001"})),
    "Invalid user reference": bucket(lets({"AWS": "AIDAEXAMPLEEXAMPLE001"})),
    "Missing version": text(
        '{"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}'
    ),
    "Unique Sids recommended": trust(
        assumes(LAMBDA, Sid="A"), assumes({"Service": "ec2.amazonaws.com"}, Sid="A")
    ),
    "Wildcard without like operator": identity(when("StringEquals", "aws:username", "a*")),
    "Policy size exceeds identity policy quota": managed(allow(resource=LONG)),
    "Policy size exceeds resource policy quota": bucket(lets("*", Resource=LONG)),
    "Type mismatch": identity(when("IpAddress", "aws:username", "10.0.0.0/8")),
    "Type mismatch Boolean": identity(when("Bool", "aws:SecureTransport", "maybe")),
    "Type mismatch date": identity(when("DateLessThan", "aws:CurrentTime", "soon")),
    "Type mismatch IP range": identity(when("IpAddress", "aws:SourceIp", "300.1.1.1")),
    "Type mismatch number": identity(
        when(
            "NumericEquals",
            "s3:max-keys",
            "ten",
            action="s3:ListBucket",
            resource="arn:aws:s3:::data",
        )
    ),
    "Type mismatch string": identity(
        when("StringEquals", "aws:CurrentTime", "2026-01-01T00:00:00Z")
    ),
    "Specific github repo and branch recommended": trust(
        assumes(
            GITHUB,
            "sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringLike": {SUB: "repo:acme/*"},
                "StringEquals": {AUD: "sts.amazonaws.com"},
            },
        )
    ),
    "Policy size exceeds role trust policy quota": trust(
        *[assumes({"AWS": [f"arn:aws:iam::111122223333:role/{'x' * 50}{n}" for n in range(120)]})]
    ),
    "Allow with NotPrincipal": bucket(
        {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": "111122223333"},
            "Action": "s3:GetObject",
            "Resource": KEY,
        }
    ),
    "ForAllValues with single valued key": identity(
        when("ForAllValues:StringEquals", "aws:username", "a")
    ),
    "Pass role with NotResource": identity(
        {**without("Resource", allow("iam:PassRole")), "NotResource": "arn:aws:iam::*:role/x"}
    ),
    "Pass role with star in action and NotResource": identity(
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*:role/x"}
    ),
    "Pass role with NotAction and NotResource": identity(
        {**NOT, "NotResource": "arn:aws:iam::*:role/x"}
    ),
    "Pass role with star in resource": identity(allow("iam:PassRole", "*")),
    "Pass role with star in action and resource": identity(allow("iam:*", "*")),
    "Pass role with star in resource and NotAction": identity({**NOT, "Resource": "*"}),
    "Restrict access to service principal": bucket(
        lets({"Service": "logging.s3.amazonaws.com"}, Action="s3:PutObject")
    ),
    "Missing condition key for oidc principal": trust(
        assumes(
            {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.com"},
            "sts:AssumeRoleWithWebIdentity",
        )
    ),
    "Missing github repo condition key": trust(
        assumes(
            GITHUB,
            "sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {AUD: "sts.amazonaws.com"}},
        )
    ),
    "Empty array action": identity(allow([])),
    "Empty array condition": identity(when("StringEquals", "aws:username", [])),
    "Empty array condition ForAllValues": identity(
        when("ForAllValues:StringEquals", "aws:TagKeys", [], action="ec2:CreateTags", resource="*")
    ),
    "Empty array condition ForAnyValue": identity(
        when("ForAnyValue:StringEquals", "aws:TagKeys", [], action="ec2:CreateTags", resource="*")
    ),
    "Empty array condition IfExists": identity(when("StringEqualsIfExists", "aws:username", [])),
    "Empty array principal": bucket(lets({"AWS": []})),
    "Empty array resource": identity(allow(resource=[])),
    "Empty object condition": identity(allow(Condition={})),
    "Empty object principal": bucket(lets({})),
    "Empty Sid value": identity(allow(Sid="")),
    "Improve IP range": identity(when("IpAddress", "aws:SourceIp", "203.0.113.5/24")),
    "Null with qualifier": identity(
        when("ForAnyValue:Null", "aws:TagKeys", "true", action="ec2:CreateTags", resource="*")
    ),
    "Private IP address subset": identity(
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"])
    ),
    "Private NotIpAddress subset": identity(
        {**when("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"]), "Effect": "Deny"}
    ),
    "Redundant action": identity(allow(["s3:Get*", "s3:GetObject"])),
    "Redundant condition value num": identity(
        when(
            "NumericLessThan",
            "s3:max-keys",
            [10, 20],
            action="s3:ListBucket",
            resource="arn:aws:s3:::data",
        )
    ),
    "Redundant resource": identity(allow(resource=[KEY, "arn:aws:s3:::data/a/*"])),
    "Redundant statement": identity(allow(), allow(resource="arn:aws:s3:::data/a/*")),
    "Wildcard in service name": identity(allow("s*:GetObject")),
    "Recommended condition key for service principal": bucket(
        lets({"Service": "cloudtrail.amazonaws.com"}, Action="s3:PutObject")
    ),
    "Irrelevant condition key in policy": trust(
        assumes(LAMBDA, Condition={"StringEquals": {"s3:prefix": "a"}})
    ),
    "Redundant principal in role trust policy": trust(
        assumes(
            {
                "AWS": [
                    "arn:aws:iam::111122223333:role/app",
                    "arn:aws:sts::111122223333:assumed-role/app/x",
                ]
            }
        )
    ),
    "Unsupported global condition key": identity(
        when("StringEquals", "aws:ARN", "arn:aws:iam::111122223333:role/x")
    ),
    "Missing paired condition keys": identity(
        when("IpAddress", "aws:VpcSourceIp", "203.0.113.0/24")
    ),
    "Unsupported condition key for service principal": bucket(
        lets(
            {"Service": "cloudfront.amazonaws.com"},
            Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc"}},
        )
    ),
    "Deny with unsupported tag condition key for service": identity(
        {
            **when(
                "StringEquals",
                "aws:ResourceTag/team",
                "a",
                action="importexport:CreateJob",
                resource="*",
            ),
            "Effect": "Deny",
        }
    ),
    "Allow with unsupported tag condition key for service": identity(
        when(
            "StringEquals",
            "aws:ResourceTag/team",
            "a",
            action="importexport:CreateJob",
            resource="arn:aws:s3:::data",
        )
    ),
}


def rows() -> list[tuple[str, str, str]]:
    """Check, code and reason of each row of the page."""
    found = re.findall(
        r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", PAGE.read_text(), re.MULTILINE
    )
    return [(check, code, why.strip()) for check, code, why in found if code not in ("here", "---")]


@pytest.mark.parametrize(("check", "code", "why"), rows(), ids=[check for check, _, _ in rows()])
def test_what_the_page_says_is_so(check: str, code: str, why: str) -> None:
    if code == "–":
        assert why
        assert check not in EXAMPLES
        return
    assert not why
    assert code in {finding.rule for finding in findings(ALL, EXAMPLES[check])}


def test_the_page_has_every_example_and_no_check_twice() -> None:
    checks = [(check, code) for check, code, _ in rows()]
    assert set(EXAMPLES) == {check for check, code in checks if code != "–"}
    assert len(checks) == 135
