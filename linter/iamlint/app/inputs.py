"""What a run reads: the files of its paths, with the texts that stand in an editor or a pipe."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from iamlint.app.discover import Found, discover, project_root
from iamlint.app.progress import Progress
from iamlint.app.settings import Settings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

Texts = Mapping[str, str]
"""Texts by path that take the place of what is in the files; there may be no such file."""


class Inputs(msgspec.Struct, frozen=True):
    """The files of a run, what may be opened, and what the user says of the deployment."""

    found: Found
    sandbox: Sandbox
    options: ReadOptions
    progress: bool = False

    def read(self, sandbox: Sandbox) -> Project:
        """The project as a sandbox shows it: this one's, or one with edits."""
        with Progress("reading", enabled=self.progress) as progress:
            project = read(self.found.files, sandbox, self.options, progress=progress)
        project.unreadable[:0] = self.found.unreadable
        return project


def inputs(settings: Settings, texts: Texts | None = None) -> Inputs:
    """The inputs of the settings' paths; raises UsageError for a path that is not there."""
    given = {os.path.normpath(path): text for path, text in (texts or {}).items()}
    found = discover(settings.paths, settings.config.exclude, given)
    # As far as the projects of the paths reach.
    sandbox = Sandbox(*dict.fromkeys(map(project_root, settings.paths)))
    for path, text in given.items():
        sandbox = sandbox.with_text(path, text)
    options = ReadOptions(
        variables=settings.variables,
        var_files=settings.var_files,
        parameters=settings.parameters,
        account=settings.account,
        region=settings.region,
        named=frozenset(map(sandbox.display, found.named)),
    )
    return Inputs(found, sandbox, options, settings.progress)


def read_project(settings: Settings) -> Project:
    """Only the reading, for commands that judge nothing; raises UsageError."""
    given = inputs(settings)
    return given.read(given.sandbox)
