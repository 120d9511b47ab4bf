"""Pseudo parameters: what the deployment knows of itself, as far as the user told it."""

from __future__ import annotations

from iamlint.sources.site import ReadOptions
from iamlint.tree import Hole, HoleKind, Text

_PSEUDO: dict[str, HoleKind] = {
    "AWS::AccountId": "account",
    "AWS::Region": "region",
    "AWS::Partition": "partition",
    "AWS::StackName": "name",
    "AWS::StackId": "resource",
    "AWS::URLSuffix": "name",
}


def pseudo(name: str, options: ReadOptions, scope: str) -> Text | None:
    """The value of a pseudo parameter; None if the name is none."""
    account, region = options.account, options.region
    if name == "AWS::AccountId" and account:
        return Text.of(account)
    if name == "AWS::Region" and region:
        return Text.of(region)
    if name == "AWS::Partition" and region:
        return Text.of(partition_of(region))
    if name == "AWS::URLSuffix" and region:
        return Text.of("amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com")
    kind = _PSEUDO.get(name)
    return Text((Hole(name, kind, scope),)) if kind else None


def partition_of(region: str) -> str:
    """The partition that a region belongs to.

    Source: AWS General Reference, and botocore's partitions.json.
    """
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"
