"""The ARN that AWS authorizes against, where it is not the one that a log record names."""

from __future__ import annotations

import re

_LOG_GROUP = re.compile(r"(arn:[^:]*:logs:[^:]*:[^:]*:log-group:[^:*]+)(:.*)?\Z", re.DOTALL)
_LOG_GROUP_BY_OWN_ARN = {"logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"}
_SECRET = re.compile(r"(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:)(.+)\Z", re.DOTALL)
_SECRET_SUFFIX = re.compile(r"(.+)-[A-Za-z0-9]{6}\Z", re.DOTALL)
_ANY_SUFFIX = "-??????"
"""What a profile writes for the random characters where the call gave the secret's name alone."""
_STACK = re.compile(r"(arn:[^:]*:cloudformation:[^:]*:[^:]*:stack/[^/*]+)(/.*)?\Z", re.DOTALL)
_REVISION = re.compile(
    r"(arn:[^:]*:(?:ecs|batch|lambda):[^:]*:[^:]*:"
    r"(?:task-definition/[^:]+|job-definition/[^:]+|layer:[^:]+|function:[^:]+)):\d+\Z"
)
_ALIAS = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/")
_BY_ALIAS = {"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}


def patterns(action: str, arn: str) -> tuple[str, ...] | None:
    """What a policy must name so that a call of `action` seen with `arn` is allowed.

    None if that cannot be told from the ARN.  Sources: CloudWatch Logs User Guide,
    iam-access-control-overview-cwl (a log group is named with a trailing `:*` for all but the
    tagging actions); Secrets Manager User Guide, troubleshoot (six random characters end a
    secret's ARN); KMS Developer Guide, alias-authorization (an alias's ARN does not authorize
    use of its key); IAM User Guide, reference_policies_elements_resource.
    """
    if "${" in arn or "‹" in arn:  # a policy would read it as a variable, iamlint as a hole
        return None
    group = _LOG_GROUP.match(arn)
    if group:
        return (group[1],) if action in _LOG_GROUP_BY_OWN_ARN else (f"{group[1]}:*",)
    secret = _SECRET.match(arn)
    if secret:
        if arn.endswith(_ANY_SUFFIX):
            return (arn,)
        named = _SECRET_SUFFIX.match(secret[2])
        if named is None:
            return (arn + _ANY_SUFFIX,)
        # The last six characters may be the random ones or the end of the name.
        return (f"{secret[1]}{named[1]}{_ANY_SUFFIX}", arn + _ANY_SUFFIX)
    stack = _STACK.match(arn)
    if stack:
        return (f"{stack[1]}/*",)
    revision = _REVISION.match(arn)
    if revision:
        return (f"{revision[1]}:*",)
    if _ALIAS.match(arn) and action not in _BY_ALIAS:
        return None
    return (arn,)


def is_log_group(pattern: str) -> bool:
    """True for what names a log group and its streams: all logs actions take it."""
    return _LOG_GROUP.match(pattern) is not None


ACCOUNT_WIDE: dict[str, str] = {
    "logs:DescribeLogGroups": "arn:{partition}:logs:{region}:{account}:log-group:*",
}
"""Actions authorized against all resources of the region and account, whatever the call names.

logs:DescribeLogGroups is checked against `log-group::log-stream:` even when it is called with
the prefix of one group, so a policy that names the group denies it.
"""


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"
