"""What stands between a bucket of S3 and everybody: public access blocks, ACLs, object ownership.

Source: Amazon S3 User Guide, access-control-block-public-access and about-object-ownership.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from iamlint.rule.addresses import doubt, falsehood, truth
from iamlint.sources.resources import below
from iamlint.sources.site import PolicySite, Resource
from iamlint.text import Place
from iamlint.tree import Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.rule.context import Context

Setting = Literal[
    "block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"
]

_PROPERTIES: dict[Setting, str] = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
_BUCKETS = ("aws_s3_bucket", "AWS::S3::Bucket")
_POINTS = ("aws_s3_access_point", "AWS::S3::AccessPoint")
_ACLS = ("aws_s3_bucket_acl", *_BUCKETS)


class Blocked(msgspec.Struct, frozen=True):
    """A setting of a public access block that is on; `doubt` says on what that hangs."""

    setting: Setting
    address: str
    place: Place
    doubt: str = ""

    @property
    def counts(self) -> bool:
        """False if a condition decides on it, which may decide on what it is to stop as well."""
        return not self.doubt or "by default" in self.doubt


class PublicAcl(msgspec.Struct, frozen=True, eq=False):
    """An ACL that lets strangers in.

    `grant` is the ACL as it is called, `does` what it lets them do with the bucket in words,
    `writes` whether they change it, `anyone` is False where they need an account at AWS.  `ownership` is what the bucket's object ownership
    says of ACLs: they count, or that is not shown.  `blocked` are settings that stand against it.
    """

    resource: Resource
    place: Place
    grant: str
    does: str
    writes: bool
    anyone: bool
    ownership: Literal["allows", "not shown"]
    blocked: tuple[Blocked, ...] = ()
    doubt: str = ""


def blocked(site: PolicySite, ctx: Context) -> tuple[Blocked, ...]:
    """The settings against public policies that are on for the bucket or access point of a site."""
    if "s3" not in site.resource_type.lower():
        return ()
    resource = _resource(site, ctx)
    if resource is None:
        return ()
    if resource.type in _POINTS:
        return tuple(_of_point(resource))
    wanted: tuple[Setting, ...] = ("block_public_policy", "restrict_public_buckets")
    return tuple(_blocked(resource, wanted, ctx))


def _resource(site: PolicySite, ctx: Context) -> Resource | None:
    """The resource that holds a site; one of its instances where they say the same."""

    def make() -> dict[str, Resource]:
        found: dict[str, Resource] = {}
        for resource in ctx.project.resources_of(site.resource_type):
            found[resource.key] = resource
            if resource.key.endswith("]"):
                found.setdefault(resource.key.rpartition("[")[0], resource)
        return found

    by_key = ctx.once(("iamlint:holders", site.resource_type), make)
    return by_key.get(f"{site.key.partition('#')[0]}#{site.address}")


def _names(resource: Resource, ctx: Context) -> set[str | Text]:
    """What stands for the bucket that a resource is, or is about: its key, its name."""
    if resource.type in _BUCKETS:
        nodes = [*resource.values("bucket"), *resource.values("BucketName")]
        return {resource.key, *filter(None, map(_text, nodes))}
    found: set[str | Text] = set()
    for node in (*resource.values("bucket"), *resource.values("Bucket")):
        bucket = ctx.project.resource_behind(node, resource, *_BUCKETS)
        if bucket is not None:
            found.add(bucket.key)
        text = _text(node)
        if text is not None:
            found.add(text)
    return found


def _beside(resource: Resource, kind: str, ctx: Context) -> list[Resource]:
    """The resources of a type that are about the same bucket as a resource, or are that bucket."""

    def make() -> dict[tuple[str, str | Text], list[Resource]]:
        found: dict[tuple[str, str | Text], list[Resource]] = {}
        for each in ctx.project.resources_of(kind):
            scope = each.key.partition("#")[0]
            for name in _names(each, ctx):
                found.setdefault((scope, name), []).append(each)
        return found

    by_name = ctx.once(("iamlint:about-buckets", kind), make)
    scope = resource.key.partition("#")[0]
    found = (each for name in _names(resource, ctx) for each in by_name.get((scope, name), ()))
    return list({each.key: each for each in found}.values())


def _blocked(resource: Resource, wanted: tuple[Setting, ...], ctx: Context) -> Iterator[Blocked]:
    scope = resource.key.partition("#")[0]
    for block in _beside(resource, "aws_s3_bucket_public_access_block", ctx):
        yield from _on(block, "", wanted)
    for block in ctx.project.resources_of("aws_s3_account_public_access_block"):
        if block.key.partition("#")[0] == scope:
            yield from _on(block, "", wanted)
    for bucket in _beside(resource, "AWS::S3::Bucket", ctx):
        yield from _on(bucket, "PublicAccessBlockConfiguration.", wanted)


def _on(block: Resource, path: str, wanted: tuple[Setting, ...]) -> Iterator[Blocked]:
    for setting in wanted:
        name = f"{path}{_PROPERTIES[setting]}" if path else setting
        for node in block.values(name):
            if truth(node):
                why = doubt(node.possible or block.possible)
                yield Blocked(setting, block.address, node.place, why)


def _of_point(point: Resource) -> Iterator[Blocked]:
    """An access point blocks all that it is not told to let through."""
    for path, name in (
        ("public_access_block_configuration", "restrict_public_buckets"),
        ("PublicAccessBlockConfiguration", "RestrictPublicBuckets"),
    ):
        nodes = point.values(f"{path}.{name}")
        if ("::" in point.type) is not path[0].isupper() or any(map(falsehood, nodes)):
            continue
        if not nodes or any(map(truth, nodes)):
            at = nodes[0] if nodes else None
            why = doubt((at.possible if at else None) or point.possible)
            place = at.place if at else point.place
            yield Blocked("restrict_public_buckets", point.address, place, why)


# ACLs


def public_acls(ctx: Context) -> Iterator[PublicAcl]:
    """The ACLs of the project's buckets that let strangers in, as far as S3 heeds them."""
    for resource in ctx.project.resources_of(*_ACLS):
        for place, grant, does, anyone, why in _grants(resource):
            allows, uncertain = _ownership(resource, ctx)
            if allows is False:
                continue
            against = tuple(_blocked(resource, ("block_public_acls", "ignore_public_acls"), ctx))
            if any(b.setting == "ignore_public_acls" and not b.doubt for b in against):
                continue
            yield PublicAcl(
                resource,
                place,
                grant,
                does,
                "change" in does,
                anyone,
                "allows" if allows else "not shown",
                against,
                why or uncertain or doubt(resource.possible),
            )


