"""Rules of the commonest services for the resources of a call, where names need more than a template.

ARN forms: Service Authorization Reference; deviations name their page.
"""

from __future__ import annotations

from iamlint.usage.services import compute, identity, messages, operations, stores
from iamlint.usage.services.answer import Rule
from iamlint.usage.services.ec2 import ec2


def rule_for(prefix: str) -> Rule | None:
    """The rule of a service, by its IAM prefix."""
    return _RULES.get(prefix)


_RULES: dict[str, Rule] = {
    "apigateway": compute.apigateway,
    "bedrock": compute.bedrock,
    "cloudformation": operations.cloudformation,
    "cloudwatch": operations.cloudwatch,
    "dynamodb": stores.dynamodb,
    "ec2": ec2,
    "ecr": compute.ecr,
    "ecs": compute.ecs,
    "events": messages.events,
    "glue": stores.glue,
    "iam": identity.iam,
    "kms": identity.kms,
    "lambda": compute.lambda_,
    "logs": operations.logs,
    "rds": stores.rds,
    "s3": stores.s3,
    "secretsmanager": identity.secretsmanager,
    "sns": messages.sns,
    "sqs": messages.sqs,
    "ssm": operations.ssm,
    "states": messages.states,
    "sts": identity.sts,
}

HANDLED: dict[str, frozenset[str]] = {
    "dynamodb": stores.DYNAMODB_TYPES,
    "kms": frozenset({"key", "alias"}),
    "lambda": compute.LAMBDA_TYPES,
    "logs": frozenset({"log-group", "log-stream", "destination"}),
    "s3": stores.S3_TYPES,
    "secretsmanager": frozenset({"Secret"}),
    "sqs": frozenset({"queue"}),
    "sts": frozenset({"role", "self-session"}),
}
"""The resource types that a service's rule speaks of; actions on others go the general way."""

_S3_HEADERS = (
    "acl",
    "bucket-object-lock-enabled",
    "bypass-governance-retention",
    "copy-source",
    "grant-full-control",
    "grant-read",
    "grant-read-acp",
    "grant-write",
    "grant-write-acp",
    "object-lock-legal-hold",
    "object-lock-mode",
    "object-lock-retain-until-date",
    "object-ownership",
    "tagging",
)

READS: dict[str, tuple[str, ...]] = {
    "dynamodb": ("tableName", "indexName", "requestItems", "transactItems"),
    "kms": ("keyId", "targetKeyId", "destinationKeyId", "sourceKeyId", "aliasName"),
    "lambda": ("functionName", "qualifier", "layerName", "arn", "versionNumber"),
    "logs": (
        "logGroupName",
        "logGroupNames",
        "logGroupIdentifier",
        "logGroupIdentifiers",
        "logGroupArn",
        "logGroupArnList",
        "resourceArn",
        "destinationArn",
    ),
    "s3": (
        "bucketName",
        "versionId",
        *(f"x-amz-{name}" for name in _S3_HEADERS),
        *(f"X-Amz-{name.title()}" for name in _S3_HEADERS),
    ),
    "secretsmanager": ("secretId", "secretIdList", "name"),
    "sqs": ("queueUrl", "queueName", "queueOwnerAWSAccountId"),
    "sts": ("roleArn", "tags", "principalTags", "transitiveTagKeys", "sourceIdentity"),
}
"""All request parameters that a service's rule, and what depends on the request in its mapping,
look at.  Calls that agree in these have the same resources, wherever the rule gives an answer:
so each of a million S3 keys is not worked out anew."""
