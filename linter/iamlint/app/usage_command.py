"""`iamlint usage`: make, show and merge usage profiles."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from functools import partial

from iamlint import escape
from iamlint.app.errors import UsageError
from iamlint.app.evidence import Evidence, gather
from iamlint.app.live import Access
from iamlint.app.settings import jobs, since
from iamlint.usage.profile import PrincipalUsage, UsageProfile, dumps

BAR = 24


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; returns the exit code."""
    if args.usage_command == "build":
        return _build(args)
    if args.usage_command == "diff":
        return _diff(args)
    if args.usage_command == "sql":
        return _sql(args)
    if args.usage_command == "merge":
        evidence = gather(args.profiles, progress=False)
        return _finish(evidence, args.output)
    evidence = gather([args.profile], progress=False)
    for line in show(evidence.profile, args.principal):
        print(escape.terminal(line))
    return 0


def _build(args: argparse.Namespace) -> int:
    from iamlint.app import declared

    if args.project and args.all_principals:
        raise UsageError("--for and --all-principals contradict each other")
    evidence = gather(
        args.sources,
        since=since(args.since) if args.since else "",
        accounts=args.account,
        regions=args.region,
        principal=args.principal,
        progress=not args.no_progress,
        jobs=jobs(args.jobs),
        whom=None if args.all_principals else partial(declared.to_ask, paths=args.project),
        access=Access(
            profile=args.aws_profile,
            mfa_code=args.mfa_code,
            athena_output=args.athena_output,
            athena_workgroup=args.athena_workgroup,
            where=args.where,
            progress=not args.no_progress,
        ),
    )
    if args.project:
        evidence = declared.only_declared(evidence, args.project)
    elif not args.all_principals:
        evidence = declared.only_here(evidence)
    return _finish(evidence, args.output)


def _diff(args: argparse.Namespace) -> int:
    """Print what changed in use from one profile to another."""
    from iamlint.usage.difference import difference

    before, after = (gather([path], progress=False).profile for path in (args.before, args.after))
    changes = difference(before, after)
    for principal, of in itertools.groupby(changes, key=lambda change: change.principal):
        print(escape.terminal(principal))
        for change in of:
            more = f" on {', '.join(change.resources)}" if change.resources else ""
            print(escape.terminal(f"  {change.change:<14} {change.action}{more}"))
    if not changes:
        print("no change in use")
    return 0


def _sql(args: argparse.Namespace) -> int:
    """Print the SELECT whose result `usage build` reads, for Athena and CloudTrail Lake."""
    from iamlint.usage.athena import query

    try:
        first = since(args.since) if args.since else ""
        print(query(args.table, since=first, where=args.where or ""), end="")
    except ValueError as error:
        raise UsageError(str(error)) from None
    return 0


def _finish(evidence: Evidence, output: str) -> int:
    """Write the profile and tell what was not read."""
    for problem in evidence.problems:
        print(f"iamlint: {escape.terminal(problem)}", file=sys.stderr)
    write(evidence.profile, output)
    return 0


def write(profile: UsageProfile, output: str) -> None:
    """Write a profile to a file, or to standard output for `-`; raises UsageError."""
    text = dumps(profile)
    if output == "-":
        sys.stdout.write(text)
        return
    try:
        with open(output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{output}`: {error.strerror or error}") from error
    principals = len(profile.principals)
    noun = "principal" if principals == 1 else "principals"
    events = sum(entry.events for entry in profile.coverage)
    print(
        f"{principals:,} {noun} from {events:,} events in `{escape.terminal(output)}`",
        file=sys.stderr,
    )


def show(profile: UsageProfile, principal: str | None = None) -> Iterator[str]:
    """The lines of `usage show`: coverage, then a row for each principal, or one in detail."""
    for entry in profile.coverage:
        categories = [
            *entry.categories.management,
            *(f"data of {name}" for name in entry.categories.data),
        ]
        yield f"{entry.source}: {entry.since} to {entry.until}, {entry.events:,} events, {entry.rejected:,} rejected"
        yield f"  accounts {', '.join(entry.accounts) or 'none'}; regions {', '.join(entry.regions) or 'none'}"
        yield f"  recorded: {', '.join(categories) or 'nothing'}"
        for first, last in entry.gaps or ():
            yield f"  no events from {first} to {last}"
        if entry.files_failed:
            yield f"  {entry.files_failed:,} of {entry.files:,} files could not be read"
    yield ""
    if principal is not None:
        if principal not in profile.principals:
            raise UsageError(f"the profile knows no principal `{principal}`")
        yield from _details(profile.principals[principal])
        return
    for arn, usage in sorted(profile.principals.items()):
        calls = sum(use.n for use in usage.actions.values())
        denied = sum(use.n for use in usage.denied.values())
        yield f"{arn}"
        yield f"  {len(usage.actions):,} actions in {calls:,} calls, {denied:,} denied"
        yield from _services(usage)


def _services(usage: PrincipalUsage) -> Iterator[str]:
    """A small bar for each service, by calls."""
    counts: dict[str, int] = {}
    for name, use in usage.actions.items():
        service = name.partition(":")[0]
        counts[service] = counts.get(service, 0) + use.n
    most = max(counts.values(), default=1)
    for service, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"    {service:<24} {'#' * max(1, BAR * count // most):<{BAR}} {count:,}"


def _details(usage: PrincipalUsage) -> Iterator[str]:
    for name, use in sorted(usage.actions.items()):
        where = ", ".join(use.resources) or "no resource told"
        more = "" if use.resources_complete else " and others"
        yield f"  {name:<44} {use.n:>8,}  {use.first} to {use.last}  {where}{more}"
    for name, denied in sorted(usage.denied.items()):
        yield f"  {name:<44} {denied.n:>8,}  denied, the last on {denied.last}"
    for source, name, count in usage.unmapped:
        yield f"  {source} {name:<32} {count:>8,}  no action is known for it"
