"""Every policy of a root module and the modules that it calls, with its owners."""

from __future__ import annotations

from collections.abc import Iterable

from iamlint.iam.decode import decode
from iamlint.iam.policy import Policy
from iamlint.sources.site import (
    Form,
    PolicySite,
    SiteKind,
    Unresolved,
)
from iamlint.sources.terraform.arguments import kind_of, shape_of, uneditable, values_of
from iamlint.sources.terraform.embedded import document_of
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.module_tree import ModuleTree, Reach, reason
from iamlint.sources.terraform.owner_graph import OwnerGraph
from iamlint.sources.terraform.owners import Owners
from iamlint.sources.terraform.resource_types import (
    LIKELY,
    OWNERS,
    PERMISSIONS,
    TYPES,
    Document,
    documents_of,
)
from iamlint.sources.terraform.values import Fail
from iamlint.text import Place, SourceText, Span
from iamlint.tree import MapNode, Node, Scalar


def _anywhere(module: ModuleInstance) -> Place:
    """A place for what concerns a module as a whole."""
    source = module.folder.files[0] if module.folder.files else SourceText(module.folder.path, "")
    return Place(source, Span(0, 0))


class Collector:
    """Collects the sites of one root module; with a `reach` only those of some of its modules."""

    def __init__(self, root: ModuleInstance, scope: str, reach: Reach | None = None) -> None:
        self.root = root
        self.reach = reach
        self.scope = scope
        self.owners = Owners(scope)
        self.sites: list[PolicySite] = []
        self.unresolved: list[Unresolved] = []
        self.policies: dict[str, Policy] = {}
        self.modules: list[ModuleInstance] = []
        self.graph = OwnerGraph(self.owners, self.sites, self.policies, self._miss)

    def collect(self) -> None:
        """Fill `sites`, `owners`, `unresolved` and `modules`."""
        tree = ModuleTree(self.root, self._miss, self.reach)
        self.modules = tree.modules
        self._judge(list(tree.instances()))
        self._loose_ends(tree)
        self.graph.link()

    def collect_from(self, instances: list[Instance]) -> None:
        """As `collect`, of instances that a plan or state has."""
        self._judge(instances)
        self.graph.link()

    def _judge(self, instances: list[Instance]) -> None:
        judged = instances
        if self.reach is not None:
            judged = [i for i in instances if self.reach.judges(i.module, i.declared)]
        steps = (
            (self._declare, instances),
            (self._documents, judged),
            (self.graph.attach, judged),
            (self.graph.join, judged),
        )
        for step, concerned in steps:
            for instance in concerned:
                told = len(self.unresolved)
                try:
                    step(instance)
                except (RecursionError, Fail) as error:
                    place = Place(instance.declared.source, instance.declared.block.span)
                    self._miss(place, instance.address, reason(error))
                if instance.against:  # what it refers to is not there either
                    del self.unresolved[told:]

    def _loose_ends(self, called: ModuleTree) -> None:
        """Policies that are given to modules that were not read, and those that nothing uses."""
        modules = [
            module
            for module in called.modules
            if self.reach is None or module.folder.path in self.reach.wanted
        ]
        # Imported here: most runs have neither, and the ARNs need the table of managed policies.
        if not called.unread and not any(
            kind == "aws_iam_policy_document" for m in modules for kind, _ in m.folder.data
        ):
            return
        from iamlint.sources.terraform import loose_ends

        for call in called.unread:
            try:
                for argument, tree, kind, form in loose_ends.given_documents(call):
                    self._add(call, argument, tree, kind, form, (), loose_ends.GIVEN)
                self._given_policies(call, loose_ends.given_policies(call))
            except (RecursionError, Fail) as error:
                place = Place(call.declared.source, call.declared.block.span)
                self._miss(place, call.address, reason(error))
        for module in modules:
            try:
                for instance, encoded in loose_ends.unused_documents(module):
                    tree = encoded.content
                    shape = shape_of(tree) if isinstance(tree, MapNode) else None
                    if shape is not None:
                        self._document(instance, "json", encoded, shape, (), loose_ends.UNUSED)
            except (RecursionError, Fail) as error:
                self._miss(_anywhere(module), "", f"a policy document: {reason(error)}")

    def _given_policies(self, call: Instance, found: Iterable[tuple[str, Scalar]]) -> None:
        """Managed policies that a module, which was not read, may attach."""
        from iamlint.sources.terraform.loose_ends import GIVEN

        block = Place(call.declared.source, call.declared.block.span)
        for argument, arn in found:
            self.sites.append(
                PolicySite(
                    kind="managed-attachment",
                    form="attachment",
                    language="hcl",
                    address=call.address,
                    key=f"{self.owners.key(call)}#{argument}#{arn.text}",
                    resource_type="module",
                    argument=argument,
                    place=arn.place,
                    block=block,
                    arn=arn.text,
                    possible=arn.possible or GIVEN,
                    editable="it is given to a module that was not read",
                )
            )

    def _miss(self, place: Place, address: str, reason: str) -> None:
        self.unresolved.append(Unresolved(place, address, reason))

    # --- steps -------------------------------------------------------------------------------

    def _declare(self, instance: Instance) -> None:
        if instance.type in OWNERS:
            self.owners.declare(instance)

    def _documents(self, instance: Instance) -> None:
        rows = documents_of(instance.type)
        if not rows and instance.type not in TYPES:
            self._unlisted(instance)
        for document in rows:
            kind = kind_of(document, instance)
            if kind is None:
                continue
            owners = self._owners(instance, document)
            for argument, value, possible in values_of(instance, document.path):
                self._document(instance, argument, value, kind, owners, possible)
        if instance.type in PERMISSIONS:
            from iamlint.sources.terraform.permissions import statement_of

            tree = statement_of(instance)
            self._add(instance, "statement", tree, "resource", "value", (), None)

    def _unlisted(self, instance: Instance) -> None:
        """Arguments of a type that is in no table count if an IAM policy is what they hold."""
        for argument in sorted(LIKELY.intersection(instance.declared.names())):
            value = instance.get(argument)
            found = None if value is None else document_of(value)
            if found is None or not isinstance(found[0], MapNode):
                continue
            shape = shape_of(found[0])
            if shape is not None:
                self._add(instance, argument, found[0], shape, found[1], (), None)

    def _document(
        self,
        instance: Instance,
        argument: str,
        value: Node,
        kind: SiteKind,
        owners: tuple[str, ...],
        possible: str | None,
    ) -> None:
        found = document_of(value)
        if found is None:
            return
        tree, form = found
        self._add(instance, argument, tree, kind, form, owners, possible)

    def _add(
        self,
        instance: Instance,
        argument: str,
        tree: Node,
        kind: SiteKind,
        form: Form,
        owners: tuple[str, ...],
        possible: str | None,
    ) -> None:
        policy, problems = decode(tree, kind)
        if instance.against:
            # What it refers to is not there either: only what it surely says is judged.
            problems = ()
            if policy is None or not policy.statements:
                return
        block = Place(instance.declared.source, instance.declared.block.span)
        for problem in problems:
            if problem.kind == "unresolved":
                self._miss(problem.place, instance.address, problem.message)
        place = policy.place if policy is not None else tree.place
        key = self.owners.key(instance)
        editable = uneditable(instance, place)
        if instance.type == "module":
            editable = editable or "it is given to a module that was not read"
        if instance.type in OWNERS and OWNERS[instance.type][0] == "policy" and policy is not None:
            self.policies[key] = policy
        self.sites.append(
            PolicySite(
                kind=kind,
                form=form,
                language="hcl",
                address=instance.address,
                key=f"{key}#{argument}",
                resource_type=instance.type,
                argument=argument,
                place=place,
                block=block,
                owners=owners,
                policy=policy,
                problems=problems,
                possible=possible or instance.possible,
                editable=editable,
            )
        )

    def _owners(self, instance: Instance, document: Document) -> tuple[str, ...]:
        if document.owner == "self":
            return (self.owners.key(instance),)
        if not document.owner:
            return ()
        return self.owners.find(instance.get(document.owner), document.owner_kind)
