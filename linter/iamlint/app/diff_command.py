"""`iamlint diff`: what new access a change of policies grants."""

from __future__ import annotations

import argparse
import os
import sys

import msgspec

from iamlint import escape
from iamlint.app import answers, documents
from iamlint.app.errors import UsageError
from iamlint.iam import catalog
from iamlint.iam.compare import Answer, within
from iamlint.iam.policy import Policy


def run(args: argparse.Namespace) -> int:
    """Compare two policy documents, folders or revisions; returns the exit code."""
    if args.check:
        return _check(args)
    if args.base is not None and not os.path.isfile(args.base):
        return _projects(args)
    if args.head is None:
        raise UsageError("diff needs two policy documents", "iamlint diff BASE HEAD")
    base, head = documents.load(args.base), documents.load(args.head)
    answer = within(head, base, world=args.world)
    if args.certificate:
        _certify(args, head, base, answer)
    sys.stdout.write(_json(answer) if args.diff_format == "json" else _text(answer))
    if answer.contained is None:
        return 0 if args.allow_undetermined else 1
    return 0 if answer.contained else 1


def _projects(args: argparse.Namespace) -> int:
    from iamlint.app import project_diff

    if args.head is not None and os.path.isfile(args.head):
        raise UsageError(f"`{args.head}` is a file, and `{args.base}` is none")
    if args.certificate:
        raise UsageError("--certificate is for two policy documents")
    return project_diff.run(args)


def _certify(
    args: argparse.Namespace, head: list[Policy], base: list[Policy], answer: Answer
) -> None:
    """Write what the answer hangs on, so that it can be verified again."""
    from iamlint.iam.certificate import certificate

    folder = os.path.dirname(os.path.abspath(args.certificate))
    files = {
        name: os.path.relpath(os.path.abspath(path), folder)
        for name, path in (("base", args.base), ("head", args.head))
    }
    document = {**certificate(head, base, answer), "files": files}
    text = msgspec.json.format(msgspec.json.encode(document), indent=2)
    try:
        with open(args.certificate, "wb") as file:
            file.write(text + b"\n")
    except OSError as error:
        raise UsageError(f"cannot write `{args.certificate}`: {error.strerror or error}") from error


def _check(args: argparse.Namespace) -> int:
    """Verify a certificate, for the files that it names unless others are given."""
    from iamlint.iam.certificate import CertificateError, check

    try:
        with open(args.check, "rb") as file:
            document = msgspec.json.decode(file.read())
        if not isinstance(document, dict) or "kind" not in document:
            raise CertificateError("this is no certificate of a comparison")
        folder = os.path.dirname(os.path.abspath(args.check))
        named = document.get("files")
        known = {
            name: os.path.normpath(os.path.join(folder, path))
            for name, path in (named if isinstance(named, dict) else {}).items()
            if isinstance(path, str)
        }
        files = [args.base or known.get("base"), args.head or known.get("head")]
        if None in files:
            raise UsageError("the certificate names no files", "give BASE and HEAD")
        base, head = (documents.load(str(path)) for path in files)
        result = check(document, head, base)
    except OSError as error:
        raise UsageError(f"cannot read `{args.check}`: {error.strerror or error}") from error
    except (msgspec.DecodeError, CertificateError) as error:
        raise UsageError(f"`{args.check}`: {error}") from error
    print("the certificate holds" if result.holds else "the certificate does not hold")
    for note in result.notes:
        print(escape.terminal(f"  {note}"))
    return 0 if result.holds else 1


def _json(answer: Answer) -> str:
    document = {"version": 1, **answers.as_json(answer)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _proven(answer: Answer) -> str:
    if answer.world == "open":
        return "everything that it grants was granted before"
    return (
        "everything that it grants today was granted before (by the catalogue of "
        f"{catalog.data_date()}; later actions and resources may differ)"
    )


def _text(answer: Answer) -> str:
    lines = {
        answers.CONTAINED: [f"contained: {_proven(answer)}"],
        answers.NOT_CONTAINED: ["not contained: it grants what was not granted before"],
        answers.UNDETERMINED: [f"undetermined: {answer.reason}; this needs review"],
    }[answers.word(answer)]
    told = msgspec.structs.replace(answer, reason=None, lost_deny=None)
    lines += [f"  {line}" for line in answers.as_lines(told)]
    for statement, verb in ((answer.granted_by, "granted"), (answer.lost_deny, "denied before")):
        if statement is not None:
            start = statement.place.start
            lines.append(f"  {verb} by {statement.place.path}:{start.line}:{start.column}")
    return "".join(escape.terminal(line) + "\n" for line in lines)
