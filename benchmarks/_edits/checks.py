"""What must hold of an edit, looked at without the code that made it.

That the edited text reads as what was meant is asked of other readers than iamlint's: cfn-lint's
for templates, `terraform fmt` for whether HCL is HCL.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from iamlint.fix import render
from iamlint.fix.plan import Planned
from iamlint.sources.site import PolicySite
from iamlint.text import SourceText, apply_edits

Files = dict[str, tuple[SourceText, str]]


def files(planned: Planned) -> Files:
    """The edited files, old and new."""
    return render.edited(planned.edits)


def outside(planned: Planned, made: Files) -> str:
    """What changed outside of the spans of an edit, `""` if nothing did.

    In a Terraform file blanks between tokens may follow `terraform fmt`; nothing else may.
    """
    for path, (source, after) in made.items():
        edits = [each.edit for each in planned.edits if each.source.path == path]
        plain = apply_edits(source.text, edits)
        if path.endswith((".tf", ".tofu")):
            if _without_blanks(plain) != _without_blanks(after):
                return f"{path}: more than blanks changed outside"
        elif plain != after:
            return f"{path}: text changed outside"
    return ""


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def template(site: PolicySite, planned: Planned, made: Files) -> str:
    """What cfn-lint's reader finds wrong with an edited template, `""` if nothing.

    Resources that the policy is none of must be as they were, and the actions of its statements
    those that were meant.
    """
    from cfnlint.decode import decode_str

    for source, after in made.values():
        old, faults = decode_str(source.text)
        new, new_faults = decode_str(after)
        if old is None or faults:
            return ""  # cfn-lint did not read it before
        if new is None or new_faults:
            return "cfn-lint cannot read it any more"
        before, now = old.get("Resources") or {}, new.get("Resources") or {}
        rest = {name: each for name, each in before.items() if name != site.address}
        if rest != {name: each for name, each in now.items() if name != site.address}:
            return "another resource changed"
        if {k: v for k, v in old.items() if k != "Resources"} != {
            k: v for k, v in new.items() if k != "Resources"
        }:
            return "another section changed"
        replacement = planned.finding.replacement
        assert replacement is not None
        came = _statements(now.get(site.address)) - _statements(before.get(site.address))
        meant = _statements(replacement.policy)
        if came - meant:
            return f"came and was not meant: {sorted(came - meant)}"
    return ""


def _statements(node: Any) -> Counter[str]:
    """The statements anywhere in a tree, by effect and actions."""
    found: Counter[str] = Counter()
    if isinstance(node, str) and '"Statement"' in node:
        try:
            node = json.loads(node)
        except ValueError:
            return found
    if isinstance(node, Mapping):
        if "Effect" in node and ("Action" in node or "NotAction" in node):
            actions = node.get("Action", node.get("NotAction"))
            names = actions if isinstance(actions, list) else [actions]
            found[f"{node['Effect']} {sorted({_shown(name) for name in names})}"] += 1
        for each in node.values():
            found += _statements(each)
    elif isinstance(node, list):
        for each in node:
            found += _statements(each)
    return found


def _shown(name: Any) -> str:
    """A string with its references as iamlint shows holes."""
    body = name.get("Fn::Sub") if isinstance(name, Mapping) else name
    return re.sub(r"\$\{([^!}]*)\}", r"‹\1›", str(body)) if body is not name else str(name)


def terraform(made: Iterable[Files]) -> dict[int, str]:
    """What `terraform fmt` says of edited files, by the number of the edit.

    It refuses what is no HCL, and must have nothing to lay out where it had nothing before.  One
    run for all: `before` and `after` of each file stand in folders of their own.
    """
    binary = shutil.which("terraform")
    if binary is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        names: dict[str, int] = {}
        for number, each in enumerate(made):
            for count, (path, (source, after)) in enumerate(sorted(each.items())):
                if not path.endswith(".tf"):
                    continue
                name = f"{number}-{count}.tf"
                names[name] = number
                for side, text in (("before", source.text), ("after", after)):
                    (Path(folder) / side).mkdir(exist_ok=True)
                    (Path(folder) / side / name).write_text(text, encoding="utf-8", newline="")
        if not names:
            return {}
        wrong = {side: _fmt(binary, Path(folder) / side) for side in ("before", "after")}
    return {
        names[name]: "terraform fmt has something to say of it"
        for name in wrong["after"] - wrong["before"]
    }


def _fmt(binary: str, folder: Path) -> set[str]:
    """The files that are not laid out, or are no HCL."""
    done = subprocess.run(
        [binary, "fmt", "-check", "-no-color", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull},
    )
    names = {path.name for path in folder.iterdir()}
    words = (done.stdout + done.stderr).replace(":", " ").split()
    return {Path(word).name for word in words} & names
