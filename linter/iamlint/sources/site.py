"""A policy at a place in source: what it is, whom it serves, how it is written there.

Readers turn files into a `Project` of these; everything above works on it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Protocol

import msgspec

from iamlint.iam.policy import Policy, Problem
from iamlint.text import Place, SourceText
from iamlint.tree import Hole, Node, Text

SiteKind = Literal["identity", "trust", "resource", "boundary", "managed-attachment", "scp", "rcp"]
Language = Literal["hcl", "yaml", "json"]
OwnerKind = Literal["role", "user", "group", "permission-set", "policy"]

Form = Literal["value", "blocks", "text", "attachment"]
"""How a policy is written.

`value`: as a structured value of the file's own language (HCL object under `jsonencode`, YAML
or JSON mapping).  `blocks`: as an `aws_iam_policy_document`.  `text`: as JSON text inside a
string, heredoc or block scalar.  `attachment`: by the name or ARN of a managed policy.
"""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """An IAM principal, or a customer managed policy, that the project declares.

    `key` is unique in the project (`<scope>#<address>`; the scope is a module's folder or a
    template's path); `address` is what the author calls it (`aws_iam_role.ci`, `CiRole`).
    `name` is None where the deployment generates it; then `name_prefix` may be known.
    `reference` is the expression that names it in its own language (`aws_iam_role.ci.name`,
    `CiRole`).  `place` is the name in the declaration, `block` the whole declaration.  `arn` is
    the real one where a plan or state tells it.  `construct` is as in PolicySite.
    """

    key: str
    address: str
    kind: OwnerKind
    language: Language
    place: Place
    block: Place
    reference: str
    name: Text | None = None
    name_prefix: Text | None = None
    path: Text | None = None
    arn: str | None = None
    possible: str | None = None
    construct: str | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """How a managed policy is attached.

    `attribute`: the whole argument of an attachment resource; `list-item`: an element of a list
    argument; `map-item`: an entry of a map or set that `for_each` runs over.  `item` is the text
    to take away so that nothing is attached any more (an entry with its key), `container` the
    list or map around it, `block` the resource that attaches.  `shared` says who else uses the
    same literal, None if nobody.
    """

    form: Literal["attribute", "list-item", "map-item"]
    item: Place
    block: Place
    container: Place | None = None
    shared: str | None = None


class PolicySite(msgspec.Struct, frozen=True, kw_only=True):
    """One policy in one place.

    `place` is what a finding about the whole site points at: the string that attaches a managed
    policy, or the document.  `owners` are the keys of the principals that the policy serves
    (empty: not known in this project).  `arn` is set for `managed-attachment` and `boundary`
    sites that name a policy; `policy` is then None unless the project declares that policy.
    `resource_type` is the type that holds the policy (`aws_s3_bucket_policy`, `AWS::S3::BucketPolicy`).
    `argument` is the argument or property path in it (`policy`, `Policies[0].PolicyDocument`).
    `editable` is None if the text may be rewritten, else why not (generated file, module used
    elsewhere, value from a variable).  `construct` is the path of the construct of the AWS CDK
    that made it.
    """

    kind: SiteKind
    form: Form
    language: Language
    address: str
    key: str
    resource_type: str
    argument: str
    place: Place
    block: Place
    owners: tuple[str, ...] = ()
    policy: Policy | None = None
    problems: tuple[Problem, ...] = ()
    arn: Text | None = None
    attachment: Attachment | None = None
    possible: str | None = None
    editable: str | None = None
    construct: str | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Anything that the project declares or looks up, of whatever type; one for each instance.

    `type` is the type as its language has it (`aws_instance`, `AWS::EC2::Instance`), that of a
    data source begins with `data.`.  `key`, `address`, `language`, `place`, `block` and
    `possible` are as in Owner, and so is the key of one that is an owner.  `reference` is how
    expressions beside it call it (`aws_instance.a[0]`, `Web`).  `instance` is the key of
    `for_each` or the number of `count`.  Nothing is evaluated before it is asked for.
    """

    key: str
    address: str
    type: str
    language: Language
    place: Place
    block: Place
    reference: str
    reader: ResourceReader
    instance: Text | int | None = None
    possible: str | None = None

    def get(self, name: str) -> Node | None:
        """An argument or property with all that is in it; None if it is not written or null.

        Nested blocks are a list of maps.  Never raises: what fails is Unknown.
        """
        return self.reader.argument(self, name)

    def values(self, path: str) -> list[Node]:
        """What stands at a path (`network_interface.subnet_id`), through lists, conditions and JSON.

        Each carries in `possible` what it hangs on; what may be more is an Unknown.  Empty only
        if there is nothing there.
        """
        from iamlint.sources.resources import values

        return values(self, path)


class ResourceArn(msgspec.Struct, frozen=True, kw_only=True):
    """The ARN that a resource has, or one with holes for what only the deployment knows.

    `reference` is the hole that an expression for it gives, which has its name
    (`aws_sqs_queue.q.arn`, `Queue.Arn`); `written` that expression in full (`!GetAtt Queue.Arn`).
    Both are None where the language has none (a plan; types whose ARN CloudFormation does not give).
    """

    text: Text
    reference: Hole | None = None
    written: str | None = None


class ResourceReader(Protocol):
    """The resources of one root module, template, plan or state.

    `scope` is what all their keys begin with, before the `#`.
    """

    scope: str

    def types(self) -> Iterable[str]:
        """The types of which there may be resources."""

    def of(self, kind: str) -> list[Resource]:
        """The resources of a type, in source order."""

    def named(self, kind: str) -> Mapping[Text, list[Resource]]:
        """The resources of a type by the texts that stand for them: names, ids, ARNs."""

    def argument(self, resource: Resource, name: str) -> Node | None:
        """See Resource.get."""

    def decoded(self, resource: Resource, name: str) -> Node | None:
        """The tree of an argument that is JSON text; None if it is none."""

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        """The names of all that is written in a resource."""

    def meant(self, text: Text) -> list[Text]:
        """A text, and what it stands for where it is one hole that was passed in from elsewhere."""

    def behind(self, hole: Hole) -> Resource | None:
        """The one resource of which a hole is an attribute, if it is declared here."""

    def arn(self, resource: Resource) -> ResourceArn | None:
        """The ARN of a resource, None where none is known for its type."""


class Unresolved(msgspec.Struct, frozen=True):
    """A policy, or a part of one, that could not be evaluated and so was not judged.

    `ignored` is True for what was read and yet means nothing, since the deployment ignores it.
    """

    place: Place
    address: str
    reason: str
    ignored: bool = False


class Unreadable(msgspec.Struct, frozen=True):
    """A file, or a block of one, that could not be parsed.

    `line` and `column` are 1-based, None where the reader has none (binary, no permission).
    `advice` says what to do.  `iac` is False when the file may well be no IaC at all.
    """

    path: str
    reason: str
    line: int | None = None
    column: int | None = None
    advice: str = ""


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user tells the readers about the deployment.

    `variables` are Terraform variables by name (raw text, as `-var` takes it), `var_files` paths
    of tfvars files, `parameters` CloudFormation parameters by name.  `account` and `region` stand
    for the deployment's own where the source does not tell.  `named` are the files that the user
    named, as the sandbox displays them; None if all were.
    """

    variables: dict[str, str] = {}
    var_files: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    account: str | None = None
    region: str | None = None
    named: frozenset[str] | None = None

    def names(self, path: str) -> bool:
        """True if the user named the file at this display path, rather than a folder above it."""
        return self.named is None or path in self.named


class Project(msgspec.Struct, kw_only=True):
    """Everything that was read: the value that rules are asked about.

    `together` are groups of files of which none means the same without the others: templates
    that contain one another.
    """

    sites: list[PolicySite] = msgspec.field(default_factory=list)
    owners: dict[str, Owner] = msgspec.field(default_factory=dict)
    unresolved: list[Unresolved] = msgspec.field(default_factory=list)
    unreadable: list[Unreadable] = msgspec.field(default_factory=list)
    sources: dict[str, SourceText] = msgspec.field(default_factory=dict)
    files: int = 0
    readers: list[ResourceReader] = msgspec.field(default_factory=list)
    together: list[frozenset[str]] = msgspec.field(default_factory=list)

    def add(self, other: Project) -> None:
        """Take in what another reader found."""
        self.sites += other.sites
        self.owners.update(other.owners)
        self.unresolved += other.unresolved
        self.unreadable += other.unreadable
        self.sources.update(other.sources)
        self.files += other.files
        self.readers += other.readers
        self.together += other.together

    def sites_of(self, owner: str) -> list[PolicySite]:
        """The sites that serve an owner, by its key, in source order."""
        return [site for site in self.sites if owner in site.owners]

    @property
    def resources(self) -> Iterator[Resource]:
        """Every resource and data source, of any type."""
        for reader in self.readers:
            for kind in reader.types():
                yield from reader.of(kind)

    def resources_of(self, *types: str) -> list[Resource]:
        """The resources of some types; costs nothing where there are none."""
        return [each for reader in self.readers for kind in types for each in reader.of(kind)]

    def resource_behind(
        self, value: Node | Hole | Text | str, near: Resource | str, *types: str
    ) -> Resource | None:
        """The resource that a value names, seen from a resource or from the key of any other thing.

        A value that is a hole leads to what it is an attribute of; any other text to the one
        resource whose name, id or ARN it is, among those of the `types` (without types: of all
        that have an ARN known here).  None if there is no such one, or more than one.
        """
        from iamlint.sources.resources import behind

        return behind(self.readers, value, near, types)
