"""Policy documents that are named on the command line."""

from __future__ import annotations

import os
import sys

from iamlint import escape
from iamlint.app.errors import UsageError
from iamlint.iam.policy import Policy
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Unreadable


def load(path: str) -> list[Policy]:
    """The policies in a file: one, or all of a list or map of them.

    What AWS would reject in them is told on standard error; the rest counts.  Raises UsageError
    for a file that cannot be read or holds no policy.
    """
    from iamlint.sources.document.read import read

    if not os.path.exists(path):
        raise UsageError(f"no such file: `{path}`")
    sandbox = Sandbox(os.path.dirname(os.path.realpath(path)))
    source = sandbox.read(os.path.realpath(path))
    if isinstance(source, Unreadable):
        raise UsageError(f"`{path}` {source.reason}", source.advice)
    source.path = path
    project = read(source)
    if project.unreadable:
        fault = project.unreadable[0]
        where = f":{fault.line}:{fault.column}" if fault.line else ""
        raise UsageError(f"`{path}`{where} {fault.reason}", fault.advice)
    policies = []
    for site in project.sites:
        for problem in site.problems:
            at = problem.place.start
            line = f"iamlint: {path}:{at.line}:{at.column}: {problem.message}"
            print(escape.terminal(line), file=sys.stderr)
        if site.policy is not None:
            policies.append(site.policy)
    if not policies:
        raise UsageError(f"`{path}` holds no policy document")
    return policies
