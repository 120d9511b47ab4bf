"""Policies and attachments of whole configurations against a real terraform with a stub provider.

Each folder under `scenarios` is planned and then deployed into a state.  What the plan knows,
iamlint must know and read the same; what the plan does not know, iamlint must leave open; and what
the deployment makes of it in the end must fit what iamlint said, its literal parts being equal
and each hole having one value.

`scenarios/modules` are called as modules by one root, `scenarios/roots` are roots of their own,
and terraform refuses to plan `scenarios/deferred`, as their instances are not known.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from iamlint.iam.policy import Element, Policy, Statement
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, ReadOptions
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.sites import Collector
from iamlint.tree import Hole, Text

SCENARIOS = Path(__file__).with_name("scenarios")
MODULES = sorted(path.name for path in (SCENARIOS / "modules").iterdir())
ROOTS = sorted(path.name for path in (SCENARIOS / "roots").iterdir())
DEFERRED = sorted(path.name for path in (SCENARIOS / "deferred").iterdir())

DOCUMENTS = (
    "assume_role_policy", "policy", "content", "inline_policy",
)  # fmt: skip
ATTACHED = ("policy_arn", "policy_arns", "managed_policy_arns", "managed_policy_arn", "permissions_boundary")  # fmt: skip
SERVES = {
    "role": "aws_iam_role", "roles": "aws_iam_role", "role_name": "aws_iam_role",
    "user": "aws_iam_user", "users": "aws_iam_user", "group": "aws_iam_group",
    "permission_set_arn": "aws_ssoadmin_permission_set",
}  # fmt: skip
EAGER = {
    "module.depends_on.aws_s3_bucket_policy.b",
    "module.splat_on_single_and_null.aws_iam_policy.document",
}
"""What terraform puts off although it could know it."""


# --- what iamlint read -----------------------------------------------------------------------


def collected(folder: Path) -> Collector:
    session = Session(Sandbox(folder, cwd=folder), ReadOptions())
    collector = Collector(ModuleInstance(session, session.folder(str(folder))), ".")
    collector.collect()
    return collector


def left_open(policy: Policy | None) -> bool:
    """True if any part of a policy is said to be unknown."""
    return policy is None or policy.open is not None or any(map(_left_open, policy.statements))


def _left_open(statement: Statement) -> bool:
    return not statement.complete or any(
        element.text.holes or element.possible for element in _elements(statement)
    )


def _elements(statement: Statement) -> Iterator[Element]:
    yield from statement.actions
    yield from statement.resources
    yield from (principal.element for principal in statement.principals)
    for condition in statement.conditions:
        yield from (condition.key, condition.operator, *condition.values)


# --- how what was read fits what terraform says ------------------------------------------------


class Fit:
    """Fits texts with holes to strings, one value for each hole.

    `certain`: the plan knows the value, so only what was looked up in the account may be a hole
    and only the default of a root's variable may be a mere possibility.
    """

    def __init__(self) -> None:
        self.holes: dict[Hole, str] = {}
        self.certain = False

    def text(self, text: Text, wanted: str) -> bool:
        if self.certain and any(not hole.name.startswith("data.") for hole in text.holes):
            return False
        pattern, free = "", []
        for part in text.parts:
            if isinstance(part, str):
                pattern += re.escape(part)
            elif part in self.holes:
                pattern += re.escape(self.holes[part])
            else:
                free.append(part)
                pattern += "(.*)"
        found = re.fullmatch(pattern, wanted, re.DOTALL)
        if found is not None and len(free) == 1:
            self.holes[free[0]] = found[1]
        return found is not None

    def sure(self, possible: str | None) -> bool:
        """True if something must be there."""
        return possible is None or (self.certain and not possible.startswith("by default"))

    def elements(self, ours: Sequence[Element], theirs: Any, more: str | None = None) -> bool:
        """Our strings against one string or a list of them, in any order.

        One that is written twice is there once for the provider; iamlint keeps both places.
        """
        wanted = [str(one) for one in (theirs if isinstance(theirs, list) else [theirs])]
        once = {(element.text, element.possible): element for element in ours}.values()
        return self.assigned(
            [
                (lambda one, element=element: self.text(element.text, one), element.possible)
                for element in sorted(once, key=lambda one: (len(one.text.holes), str(one)))
            ],
            wanted,
            more,
        )

    def assigned(
        self,
        ours: Sequence[tuple[Callable[[Any], bool], str | None]],
        theirs: Sequence[Any],
        more: str | None,
    ) -> bool:
        """Each of ours fits one of theirs, but for possible ones; none of theirs is left over."""
        if not ours:
            return not theirs or (more is not None and not self.certain)
        (fits, possible), rest = ours[0], ours[1:]
        for index, one in enumerate(theirs):
            before = dict(self.holes)
            if fits(one) and self.assigned(rest, [*theirs[:index], *theirs[index + 1 :]], more):
                return True
            self.holes = before
        return not self.sure(possible) and self.assigned(rest, theirs, more)

    def policy(self, ours: Policy, theirs: dict[str, Any]) -> bool:
        statements = theirs.get("Statement", [])
        statements = statements if isinstance(statements, list) else [statements]
        if ours.version != theirs.get("Version"):
            return False
        if (ours.id is None) != (not theirs.get("Id")):
            return False
        if ours.id is not None and not self.text(ours.id.text, theirs["Id"]):
            return False
        if ours.open is None and all(one.possible is None for one in ours.statements):
            return len(ours.statements) == len(statements) and all(
                map(self.statement, ours.statements, statements)
            )
        fits = [
            (lambda one, mine=mine: self.statement(mine, one), mine.possible)
            for mine in ours.statements
        ]
        return self.assigned(fits, statements, ours.open)

    def statement(self, ours: Statement, theirs: dict[str, Any]) -> bool:
        sid = theirs.get("Sid")
        return (
            ours.effect == theirs.get("Effect")
            and ours.has_resource == ("Resource" in theirs or "NotResource" in theirs)
            and self.label(ours.sid, sid or "")
            and self.one_of(ours, theirs, "Action", ours.actions, ours.not_action)
            and self.one_of(ours, theirs, "Resource", ours.resources, ours.not_resource)
            and self.principals(ours, theirs)
            and self.conditions(ours, theirs.get("Condition", {}))
        )

    def label(self, ours: Element | None, theirs: str) -> bool:
        """A Sid, which decides nothing: an undecided one is shown as the first that it may be."""
        if ours is None or not self.sure(ours.possible):
            return ours is not None or not theirs
        return self.text(ours.text, theirs)

    def one_of(
        self,
        ours: Statement,
        theirs: dict[str, Any],
        name: str,
        elements: Sequence[Element],
        negated: bool,
    ) -> bool:
        other = name if negated else f"Not{name}"
        wanted = theirs.get(f"Not{name}" if negated else name, [])
        return other not in theirs and self.elements(elements, wanted, ours.open.get(name))

    def principals(self, ours: Statement, theirs: dict[str, Any]) -> bool:
        wanted = theirs.get("NotPrincipal" if ours.not_principal else "Principal")
        if wanted is None:
            return not ours.has_principal
        table = {"*": [wanted]} if isinstance(wanted, str) else wanted
        more = ours.open.get("Principal")
        return {one.kind for one in ours.principals} == set(table) and all(
            self.elements([one.element for one in ours.principals if one.kind == kind], names, more)
            for kind, names in table.items()
        )

    def conditions(self, ours: Statement, theirs: dict[str, Any]) -> bool:
        wanted = [
            (operator, key, values)
            for operator, by_key in theirs.items()
            for key, values in by_key.items()
        ]

        def fits(one: Any, mine: Any) -> bool:
            operator, key, values = one
            values = values if isinstance(values, list) else [values]
            values = [str(v).lower() if isinstance(v, bool) else v for v in values]
            return (
                self.text(mine.operator.text, operator)
                and self.text(mine.key.text, key)
                and self.elements(mine.values, values, mine.open)
            )

        mine = [
            (lambda one, item=item: fits(one, item), item.operator.possible or item.key.possible)
            for item in ours.conditions
        ]
        return self.assigned(mine, wanted, ours.open.get("Condition"))


# --- what terraform says -----------------------------------------------------------------------


def planned(plan: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Address to type, known values and marks of the unknown ones."""
    return {
        change["address"]: (
            change["type"], change["change"]["after"], change["change"]["after_unknown"],
        )
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    }  # fmt: skip


