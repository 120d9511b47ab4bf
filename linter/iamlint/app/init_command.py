"""`iamlint init`: give a project its configuration, hook and CI job, each after asking."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from iamlint import escape
from iamlint.app import config, settings, starter
from iamlint.app.discover import project_root
from iamlint.app.errors import UsageError

Ask = Callable[[str, str], str]
"""Asks a question with its default, gives the answer."""


class Proposal(msgspec.Struct, frozen=True):
    """One file as it is to be; `before` is None where there is none."""

    path: str
    before: str | None
    after: str


def run(args: argparse.Namespace) -> int:
    """Propose and write; returns the exit code.  Raises UsageError where nobody can answer."""
    if not os.path.isdir(args.path):
        raise UsageError(f"no such folder: `{args.path}`")
    silent = args.yes or args.dry_run
    if not silent and not sys.stdin.isatty():
        raise UsageError("init asks, and this is no terminal", "give --yes, or look with --dry-run")
    ask = _default if silent else _ask
    root = Path(project_root(args.path))
    for proposal in _proposals(root, ask):
        _show(proposal)
        if args.dry_run:
            continue
        if ask(f"write `{proposal.path}`?", "yes").lower() in ("y", "yes"):
            _write(root / proposal.path, proposal)
            print(f"wrote {proposal.path}")
    if not args.dry_run:
        _tell_next()
    return 0


def _proposals(root: Path, ask: Ask) -> Iterator[Proposal]:
    found = config.find(str(root))
    if found.path is None:
        yield Proposal(starter.CONFIGURATION, None, _configuration(ask))
    else:
        print(f"{escape.terminal(os.path.relpath(found.path, root))} configures iamlint already")
    yield from _hooks(root)
    yield from _job(root)


def _configuration(ask: Ask) -> str:
    account = _valid(ask, "the account that this is deployed to (empty: several)", "", _account)
    fail_on = _valid(ask, "fail from which severity on", "medium", _threshold)
    usage = ask("a usage profile or a folder of CloudTrail logs (empty: none)", "")
    return starter.configuration(account, fail_on, usage)


def _account(text: str) -> None:
    if text:
        settings.account(text)


def _threshold(text: str) -> None:
    settings.fail_threshold(text)


def _valid(ask: Ask, question: str, default: str, check: Callable[[str], None]) -> str:
    """Ask until the answer means something."""
    while True:
        answer = ask(question, default)
        try:
            check(answer)
        except UsageError as error:
            print(f"{escape.terminal(str(error))}; {error.advice}")
        else:
            return answer


def _hooks(root: Path) -> Iterator[Proposal]:
    existing = _text(root / starter.HOOKS)
    try:
        after = starter.hooks(existing)
    except starter.CannotAdd as error:
        print(f"{starter.HOOKS}: {error}; put this below its `repos:`\n\n{starter.hook_stanza()}")
        return
    if after is None:
        print(f"{starter.HOOKS} has the hook already")
    else:
        yield Proposal(starter.HOOKS, existing, after)


def _job(root: Path) -> Iterator[Proposal]:
    """The CI job, where the project shows what runs it."""
    remote = _text(root / ".git" / "config") or ""
    if (root / ".github").is_dir() or "github.com" in remote:
        if (root / starter.WORKFLOW).exists():
            print(f"{starter.WORKFLOW} is there already")
        else:
            yield Proposal(starter.WORKFLOW, None, starter.workflow())
    existing = _text(root / starter.PIPELINE)
    if existing is None and "gitlab" in remote:
        yield Proposal(starter.PIPELINE, None, starter.pipeline())
    elif existing is not None and "iamlint" not in existing:
        print(f"put this job into {starter.PIPELINE}:\n\n{starter.pipeline()}")


def _text(path: Path) -> str | None:
    """The text of a file of the project, None where there is none; raises UsageError."""
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read `{path}`: {error}") from error


def _show(proposal: Proposal) -> None:
    """A new file as it is, a change as a diff."""
    from iamlint.text import unified_diff

    print(f"\n{proposal.path}{'' if proposal.before is not None else ' (new)'}")
    if proposal.before is None:
        shown = proposal.after
    else:
        shown = unified_diff(proposal.path, proposal.before, proposal.after)
    for line in escape.lines(shown.rstrip("\n")):
        print(f"    {line}")


def _write(path: Path, proposal: Proposal) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(proposal.after.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror or error}") from error


def _tell_next() -> None:
    print("\nnext:")
    print("  iamlint scan               what there is to find today")
    print("  iamlint baseline create    accept it, so that only what is new fails")
    print("  pre-commit install         judge each commit")


def _ask(question: str, default: str) -> str:
    shown = f" [{default}]" if default else ""
    try:
        return input(f"{question}{shown}: ").strip() or default
    except EOFError:
        raise KeyboardInterrupt from None


def _default(_question: str, default: str) -> str:
    return default
