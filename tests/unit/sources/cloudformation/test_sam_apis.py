"""The resource policies of SAM's APIs: what SAM makes of its lists, and the author's statements."""

from __future__ import annotations

import json
from typing import Any

from iamlint.iam.encode import to_json
from iamlint.sources.cloudformation.read import read
from iamlint.sources.site import PolicySite, Project
from iamlint.text import SourceText

HEAD = "Transform: AWS::Serverless-2016-10-31\nParameters: {Vpc: {Type: String}}\n"
OWN = "[{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*'}]"


def project(policy: str, more: str = "", head: str = "") -> Project:
    return read(
        SourceText(
            "t",
            f"{HEAD}{head}Resources:\n  Api:\n    Type: AWS::Serverless::Api\n"
            f"    Properties: {{Auth: {{{policy}}}}}\n{more}",
        )
    )


def statements(site: PolicySite) -> list[dict[str, Any]]:
    assert site.policy is not None
    found: list[dict[str, Any]] = json.loads(json.dumps(to_json(site.policy)))["Statement"]
    return found


def made(effect: str, principal: object, condition: object = None) -> dict[str, Any]:
    found = {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    }
    return found if condition is None else {**found, "Condition": condition}


def test_lists_become_statements_beside_the_authors_own() -> None:
    found = project(
        "ResourcePolicy: {AwsAccountWhitelist: ['111122223333'], AwsAccountBlacklist: '444455556666',"
        " IpRangeWhitelist: [10.0.0.0/8], SourceVpcBlacklist: [vpc-1, vpce-2],"
        f" IntrinsicVpceWhitelist: [!Ref Vpc], CustomStatements: {OWN}}}"
    )
    (site,) = found.sites
    assert (site.kind, site.argument) == ("resource", "Auth.ResourcePolicy")
    assert site.editable == "SAM makes statements of its lists"
    assert statements(site) == [
        made("Allow", {"AWS": "111122223333"}),
        made("Deny", {"AWS": "444455556666"}),
        made("Allow", "*"),
        made("Deny", "*", {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        made(
            "Deny",
            "*",
            {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-2"}},
        ),
        made("Deny", "*", {"StringNotEquals": {"aws:SourceVpce": "\u2039Vpc\u203a"}}),
        made("Allow", "*"),
    ]
    assert found.unresolved == []


def test_statements_of_its_own_may_be_edited() -> None:
    (site,) = project(f"ResourcePolicy: {{CustomStatements: {OWN}}}").sites
    assert (site.argument, site.editable) == ("Auth.ResourcePolicy.CustomStatements", None)


def test_globals_give_and_add_statements() -> None:
    common = "Globals: {Api: {Auth: {ResourcePolicy: {IpRangeBlacklist: [1.2.3.4]}}}}\n"
    denied = made("Deny", "*", {"IpAddress": {"aws:SourceIp": "1.2.3.4"}})
    (site,) = project("", head=common).sites
    assert statements(site) == [made("Allow", "*"), denied]
    (site,) = project(f"ResourcePolicy: {{CustomStatements: {OWN}}}", head=common).sites
    assert statements(site) == [made("Allow", "*"), denied, made("Allow", "*")]


def test_what_is_not_evaluated_is_said() -> None:
    common = "Globals: {Api: {Auth: {ResourcePolicy: {IpRangeBlacklist: [1.2.3.4]}}}}\n"
    function = (
        "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n"
        "        A: {Type: Api, Properties: {Path: /}}\n        B: {Type: Api}\n"
        "        C: {Type: Api, Properties: {RestApiId: !Ref Api}}\n"
    )
    found = project("ResourcePolicy: {Other: [x]}", function, common)
    assert [(each.address, each.reason) for each in found.unresolved] == [
        ("Api.Auth.ResourcePolicy", "the statements that SAM makes of `Other` are not evaluated"),
        (
            "ServerlessRestApi.Auth.ResourcePolicy",
            "the policy of the API that SAM makes for events is not evaluated",
        ),
    ]


def test_events_add_to_the_policy_of_their_api() -> None:
    function = (
        "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n"
        "        A:\n          Type: Api\n          Properties:\n            Path: /a/{id}\n"
        "            Method: get\n            RestApiId: !Ref Api\n"
        "            Auth: {ResourcePolicy: {IpRangeWhitelist: [1.2.3.4]}}\n"
    )
    (site,) = project("", function).sites
    assert site.argument == "Events.A.Properties.Auth.ResourcePolicy"
    assert [each["Resource"] for each in statements(site)] == ["execute-api:/*/GET/a/*"] * 2
