"""Hand-made sites and usage for the minimizer's tests."""

from __future__ import annotations

from typing import Any

from iamlint.finding import Replacement
from iamlint.iam.decode import from_json
from iamlint.minimize import Options, Refused, outcome
from iamlint.sources.site import Owner, OwnerKind, PolicySite, Project
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Text
from iamlint.usage.profile import ActionUse, Categories, Coverage, PrincipalUsage

ACCOUNT = "111122223333"
REGION = "eu-west-1"
PLACE = Place(SourceText("main.tf", "x" * 40), Span(0, 10))


def use(n: int = 3, *resources: str, complete: bool = True, **more: Any) -> ActionUse:
    """Calls between 2026-08-01 and 2026-11-01 in one account and region."""
    return ActionUse(
        n=n,
        first="2026-08-01",
        last="2026-11-01",
        regions=[REGION],
        accounts=[ACCOUNT],
        resources=list(resources),
        resources_complete=complete,
        **more,
    )


def coverage(**changes: Any) -> Coverage:
    """A trail of 93 days with all management events and no data events."""
    return Coverage(
        **{
            "source": "cloudtrail",
            "accounts": [ACCOUNT],
            "regions": [REGION, "us-east-1"],
            "since": "2026-08-01",
            "until": "2026-11-01",
            "events": 1000,
            "categories": Categories(management=["read", "write"], services=["kms.amazonaws.com"]),
            **changes,
        }
    )


WITH_S3_DATA = Categories(
    management=["read", "write"],
    data=["s3.amazonaws.com"],
    data_access={"s3.amazonaws.com": ["read", "write"]},
)


def owner(kind: OwnerKind = "role") -> Owner:
    return Owner(
        key="m#aws_iam_role.app",
        address="aws_iam_role.app",
        kind=kind,
        language="hcl",
        place=PLACE,
        block=PLACE,
        reference="aws_iam_role.app.name",
    )


def attachment(arn: str | Text, key: str = "m#attachment", **changes: Any) -> PolicySite:
    """A site that attaches a managed policy to the role."""
    return PolicySite(
        **{
            "kind": "managed-attachment",
            "form": "attachment",
            "language": "hcl",
            "address": "aws_iam_role_policy_attachment.app",
            "key": key,
            "resource_type": "aws_iam_role_policy_attachment",
            "argument": "policy_arn",
            "place": PLACE,
            "block": PLACE,
            "owners": ("m#aws_iam_role.app",),
            "arn": arn if isinstance(arn, Text) else Text.of(arn),
            **changes,
        }
    )


def inline(*statements: dict[str, Any], key: str = "m#inline", **changes: Any) -> PolicySite:
    """A site with an inline policy of the role."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return PolicySite(
        **{
            "kind": "identity",
            "form": "value",
            "language": "hcl",
            "address": "aws_iam_role_policy.app",
            "key": key,
            "resource_type": "aws_iam_role_policy",
            "argument": "policy",
            "place": PLACE,
            "block": PLACE,
            "owners": ("m#aws_iam_role.app",),
            "policy": from_json(document, key, "identity"),
            **changes,
        }
    )


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def propose(
    site: PolicySite,
    usage: dict[str, ActionUse] | PrincipalUsage | None,
    *others: PolicySite,
    kind: OwnerKind = "role",
    options: Options | None = None,
    **changes: Any,
) -> Replacement | Refused:
    """The outcome for a site whose role has this use; `changes` are those of the coverage."""
    one = owner(kind)
    project = Project(sites=[site, *others], owners={one.key: one})
    if isinstance(usage, dict):
        usage = PrincipalUsage(actions=usage)
    return outcome(site, project, usage, [coverage(**changes)], options)


def replaced(*args: Any, **more: Any) -> Replacement:
    """As `propose`, where there must be a replacement."""
    found = propose(*args, **more)
    assert isinstance(found, Replacement), found
    return found


def grants(replacement: Replacement) -> dict[str, list[str]]:
    """Action -> resources of the replacement's Allow statements."""
    found: dict[str, list[str]] = {}
    for statement in (replacement.policy or {"Statement": []})["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        actions, resources = statement["Action"], statement["Resource"]
        for action in [actions] if isinstance(actions, str) else actions:
            found.setdefault(action, []).extend(
                [resources] if isinstance(resources, str) else resources
            )
    return found
