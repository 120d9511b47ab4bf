"""Workloads of audits, deployers and people."""

from __future__ import annotations

import random
from datetime import date

from benchmarks._minimizer import api, terraform
from benchmarks._minimizer.model import (
    ACCOUNT,
    CFN,
    Auth,
    Call,
    Workload,
    arn,
    iam,
    letters,
)

_BUCKETS = ("shop-assets", "shop-uploads", "orders-documents", "acme-datalake-raw", "finance-close")
_KEYS = ("3f1c9a52-6b0e-4c1d-9a77-0d2be4c8f511", "8b7d2c11-9e45-4f0a-b1c2-77aa31e0d9f4")
_GROUPS = tuple(
    f"/aws/lambda/{name}" for name in ("shop-api", "invoice-run", "mailer", "thumbs", "search")
)
_SERVICES = ("shop-api", "mailer", "thumbs", "search", "ledger")
_WEIGHTS = (10, 6, 3, 2, 1)


def yearly_audit(month: int) -> Workload:
    """A week's audit once a year, and a credential report each month; on SecurityAudit."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        if when.day == 3:
            calls += api.plain("iam", "GenerateCredentialReport", "GetCredentialReport")
            calls += api.plain("iam", "GetAccountSummary")
            calls.append(api.s3_object("PutObject", "audit-evidence", f"{when:%Y-%m}/report.csv"))
        if when.month != month or not 8 <= when.day <= 12:
            return calls
        calls += api.plain("iam", "ListUsers", "ListRoles", "GetAccountPasswordPolicy")
        calls += api.plain("ec2", "DescribeInstances", "DescribeSecurityGroups", "DescribeVpcs")
        calls += api.plain("kms", "ListKeys")
        for bucket in _BUCKETS:
            calls.append(api.s3_bucket("GetBucketPolicy", bucket))
            calls.append(
                api.s3_bucket("GetBucketEncryption", bucket, "s3:GetEncryptionConfiguration")
            )
        for key in _KEYS:
            resource = arn("kms", f"key/{key}")
            calls.append(
                api.read("kms", "GetKeyPolicy", {"keyId": key, "policyName": "default"},
                         Auth("kms:GetKeyPolicy", resource))
            )  # fmt: skip
        for name in _SERVICES:
            calls.append(api.role("GetRole", f"{name}-role"))
            calls.append(api.role("ListRolePolicies", f"{name}-role"))
        calls.append(api.s3_object("PutObject", "audit-evidence", f"{when}/findings.json"))
        return calls

    return Workload(
        "yearly",
        "compliance-audit",
        terraform.role(
            "compliance-audit",
            terraform.attached("SecurityAudit"),
            terraform.inline(
                "evidence",
                """\
      { Effect = "Allow", Action = ["s3:*"], Resource = ["arn:aws:s3:::audit-evidence", "arn:aws:s3:::audit-evidence/*"] },""",
            ),
        ),
        day,
    )


def outside_auditor(month: int) -> Workload:
    """An auditor from outside: a few days a year, a look at the trail each quarter; ReadOnlyAccess."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        if when.month % 3 == 2 and when.day == 15:
            lookup = Auth("cloudtrail:LookupEvents")
            calls.append(api.read("cloudtrail", "LookupEvents", {"maxResults": 50}, lookup))
        if when.month == month and 20 <= when.day <= 22:
            calls += api.plain("iam", "ListUsers", "ListRoles", "ListPolicies")
            calls += api.plain("ec2", "DescribeInstances", "DescribeVolumes", "DescribeSnapshots")
            calls += api.plain("lambda", "ListFunctions")
            for bucket in _BUCKETS:
                calls.append(api.s3_bucket("GetBucketLogging", bucket))
        return calls

    return Workload(
        "yearly",
        "outside-auditor",
        terraform.role("outside-auditor", terraform.attached("ReadOnlyAccess")),
        day,
    )


def _deploy_function(rng: random.Random, name: str) -> list[Call]:
    key = f"{name}/{letters(rng, 40)}.zip"
    return [
        api.s3_object("PutObject", "acme-artifacts", key),
        api.function("GetFunction", name),
        api.function(
            "UpdateFunctionCode",
            name,
            Auth("s3:GetObject", f"arn:aws:s3:::acme-artifacts/{key}",
                 "arn:aws:s3:::acme-artifacts/*"),
            s3Bucket="acme-artifacts",
            s3Key=key,
        ),
        api.function("PublishVersion", name),
        api.function("UpdateAlias", name, name="live"),
    ]  # fmt: skip


