"""A policy at a place in source: what it is, whom it serves, how it is written there.

Readers turn files into a `Project` of these; everything above works on it alone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.iam.policy import Policy, Problem
from iamlint.text import Place, SourceText
from iamlint.tree import Text

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
    the real one where a plan or state tells it.
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
    elsewhere, value from a variable).
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
    """Everything that was read: the value that rules are asked about."""

    sites: list[PolicySite] = msgspec.field(default_factory=list)
    owners: dict[str, Owner] = msgspec.field(default_factory=dict)
    unresolved: list[Unresolved] = msgspec.field(default_factory=list)
    unreadable: list[Unreadable] = msgspec.field(default_factory=list)
    sources: dict[str, SourceText] = msgspec.field(default_factory=dict)
    files: int = 0

    def add(self, other: Project) -> None:
        """Take in what another reader found."""
        self.sites += other.sites
        self.owners.update(other.owners)
        self.unresolved += other.unresolved
        self.unreadable += other.unreadable
        self.sources.update(other.sources)
        self.files += other.files

    def sites_of(self, owner: str) -> list[PolicySite]:
        """The sites that serve an owner, by its key, in source order."""
        return [site for site in self.sites if owner in site.owners]
