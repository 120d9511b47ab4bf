"""What rules may ask about the project: who is served by which policy, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from iamlint.iam.policy import Policy
from iamlint.rule.catalogue import Catalogue
from iamlint.rule.settings import Settings
from iamlint.sources.site import Owner, PolicySite, Project, Resource
from iamlint.text import Place, SourceText, Span

T = TypeVar("T")


class Served(Catalogue):
    """The questions that hang on the project alone; answers are kept for the run."""

    def __init__(self, project: Project, settings: Settings | None = None) -> None:
        self.project = project
        self.settings = settings or Settings()
        self._kept: dict[Hashable, object] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value under a key, made at the first time that it is asked for.

        For analyses that several rules share; the key should begin with the pack's name.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def owners(self, site: PolicySite) -> tuple[Owner, ...]:
        """The declared principals and customer managed policies that a site serves."""
        owners = self.project.owners
        return tuple(owners[key] for key in site.owners if key in owners)

    def sites_of(self, owner: Owner) -> list[PolicySite]:
        """The sites that serve an owner, in source order."""
        return self.once("iamlint:sites", self._by_owner).get(owner.key, [])

    def _by_owner(self) -> dict[str, list[PolicySite]]:
        found: dict[str, list[PolicySite]] = {}
        for site in self.project.sites:
            for key in site.owners:
                found.setdefault(key, []).append(site)
        return found

    def is_customer_managed(self, site: PolicySite) -> bool:
        """True if a site is the document of a customer managed policy."""
        return site.resource_type in CUSTOMER_MANAGED

    def is_inline(self, site: PolicySite) -> bool:
        """True if a site is a policy written into a principal."""
        return site.kind == "identity" and site.resource_type not in CUSTOMER_MANAGED

    def attachments_of(self, site: PolicySite) -> list[PolicySite]:
        """The sites that attach the customer managed policy whose document a site is."""
        if not self.is_customer_managed(site) or site.policy is None:
            return []
        return self.once("iamlint:attachments", self._attachments).get(_identity(site.policy), [])

    def _attachments(self) -> dict[tuple[int, int, int], list[PolicySite]]:
        found: dict[tuple[int, int, int], list[PolicySite]] = {}
        for site in self.project.sites:
            if site.kind == "managed-attachment" and site.policy is not None:
                found.setdefault(_identity(site.policy), []).append(site)
        return found

    def principals(self, site: PolicySite) -> tuple[Owner, ...]:
        """The roles, users, groups and permission sets that a site serves, through attachments too."""
        sites = (site, *self.attachments_of(site))
        owners = {owner.key: owner for each in sites for owner in self.owners(each)}
        return tuple(owner for owner in owners.values() if owner.kind != "policy")

    def login_profiles(self, user: Owner) -> list[Resource]:
        """What gives a user a console password: his declaration itself, or a profile for him."""
        return self.once("iamlint:login-profiles", self._login_profiles).get(user.key, [])

    def _login_profiles(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for profile in self.project.resources_of("aws_iam_user_login_profile"):
            for user in self._users(profile, "user"):
                found.setdefault(user, []).append(profile)
        for user_resource in self.project.resources_of("AWS::IAM::User"):
            if user_resource.get("LoginProfile") is not None:
                found.setdefault(user_resource.key, []).append(user_resource)
        return found

    def _users(self, resource: Resource, path: str) -> list[str]:
        """The keys of the users that a property names."""
        users = (
            self.project.resource_behind(node, resource, "aws_iam_user", "AWS::IAM::User")
            for node in resource.values(path)
        )
        return [user.key for user in users if user is not None]

    def signs_in(self, user: Owner) -> bool:
        """True if the project gives a user a console password, and no access key that is shown.

        A key of somebody who is not known may be his.
        """
        if not self.login_profiles(user):
            return False
        keyed = self.once("iamlint:access-keys", self._access_keys)
        return keyed is not None and user.key not in keyed

    def _access_keys(self) -> set[str] | None:
        """The users who are given an access key; None if it is not known to whom one is given."""
        found: set[str] = set()
        for key in self.project.resources_of("aws_iam_access_key", "AWS::IAM::AccessKey"):
            users = [*self._users(key, "user"), *self._users(key, "UserName")]
            if not users:
                return None
            found.update(users)
        return found

    def beside(self, site: PolicySite) -> tuple[PolicySite, ...]:
        """The other sites of the same kind that the same text serves with the same meaning."""
        if site.policy is None or site.form == "attachment":
            return ()
        alike = self.once("iamlint:texts", self._texts)[site.kind, _identity(site.policy)]
        return tuple(each for each in alike if each.key != site.key and each.policy == site.policy)

    def _texts(self) -> dict[tuple[str, tuple[int, int, int]], list[PolicySite]]:
        found: dict[tuple[str, tuple[int, int, int]], list[PolicySite]] = {}
        for site in self.project.sites:
            if site.policy is not None and site.form != "attachment":
                found.setdefault((site.kind, _identity(site.policy)), []).append(site)
        return found

    def same_text(self, site: PolicySite) -> tuple[PolicySite, ...]:
        """The other sites of the same kind that the same text serves, whatever it means there."""
        if site.policy is None or site.form == "attachment":
            item = _item(site)
            attached = self.once("iamlint:items", self._items).get(item, []) if item else []
            return tuple(each for each in attached if each.key != site.key)
        alike = self.once("iamlint:texts", self._texts)[site.kind, _identity(site.policy)]
        # A file is besides read as a document of its own, which serves nobody.
        return tuple(each for each in alike if each.key != site.key and each.owners)

    def _items(self) -> dict[Hashable, list[PolicySite]]:
        found: dict[Hashable, list[PolicySite]] = {}
        for site in self.project.sites:
            item = _item(site)
            if item is not None:
                found.setdefault(item, []).append(site)
        return found

    def nowhere(self) -> Place:
        """The place of a finding that no line of the project has caused."""
        return Place(SourceText("", ""), Span(0, 0))

    def head(self, block: Place, *, keep_brace: bool = False) -> Place:
        """The first line of a declaration, where the whole of it would be too much to show."""
        text = block.text.partition("\n")[0].rstrip()
        if not keep_brace:
            text = text.rstrip("{").rstrip()
        return Place(block.source, Span(block.span.start, block.span.start + len(text)))

    def document(self, site: PolicySite) -> Policy | None:
        """What a site says: its own document, or that of the AWS managed policy it attaches."""
        if site.policy is not None:
            return site.policy
        managed = self.managed(site)
        return managed.policy if managed else None


CUSTOMER_MANAGED = frozenset({"aws_iam_policy", "AWS::IAM::ManagedPolicy"})


def _identity(policy: Policy) -> tuple[int, int, int]:
    """What makes two values the same document: the text that they were read from."""
    place = policy.place
    return id(place.source), place.span.start, place.span.end


def _item(site: PolicySite) -> Hashable:
    """What tells the text that attaches an AWS managed policy from others; None if there is none."""
    if site.kind != "managed-attachment" or site.policy is not None or site.attachment is None:
        return None
    item = site.attachment.item
    return item.path, item.span, site.arn
