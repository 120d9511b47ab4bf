"""How far the policies of CloudFormation templates can be evaluated: a table of repositories.

`python tools/survey_templates.py FOLDER…` reads every template and policy document below each
folder.  A policy is evaluated wholly if every string in it is known, or a piece that is specific
and only the deployment knows; partly if a piece may be anything or something in it could not be
read; not at all if none of it could.  The reasons are ranked below the table.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from iamlint.iam.policy import Element, Statement
from iamlint.sources.cloudformation.read import read_all
from iamlint.sources.detect import detect
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText


def read(folder: str) -> Project:
    """Everything in the templates below a folder."""
    sandbox = Sandbox(folder, cwd=folder)
    sources: list[SourceText] = []
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(place, name)
            head = sandbox.head(path)
            if isinstance(head, bytes) and detect(path, head) == "cloudformation":
                source = sandbox.read(path)
                if isinstance(source, SourceText):
                    sources.append(source)
    return read_all(sources, sandbox, ReadOptions())


def elements(statement: Statement) -> Iterator[Element]:
    """Every string of a statement."""
    yield from (*statement.actions, *statement.resources)
    yield from (principal.element for principal in statement.principals)
    for condition in statement.conditions:
        yield from (condition.key, *condition.values)


def gaps(site: PolicySite) -> Iterator[str]:
    """Why a policy is not wholly known, in general words."""
    if site.form == "attachment":
        yield from (
            _hole(hole.name)
            for hole in (site.arn.holes if site.arn else ())
            if hole.kind == "unknown"
        )
        return
    for problem in site.problems:
        if problem.kind == "unresolved":
            yield general(problem.message)
    if site.policy is None:
        return
    for statement in site.policy.statements:
        for element in elements(statement):
            yield from (_hole(hole.name) for hole in element.text.holes if hole.kind == "unknown")


def general(message: str) -> str:
    """A message with its own names left out."""
    kept = re.sub(r"`(?!Fn::|Ref|AWS::|!)[^`]*`", "…", message)
    return re.sub(r" \(line \d+, column \d+\)", "", kept)


def _hole(name: str) -> str:
    if name.startswith("Fn::ImportValue"):
        return "an export of a stack that is not in the run"
    if name.startswith("{{resolve:"):
        return "a dynamic reference"
    if ".Outputs." in name:
        return "an output of a nested stack that is not in the project"
    if "." in name:
        return "an attribute of a custom resource or of what is not declared"
    return "a parameter without a default, or a name that is not declared"


def main(folders: list[str]) -> None:
    reasons: Counter[str] = Counter()
    print("| repository | templates | unreadable | policies | wholly | partly | not at all |")
    print("|---|---|---|---|---|---|---|")
    for folder in folders:
        project = read(folder)
        count: Counter[str] = Counter()
        for site in project.sites:
            why = list(dict.fromkeys(gaps(site)))
            known = site.form == "attachment" or (
                site.policy is not None and site.policy.statements
            )
            count["wholly" if not why else "partly" if known else "not at all"] += 1
            reasons.update(why)
        elsewhere = Counter(general(each.reason) for each in project.unresolved if not each.ignored)
        for reason, number in elsewhere.items():
            if not reason.startswith(("the policy could", "a statement could")):
                reasons[reason] += 0
                reasons[f"beside the policies: {reason}"] += number
        row = [Path(folder).name.replace("+", "/"), project.files, len(project.unreadable)]
        cells = [*row, len(project.sites), count["wholly"], count["partly"], count["not at all"]]
        print("|" + "|".join(f" {cell} " for cell in cells) + "|")
    for reason, number in reasons.most_common(40):
        if number:
            print(f"{number:6} {reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
