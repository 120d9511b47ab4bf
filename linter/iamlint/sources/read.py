"""Files of any kind to one project: each file to the reader that its content asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iamlint.sources.detect import detect
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable
from iamlint.text import SourceText

TERRAFORM = ("terraform", "terraform-json")
DEPLOYED = ("terraform-plan", "terraform-state")


def read(
    files: Sequence[str],
    sandbox: Sandbox,
    options: ReadOptions,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Project:
    """Read all policy sites of the files.

    A Terraform file is read with its whole folder, templates with those they contain.  Files that are no IaC are passed over; what
    is IaC and cannot be read is in `unreadable`.
    """
    project = Project()
    terraform: list[str] = []
    deployed: list[str] = []
    templates: list[SourceText] = []
    for count, file in enumerate(files):
        if progress is not None:
            progress(count - len(templates), len(files))
        kind = _kind(file, sandbox, project)
        if kind in TERRAFORM:
            terraform.append(file)
        elif kind in DEPLOYED:
            deployed.append(file)
        elif kind is not None:
            source = sandbox.read(file)
            if isinstance(source, Unreadable):
                project.unreadable.append(source)
            elif kind == "cloudformation":
                templates.append(source)
            else:
                from iamlint.sources.document.read import read as read_document

                project.add(read_document(source, sandbox, options))
    if templates:
        from iamlint.sources.cloudformation.read import read_all

        others = len(files) - len(templates)

        def tick(done: int) -> None:
            if progress is not None:
                progress(others + done, len(files))

        project.add(read_all(templates, sandbox, options, tick=tick))
    if terraform:
        from iamlint.sources.terraform.read import read as read_terraform

        project.add(read_terraform(terraform, sandbox, options))
    if deployed:
        from iamlint.sources.terraform.plan.join import join

        join(project, deployed, sandbox, options)
    return project


def _kind(file: str, sandbox: Sandbox, project: Project) -> str | None:
    head = sandbox.head(file)
    if isinstance(head, Unreadable):
        project.unreadable.append(head)
        return None
    return detect(file, head)