def _deploy_service(rng: random.Random, name: str) -> list[Call]:
    """A new image, a new revision of the task definition, an update of the service."""
    revision = rng.randint(100, 999)
    family = arn("ecs", f"task-definition/{name}:*")
    service = arn("ecs", f"service/prod/{name}")
    passed = (
        api.pass_role(f"{name}-role", "ecs-tasks.amazonaws.com"),
        api.pass_role("ecs-execution", "ecs-tasks.amazonaws.com"),
    )
    register = api.write(
        "ecs",
        "RegisterTaskDefinition",
        {
            "family": name,
            "taskRoleArn": iam(f"role/{name}-role"),
            "executionRoleArn": iam("role/ecs-execution"),
        },
        Auth(
            "ecs:RegisterTaskDefinition", arn("ecs", f"task-definition/{name}:{revision}"), family
        ),
        *passed,
    )
    return [
        api.read("ecr", "GetAuthorizationToken", {}, Auth("ecr:GetAuthorizationToken")),
        *(
            api.repository(operation, name)
            for operation in (
                "BatchCheckLayerAvailability",
                "InitiateLayerUpload",
                "UploadLayerPart",
                "CompleteLayerUpload",
                "PutImage",
            )
        ),
        register,
        api.write(
            "ecs",
            "UpdateService",
            {"cluster": "prod", "service": name, "taskDefinition": f"{name}:{revision}"},
            Auth("ecs:UpdateService", service),
        ),
        api.read(
            "ecs",
            "DescribeServices",
            {"cluster": "prod", "services": [name]},
            Auth("ecs:DescribeServices", service),
        ),
    ]


def _plan(rng: random.Random) -> list[Call]:
    """What terraform does in each run: state, lock, refresh."""
    return [
        api.read("sts", "GetCallerIdentity", None),  # needs no permission (STS API Reference)
        api.s3_object("GetObject", "acme-tfstate", "prod/terraform.tfstate"),
        api.dynamodb("PutItem", "tf-lock"),
        *(api.role(each, f"{name}-role") for name in _SERVICES for each in ("GetRole",)),
        *(api.role("ListAttachedRolePolicies", f"{name}-role") for name in _SERVICES[:2]),
        api.log_groups("/aws/lambda/"),
        *api.plain("ec2", "DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups"),
        api.dynamodb("DeleteItem", "tf-lock"),
    ]


def _new_service(when: date) -> list[Call]:
    """A service that was not there before, under a new name of the team's choice."""
    name = (
        f"svc-{('alpha', 'beta', 'gamma', 'delta', 'omega', 'sigma')[when.month % 6]}-{when.year}"
    )
    group = f"/aws/lambda/{name}"
    return [
        api.role("CreateRole", f"{name}-role", path="/"),
        api.write(
            "iam",
            "PutRolePolicy",
            {"roleName": f"{name}-role", "policyName": "app"},
            Auth("iam:PutRolePolicy", iam(f"role/{name}-role")),
        ),
        api.write(
            "logs",
            "CreateLogGroup",
            {"logGroupName": group},
            Auth("logs:CreateLogGroup", arn("logs", f"log-group:{group}:log-stream:")),
        ),
        api.function(
            "CreateFunction",
            name,
            api.pass_role(f"{name}-role", "lambda.amazonaws.com"),
            role=iam(f"role/{name}-role"),
        ),
    ]


def deployer(role: str, policies: str, *, functions: bool) -> Workload:
    """A pipeline: plans each day, deploys on weekdays, makes something new once a month."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        if when.weekday() > 4:
            return calls
        for _ in range(rng.randint(1, 2)):
            calls += _plan(rng)
            name = rng.choices(_SERVICES, _WEIGHTS)[0]
            calls += _deploy_function(rng, name) if functions else _deploy_service(rng, name)
            calls.append(api.s3_object("PutObject", "acme-tfstate", "prod/terraform.tfstate"))
        if when.weekday() == 2:
            group = "sg-0f1e2d3c4b5a69788"
            calls.append(
                api.write(
                    "ec2",
                    "AuthorizeSecurityGroupIngress",
                    {"groupId": group, "ipPermissions": {"items": []}},
                    Auth(
                        "ec2:AuthorizeSecurityGroupIngress", arn("ec2", f"security-group/{group}")
                    ),
                )
            )
        if when.day == 14:
            calls += _new_service(when)
        return calls

    return Workload("deployer", role, terraform.role(role, policies), day)


def on_call(role: str, policies: str) -> Workload:
    """A person on duty: looks at dashboards on weekdays, and at everything in an incident."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        if when.weekday() > 4 and rng.random() < 0.7:
            return calls
        alarms = Auth("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:*"))
        calls.append(api.read("cloudwatch", "DescribeAlarms", {"stateValue": "ALARM"}, alarms))
        calls.append(api.unseen(Auth("cloudwatch:GetMetricData")))
        calls += api.plain("ec2", "DescribeInstances", "DescribeInstanceStatus")
        calls.append(api.log_groups("/aws"))
        for group in rng.sample(_GROUPS, 2):
            calls.append(api.logs("StartQuery", group))
            calls.append(api.logs("FilterLogEvents", group))
        calls += api.plain("elasticloadbalancing", "DescribeTargetHealth")
        databases = arn("rds", "db:*")
        calls.append(
            api.read("rds", "DescribeDBInstances", {}, Auth("rds:DescribeDBInstances", databases))
        )
        if rng.random() < 0.12:
            calls += _incident(rng)
        if rng.random() < 0.03:  # refused
            calls.append(
                api.write("iam", "CreateUser", {"userName": "temp"},
                          Auth("iam:CreateUser", iam("user/temp")))
            )  # fmt: skip
        return calls

    return Workload("sre", role, terraform.role(role, policies), day)


