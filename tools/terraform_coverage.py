"""How much of the policies in some Terraform folders is evaluated: a table, and the reasons why not.

`python tools/terraform_coverage.py FOLDER…` prints what docs/terraform.md shows.  A policy is
whole if nothing in it is open, partly evaluated if an element is, and not evaluated if nothing of it
is known.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions

SHOWN = 12


def main(folders: list[str]) -> int:
    """Print the table of all folders and the reasons, the most frequent first."""
    reasons: Counter[str] = Counter()
    print(
        "| repository | files | policies | whole | partly | not | attachments | seconds |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for name in folders:
        folder = Path(name).resolve()
        files = sorted(
            str(path)
            for path in folder.rglob("*")
            if path.name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json", "terragrunt.hcl"))
            and path.is_file()
        )
        start = time.process_time()
        project = read(files, Sandbox(folder, cwd=folder), ReadOptions())
        spent = time.process_time() - start
        print(f"| {folder.name.replace('+', '/')} | {len(files)} | {row(project)} | {spent:.2f} |")
        reasons.update(general(item.reason) for item in project.unresolved if not item.ignored)
    print("\n| reason | entries |\n|---|---|")
    for reason, count in reasons.most_common(SHOWN):
        print(f"| {reason} | {count} |")
    rest = sum(reasons.values()) - sum(count for _, count in reasons.most_common(SHOWN))
    print(f"| {max(0, len(reasons) - SHOWN)} others | {rest} |")
    return 0


def row(project: Project) -> str:
    """The counts of one project as cells."""
    documents = [site for site in project.sites if site.form != "attachment"]
    none = sum(site.policy is None for site in documents)
    partly = sum(site.policy is not None and is_open(site) for site in documents)
    attached = len(project.sites) - len(documents)
    whole = len(documents) - none - partly
    return f"{len(documents)} | {whole} | {partly} | {none} | {attached}"


def is_open(site: PolicySite) -> bool:
    """True if an element of the policy could not be evaluated or may hold more."""
    return any(problem.kind == "unresolved" for problem in site.problems)


def general(reason: str) -> str:
    """A reason without the names in it, so that equal ones count together."""
    return re.sub(r"`[^`]*`", "`…`", re.sub(r"\d+", "N", reason))


def _expanded(arguments: Iterable[str]) -> list[str]:
    return [argument for argument in arguments if Path(argument).is_dir()]


if __name__ == "__main__":
    sys.exit(main(_expanded(sys.argv[1:])))
