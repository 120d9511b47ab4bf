"""CloudFormation templates into policy sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from iamlint.sources.cloudformation.declared import Declared
from iamlint.sources.cloudformation.library import Library, Missing
from iamlint.sources.cloudformation.resources import TemplateResources
from iamlint.sources.cloudformation.serving import Links
from iamlint.sources.cloudformation.sites import SiteReader
from iamlint.sources.cloudformation.stacks import Stacks
from iamlint.sources.cloudformation.template import AWS_TRANSFORMS, Resource, Template
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable, Unresolved
from iamlint.text import Place, SourceText, Span


def read(
    source: SourceText, sandbox: Sandbox | None = None, options: ReadOptions | None = None
) -> Project:
    """The owners and policy sites of a template, and what could not be read or resolved.

    A file of several YAML documents may hold several templates.  A file that parses and is no
    template gives an empty project; one that does not parse gives one Unreadable with line and
    column.  Never raises.
    """
    return read_all([source], sandbox, options)


def read_all(
    sources: Sequence[SourceText],
    sandbox: Sandbox | None = None,
    options: ReadOptions | None = None,
    *,
    tick: Callable[[int], None] | None = None,
) -> Project:
    """As `read`, for templates that may contain one another and import from one another.

    Templates of nested stacks are read as well where they are files that the sandbox opens.
    `tick` hears how many sources are done.
    """
    stacks = Stacks(Library(sources, sandbox), options or ReadOptions())
    run = _Run(stacks)
    for count, source in enumerate(sources):
        if tick is not None:
            tick(count)
        run.file(source)
    return run.finish(len(sources))


class _Run:
    """Collects what the templates of one run hold."""

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = stacks
        self.library = stacks.library
        self.project = Project()
        self.links = Links(stacks)
        self._read: set[str] = set()

    def file(self, source: SourceText) -> None:
        self.project.sources[source.path] = source
        templates = self.library.templates(source)
        if isinstance(templates, Unreadable):
            self.project.unreadable.append(templates)
            return
        for template in templates:
            try:
                self.template(template)
            except RecursionError:
                reason = "the template was not read to its end: it is nested too deeply"
                place = Place(source, Span(0, 0))
                self.project.unresolved.append(Unresolved(place, "", reason))

    def finish(self, files: int) -> Project:
        self.links.apply(self.project.sites)
        self.project.files = files
        self.project.together += map(frozenset, self.stacks.linked())
        return self.project

    def template(self, template: Template) -> None:
        if template.scope in self._read:
            return
        self._read.add(template.scope)
        project = self.project
        project.sources.setdefault(template.source.path, template.source)
        for place, reason in template.hidden:
            project.unresolved.append(Unresolved(place, "Resources", reason))
        declared = self.links.declared(template)
        project.unresolved += declared.unresolved
        resolver = declared.resolver
        project.owners.update({owner.key: owner for owner in declared.owners.values()})
        kinds = [resource.type for resource, _ in declared.resources]
        again = partial(self._again, template.source, template.scope)
        if template.inside:  # no file gives it again
            again = partial(self.links.declared, template)
        project.readers.append(TemplateResources(template.scope, kinds, again, self.stacks.meant))
        reader = SiteReader(resolver, project, declared.owners, self.links)
        children: list[Template] = []
        for resource, names in declared.resources:
            with resolver.looping(names):
                reader.read(resource)
                if (
                    resource.condition is None
                    or resolver.condition(resource.condition) is not False
                ):
                    children += self._child(template, resource)
        for name, place in template.transforms:
            if name not in AWS_TRANSFORMS and declared.resources:
                reason = f"the macro `{name}` may change the template before it is deployed"
                project.unresolved.append(Unresolved(place, "Transform", reason))
        self.links.forget(template)
        for child in children:
            self.template(child)

    def _again(self, source: SourceText, scope: str) -> Declared:
        """A template that was read, and read again if it was let go of."""
        known = self.links.known(scope)
        if known is not None:
            return known
        templates = self.library.templates(source)
        assert not isinstance(templates, Unreadable)
        return self.links.declared(next(each for each in templates if each.scope == scope))

    def _child(self, template: Template, resource: Resource) -> list[Template]:
        """The template of a nested stack; why there is none is said."""
        found = self.library.child(template, resource)
        if isinstance(found, Missing):
            self.project.unresolved.append(Unresolved(*found))
        elif found is not None and self.library.contains_itself(template, found):
            reason = f"the nested stack's template, `{found.scope}`, contains this template again"
            unresolved = Unresolved(resource.name, resource.logical_id, reason)
            self.project.unresolved.append(unresolved)
        elif found is not None:
            return [found]
        return []