def _incident(rng: random.Random) -> list[Call]:
    instance = f"i-0{letters(rng, 16)}"
    calls = api.session(rng, instance, rng.choice(("ana", "bo", "chen")))
    service = rng.choices(_SERVICES, _WEIGHTS)[0]
    calls.append(
        api.write(
            "ecs",
            "UpdateService",
            {"cluster": "prod", "service": service, "forceNewDeployment": True},
            Auth("ecs:UpdateService", arn("ecs", f"service/prod/{service}")),
        )
    )
    if rng.random() < 0.5:
        calls.append(
            api.write(
                "ec2",
                "RebootInstances",
                {"instancesSet": {"items": [{"instanceId": instance}]}},
                Auth("ec2:RebootInstances", arn("ec2", f"instance/{instance}"),
                     arn("ec2", "instance/*")),
            )
        )  # fmt: skip
    if rng.random() < 0.3:
        calls.append(
            api.write(
                "rds",
                "RebootDBInstance",
                {"dBInstanceIdentifier": "ledger"},
                Auth("rds:RebootDBInstance", arn("rds", "db:ledger")),
            )
        )
    if rng.random() < 0.2:
        name = f"before-fix-{letters(rng, 12, CFN)}"
        calls += api.snapshot("ledger", name.lower(), "before-fix-*", 4)
    return calls


_DEPLOY = terraform.attached("PowerUserAccess") + terraform.inline(
    "roles",
    f"""\
      {{ Effect = "Allow", Action = ["iam:*Role*", "iam:*Polic*", "iam:List*", "iam:Get*"], Resource = "*" }},
      {{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::{ACCOUNT}:role/*" }},
      {{ Effect = "Deny", Action = ["iam:CreateUser", "iam:CreateAccessKey"], Resource = "*" }},""",
)
_FUNCTIONS = terraform.inline(
    "deploy",
    """\
      { Sid = "Functions", Effect = "Allow", Action = ["lambda:*", "s3:*", "logs:*"], Resource = "*" },
      { Sid = "State", Effect = "Allow", Action = "dynamodb:*", Resource = "arn:aws:dynamodb:*:*:table/tf-*" },
      { Sid = "Network", Effect = "Allow", Action = ["ec2:Describe*", "ec2:*SecurityGroup*"], Resource = "*" },
      { Sid = "Roles", Effect = "Allow", Action = ["iam:Get*", "iam:List*", "iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole"], Resource = "*" },""",
)
_ON_CALL = terraform.attached("ReadOnlyAccess") + terraform.inline(
    "act",
    """\
      { Sid = "Shell", Effect = "Allow", Action = "ssm:*", Resource = "*" },
      { Sid = "Act", Effect = "Allow", Action = ["ec2:Reboot*", "ec2:Start*", "ec2:Stop*", "ecs:*", "rds:*", "autoscaling:*"], Resource = "*" },""",
)
_PLATFORM = terraform.inline(
    "platform",
    """\
      { Sid = "NotIam", Effect = "Allow", NotAction = ["iam:*", "organizations:*", "account:*"], Resource = "*" },
      { Sid = "Look", Effect = "Allow", Action = ["iam:Get*", "iam:List*"], Resource = "*" },""",
)


def people(audit: int) -> tuple[Workload, ...]:
    """All of them; the audits are in the month `audit` and half a year later."""
    return (
        yearly_audit(audit),
        outside_auditor((audit + 5) % 12 + 1),
        deployer("ci-deploy", _DEPLOY, functions=False),
        deployer("ci-admin", terraform.attached("AdministratorAccess"), functions=True),
        deployer("ci-functions", _FUNCTIONS, functions=True),
        on_call("sre-oncall", _ON_CALL),
        on_call("platform-oncall", _PLATFORM),
    )
