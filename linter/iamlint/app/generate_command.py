"""`iamlint generate`: a least-privilege policy from the use of one principal."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from iamlint import escape
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.app.evidence import gather
from iamlint.app.settings import since
from iamlint.iam import catalog
from iamlint.minimize.generate import BY_HAND, Generated, generate
from iamlint.usage.profile import PrincipalUsage, UsageProfile

if TYPE_CHECKING:
    from iamlint.fix.new_policy import NewPolicies

MAX_NAMED = 6
"""How many hidden actions of a service are named."""

_ADDRESS = re.compile(r"aws_iam_(role|user|group)\.[A-Za-z_][A-Za-z0-9_-]*\Z")
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,124}\Z")
_ATTACHED_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,128}\Z")


def run(args: argparse.Namespace) -> int:
    """Print or write the policy; returns the exit code."""
    evidence = gather(
        args.usage,
        since=since(args.since) if args.since else "",
        principal=args.principal,
        progress=not args.no_progress,
    )
    for problem in evidence.problems:
        print(f"iamlint: {escape.terminal(problem)}", file=sys.stderr)
    usage = _usage(evidence.profile, args.principal)
    made = generate(
        usage,
        evidence.profile.coverage,
        "user" if usage.kind == "user" else "role",
        _added(args.add or ()),
    )
    if made is None:
        raise UsageError(
            f"nothing that `{args.principal}` may do was seen, so there is nothing to grant",
            "a denied call is no evidence of need; --add ACTION adds actions",
        )
    text = _text(args, made, usage)
    if args.output is None:
        sys.stdout.write(text)
        return 0
    try:
        with open(args.output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{args.output}`: {error.strerror or error}") from error
    return 0


def _usage(profile: UsageProfile, principal: str) -> PrincipalUsage:
    usage = profile.principals.get(principal)
    if usage is None:
        raise UsageError(
            f"the usage evidence holds no principal `{principal}`",
            did_you_mean(principal, profile.principals) or "`iamlint usage show` lists them",
        )
    return usage


def _added(given: list[str] | tuple[str, ...]) -> list[str]:
    """The actions to add, in the catalogue's spelling; raises UsageError for an unknown one."""
    names: dict[str, None] = {}
    for each in given:
        known = catalog.action(each)
        if known is not None:
            names[known.name] = None
            continue
        if ("*" in each or "?" in each) and catalog.expand(each):
            names[each] = None
            continue
        service = catalog.service(each.partition(":")[0])
        near = service.actions if service is not None else catalog.services()
        wanted = each if service is not None else each.partition(":")[0]
        raise UsageError(f"no action is called `{each}`", did_you_mean(wanted, near))
    return list(names)


def _text(args: argparse.Namespace, made: Generated, usage: PrincipalUsage) -> str:
    from iamlint.fix import new_policy

    header = _header(args.principal, made)
    if args.language == "json":
        for option in ("name", "description", "tag", "attach"):
            if getattr(args, option):
                raise UsageError(f"a policy in JSON has no place for --{option}")
        # JSON has no comments, and nothing that must be known may be lost.
        print("\n".join(escape.terminal(line) for line in header), file=sys.stderr)
        if len(made.policies) > 1:
            raise UsageError(
                f"it does not fit into one policy; it takes {len(made.policies)}",
                "--as terraform and --as cloudformation write several",
            )
        return new_policy.as_json(made.policies[0])
    new = _new(args, made, usage, header)
    if args.language == "terraform":
        return new_policy.as_terraform(new)
    return new_policy.as_cloudformation(new)


def _new(
    args: argparse.Namespace, made: Generated, usage: PrincipalUsage, header: list[str]
) -> NewPolicies:
    from iamlint.fix.new_policy import NewPolicies

    name = args.name or re.sub(r"[^A-Za-z0-9+=,.@_-]", "-", args.principal.rpartition("/")[2])
    if not _NAME.match(name):
        raise UsageError(f"`{name}` is no name for a policy", "letters, digits and +=,.@_-")
    tags = {}
    for pair in args.tag or ():
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"`{pair}` is no KEY=VALUE")
        tags[key] = value
    if tags and args.language == "cloudformation":
        raise UsageError("an AWS::IAM::ManagedPolicy takes no tags", "tag the stack")
    attach, kind = args.attach or "", "user" if usage.kind == "user" else "role"
    if attach and args.language == "terraform":
        match = _ADDRESS.match(attach)
        if match is None:
            raise UsageError(
                f"`{attach}` is no address to attach a policy to", "such as aws_iam_role.app"
            )
        kind = match[1]
    elif attach and not _ATTACHED_NAME.match(attach):
        raise UsageError(f"`{attach}` is no name of a {kind}")
    return NewPolicies(
        policies=made.policies,
        name=name,
        named=bool(args.name),
        header=header,
        marks={BY_HAND: "added by hand: no evidence asks for it; name the resources if you can"},
        description=args.description or "",
        tags=tags,
        attach=attach,
        attach_kind=kind,
    )


def _header(principal: str, made: Generated) -> list[str]:
    """What the reader of the policy must know: the window, and what it could not show."""
    cover = made.cover
    window = (
        f"from {cover.since} to {cover.until} ({cover.days} days)"
        if cover.since
        else "in a window that the evidence does not tell"
    )
    lines = [
        f"What `{principal}` was seen to use {window}.",
        "Generated by iamlint; it cannot know of use outside of this window.",
    ]
    lines += [
        f"Kept though not observed: {each.action} ({each.reason})."
        for each in made.kept
        if not each.reason.startswith("observed once") and not re.match(r"observed \d", each.reason)
    ]
    if made.hidden:
        lines.append("Use of these would not have shown, and they are not granted:")
        lines += [f"  {_few(names)}" for names in made.hidden.values()]
    lines += [
        f"The action of {count} calls of {name} ({source}) is not known, and is not granted."
        for source, name, count in made.unmapped
    ]
    if made.proof.sufficient is not True:
        lines.append("Not every observed call could be shown to be allowed:")
    lines += [f"Checked: {note}." for note in made.proof.notes if "observed call" in note]
    lines += [f"Note: {note}." for note in made.notes]
    return lines


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:MAX_NAMED])
    rest = len(names) - MAX_NAMED
    return f"{shown} and {rest} more of {names[0].partition(':')[0]}" if rest > 0 else shown
