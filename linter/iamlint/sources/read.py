"""Files of any kind to one project: each file to the reader that its content asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iamlint.sources.detect import detect
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable

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

    A Terraform file is read with its whole folder.  Files that are no IaC are passed over; what
    is IaC and cannot be read is in `unreadable`.
    """
    project = Project()
    terraform: list[str] = []
    deployed: list[str] = []
    for count, file in enumerate(files):
        if progress is not None:
            progress(count, len(files))
        kind = _kind(file, sandbox, project)
        if kind in TERRAFORM:
            terraform.append(file)
        elif kind in DEPLOYED:
            deployed.append(file)
        elif kind is not None:
            _read_one(file, kind, sandbox, options, project)
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


def _read_one(
    file: str, kind: str, sandbox: Sandbox, options: ReadOptions, project: Project
) -> None:
    source = sandbox.read(file)
    if isinstance(source, Unreadable):
        project.unreadable.append(source)
        return
    if kind == "cloudformation":
        from iamlint.sources.cloudformation.read import read as read_cloudformation

        project.add(read_cloudformation(source, sandbox, options))
    else:
        from iamlint.sources.document.read import read as read_document

        project.add(read_document(source, sandbox, options))
