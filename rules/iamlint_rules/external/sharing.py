"""Snapshots and images that are shared by an attribute of theirs: they have no policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Node, Resource, Scalar

_SHARED = {
    "aws_ami_launch_permission": ("account_id", "group"),
    "aws_db_cluster_snapshot": ("shared_accounts",),
    "aws_db_snapshot": ("shared_accounts",),
    "aws_db_snapshot_copy": ("shared_accounts",),
    "aws_rds_cluster_snapshot_copy": ("shared_accounts",),
    "aws_snapshot_create_volume_permission": ("account_id",),
}
"""The arguments that name whom it is shared with, by type; CloudFormation has none."""

EVERYONE = "all"


def shared(ctx: Context) -> Iterator[tuple[Resource, Node, str]]:
    """What is shared, with the place and text of each account, or of `all`, that is known."""
    for resource in ctx.project.resources_of(*_SHARED):
        for argument in _SHARED[resource.type]:
            for node in resource.values(argument):
                text = node.text.literal if isinstance(node, Scalar) and node.text else None
                if text:
                    yield resource, node, text