def deployed(state: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Address to type and values."""
    found = {}
    todo = [state["values"]["root_module"]]
    while todo:
        module = todo.pop()
        todo += module.get("child_modules", ())
        for item in module.get("resources", ()):
            if item["mode"] == "managed":
                found[item["address"]] = (item["type"], item["values"])
    return found


def documents(kind: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The policy documents of a resource, each with its argument; no nulls."""
    found = []
    for argument in DOCUMENTS:
        value = values.get(argument)
        if kind == "aws_iam_role" and argument == "inline_policy":
            texts = [item.get("policy") for item in value or ()]
            found += [("inline_policy.policy", text) for text in texts if text is not None]
        elif isinstance(value, str) and value:
            found.append((argument, value))
    return found


def strings(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


# --- the comparison ----------------------------------------------------------------------------


def bare(address: str) -> str:
    """An address without the keys of instances."""
    return re.sub(r"\[[^\]]*\]", "", address)


def scenario(address: str) -> str:
    """Which of the called scenarios an address is in."""
    return address.split(".")[1] if address.startswith("module.") else ""


class Comparison:
    """One root module: all that differs, in words."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.wrong: list[str] = []
        self.fits: dict[str, Fit] = {}
        self.compared = 0
        self.told = 0  # documents that were said not to be known as a whole
        self.sites: dict[str, list[PolicySite]] = {}
        for site in collector.sites:
            self.sites.setdefault(site.address, []).append(site)

    def fit(self, address: str) -> Fit:
        """Holes have one value for each scenario: the first step of a module's address."""
        return self.fits.setdefault(scenario(address), Fit())

    def of(self, address: str) -> list[PolicySite]:
        exact = self.sites.get(address)
        if exact is not None:
            return exact
        # One instance that stands for all.
        return [
            site for found, sites in self.sites.items() for site in sites
            if (site.possible is not None or "‹" in found) and bare(found) == bare(address)
        ]  # fmt: skip

    def documents_of(self, address: str, argument: str) -> list[PolicySite]:
        last = argument.rpartition(".")[2]
        return [
            site for site in self.of(address)
            if site.form != "attachment" and site.argument.rpartition(".")[2] == last
            and ("." in site.argument) == ("." in argument)
        ]  # fmt: skip

    def plan(self, resources: dict[str, tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
        """What the plan knows, and what it does not."""
        for address, (kind, values, unknown) in resources.items():
            fit = self.fit(address)
            fit.certain = True
            for argument, text in documents(kind, values):
                self.document(fit, address, argument, text)
            fit.certain = False
            for argument in DOCUMENTS:
                if unknown.get(argument) is not True or address in EAGER:
                    continue
                for site in self.documents_of(address, argument):
                    if not left_open(site.policy):
                        self.wrong.append(f"{address}: {argument} should be unknown: {site.policy}")

    def deploy(self, resources: dict[str, tuple[str, dict[str, Any]]]) -> None:
        """What the deployment has made of it in the end."""
        named = {
            (
                kind,
                values.get("arn" if kind == "aws_ssoadmin_permission_set" else "name"),
                scenario(address),
            ): address
            for address, (kind, values) in resources.items()
        }
        seen = set()
        for address, (kind, values) in resources.items():
            fit = self.fit(address)
            expected = documents(kind, values)
            for argument, text in expected:
                self.document(fit, address, argument, text)
            sites = self.of(address)
            seen.update(site.address for site in sites)
            found = [site for site in sites if site.form != "attachment"]
            if len(found) != len(expected):
                self.wrong.append(f"{address}: {len(found)} documents instead of {len(expected)}")
            self.attached(fit, address, values, [site for site in sites if site.arn is not None])
            self.owners(address, kind, values, named, sites)
        surplus = set(self.sites) - seen
        if surplus:
            self.wrong.append(f"not in terraform: {sorted(surplus)}")

    def document(self, fit: Fit, address: str, argument: str, text: str) -> None:
        self.compared += 1
        theirs = json.loads(text)
        sites = self.documents_of(address, argument)
        for site in sites:
            before = dict(fit.holes)
            if site.policy is not None and fit.policy(site.policy, theirs):
                return
            fit.holes = before
        if not fit.certain and any(item.address == address for item in self.collector.unresolved):
            self.told += 1
            return
        shown = [str(site.policy and _shown(site.policy)) for site in sites]
        known = "plan" if fit.certain else "state"
        self.wrong.append(
            f"{address}: {argument} ({known})\n  terraform: {theirs}\n  iamlint:   {shown}"
        )

    def attached(
        self, fit: Fit, address: str, values: dict[str, Any], sites: list[PolicySite]
    ) -> None:
        for argument in ATTACHED:
            wanted = strings(values.get(argument))
            mine = [site for site in sites if site.argument.partition("[")[0] == argument]
            items = [
                (lambda one, site=site: site.arn is not None and fit.text(site.arn, one), site.possible)
                for site in mine
            ]  # fmt: skip
            self.compared += len(wanted)
            if not fit.assigned(items, wanted, None):
                shown = [str(site.arn) for site in mine]
                self.wrong.append(
                    f"{address}: {argument}\n  terraform: {wanted}\n  iamlint: {shown}"
                )

    def owners(
        self,
        address: str,
        kind: str,
        values: dict[str, Any],
        named: dict[tuple[str, Any, str], str],
        sites: list[PolicySite],
    ) -> None:
        wanted = {
            named[type_of, name, scenario(address)]
            for argument, type_of in SERVES.items()
            if kind != "aws_iam_instance_profile"
            for name in strings(values.get(argument))
            if (type_of, name, scenario(address)) in named
        }
        for site in sites:
            found = {self.collector.owners.declared[key].address for key in site.owners}
            if site.possible is not None or "‹" in site.address:  # it stands for all instances
                found, expected = set(map(bare, found)), set(map(bare, wanted))
            else:
                expected = wanted
            if wanted and found != expected:
                self.wrong.append(
                    f"{address}: owners {sorted(found)} instead of {sorted(expected)}"
                )


def _shown(policy: Policy) -> object:
    return [
        {
            "Sid": str(one.sid), "Effect": one.effect, "possible": one.possible,
            "Action": [str(a) for a in one.actions], "Resource": [str(r) for r in one.resources],
            "Principal": [(p.kind, str(p.element)) for p in one.principals],
            "Condition": [(str(c.operator), str(c.key), [str(v) for v in c.values], c.open) for c in one.conditions],
            "open": one.open,
        }
        for one in policy.statements
    ] + [policy.version, policy.open, policy.id and str(policy.id)]  # fmt: skip


def test_there_are_enough_scenarios() -> None:
    assert len(MODULES) + len(ROOTS) + len(DEFERRED) >= 60


def test_modules(tmp_path: Path, stubbed_terraform: Any) -> None:
    shutil.copytree(SCENARIOS / "modules", tmp_path / "modules")
    calls = [f'module "{name}" {{\n  source = "./modules/{name}"\n}}\n' for name in MODULES]
    (tmp_path / "main.tf").write_text("".join(calls))
    comparison = Comparison(collected(tmp_path))
    comparison.plan(planned(stubbed_terraform.plan(tmp_path)))
    comparison.deploy(deployed(stubbed_terraform.deploy(tmp_path)))
    assert not comparison.wrong, "\n".join(comparison.wrong)
    assert comparison.compared > 250
    assert comparison.told == 0


@pytest.mark.parametrize("name", ROOTS)
def test_roots(name: str, tmp_path: Path, stubbed_terraform: Any) -> None:
    shutil.copytree(SCENARIOS / "roots" / name, tmp_path, dirs_exist_ok=True)
    comparison = Comparison(collected(tmp_path))
    comparison.plan(planned(stubbed_terraform.plan(tmp_path)))
    comparison.deploy(deployed(stubbed_terraform.deploy(tmp_path)))
    assert not comparison.wrong, "\n".join(comparison.wrong)
    assert comparison.compared
    assert comparison.told <= (name == "unknown_template_loops")


@pytest.mark.parametrize("name", DEFERRED)
def test_deferred(name: str, tmp_path: Path, stubbed_terraform: Any) -> None:
    shutil.copytree(SCENARIOS / "deferred" / name, tmp_path, dirs_exist_ok=True)
    comparison = Comparison(collected(tmp_path))
    comparison.deploy(deployed(stubbed_terraform.deploy(tmp_path, known=True)))
    assert not comparison.wrong, "\n".join(comparison.wrong)
    assert comparison.compared
    assert comparison.told <= (name == "unknown_template_loops")