_CANNED = {
    "public-read": ("list", True),
    "public-read-write": ("list and change", True),
    "authenticated-read": ("list", False),
    "PublicRead": ("list", True),
    "PublicReadWrite": ("list and change", True),
    "AuthenticatedRead": ("list", False),
}
_STRANGERS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": True,
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": False,
}


_DOES = {
    "READ": "list",
    "WRITE": "change",
    "READ_ACP": "read the grants of",
    "WRITE_ACP": "change the grants of",
    "FULL_CONTROL": "list and change",
}


def _grants(resource: Resource) -> Iterator[tuple[Place, str, str, bool, str]]:
    for node in (*resource.values("acl"), *resource.values("AccessControl")):
        name = node.value if isinstance(node, Scalar) else None
        if isinstance(name, str) and name in _CANNED:
            does, anyone = _CANNED[name]
            yield node.place, f"`{name}`", does, anyone, doubt(node.possible)
    grants = (*resource.values("access_control_policy.grant"), *resource.values("grant"))
    for each in grants:
        for node in (*below(each, "grantee.uri"), *below(each, "uri")):
            uri = node.value if isinstance(node, Scalar) else None
            if isinstance(uri, str) and uri in _STRANGERS:
                leaves = (*below(each, "permission"), *below(each, "permissions"))
                may = [str(leaf.value) for leaf in leaves if isinstance(leaf, Scalar)]
                does = " and ".join(dict.fromkeys(_DOES[one] for one in may if one in _DOES))
                group = f"a grant to `{uri.rpartition('/')[2]}`"
                why = doubt(node.possible or each.possible)
                yield node.place, group, does or "use", _STRANGERS[uri], why


def _ownership(resource: Resource, ctx: Context) -> tuple[bool | None, str]:
    """Whether a bucket's object ownership lets ACLs count; None if that is not shown."""
    nodes: list[Node] = []
    for controls in _beside(resource, "aws_s3_bucket_ownership_controls", ctx):
        nodes += controls.values("rule.object_ownership")
    for bucket in _beside(resource, "AWS::S3::Bucket", ctx):
        nodes += bucket.values("OwnershipControls.Rules.ObjectOwnership")
    for node in nodes:
        value = node.value if isinstance(node, Scalar) else None
        if value in ("ObjectWriter", "BucketOwnerPreferred"):
            return True, doubt(node.possible)
        if value == "BucketOwnerEnforced" and not node.possible:
            return False, ""
    return None, ""


def _text(node: Node) -> Text | None:
    """What names a bucket; two that are not known are the same where their expression is."""
    if isinstance(node, Unknown):
        return Text((node.hole,)) if node.hole.name != "…" else None
    return node.text if isinstance(node, Scalar) else None
