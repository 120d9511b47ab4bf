"""The page of a rule, made of its docstring and its examples: for `explain` and for the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.rule.example import Example

if TYPE_CHECKING:
    from iamlint.rule.base import Rule

FENCES = {
    "terraform": "terraform",
    "terraform-json": "json",
    "cloudformation": "yaml",
    "policy": "json",
}
TITLES = {
    "terraform": "Terraform",
    "terraform-json": "Terraform JSON",
    "cloudformation": "CloudFormation",
    "policy": "a policy document",
}


def summary(rule: type[Rule]) -> str:
    """The first line of the docstring, without its final stop."""
    doc = _text(rule)
    return doc.partition("\n\n")[0].replace("\n", " ").rstrip(".")


def _text(rule: type[Rule]) -> str:
    """The docstring without its indentation; `inspect` would do it, and costs every scan 10 ms."""
    first, *rest = (rule.__doc__ or "").strip().splitlines()
    return "\n".join([first, *(line.removeprefix("    ").rstrip() for line in rest)])


def page(rule: type[Rule]) -> str:
    """The rule's page as Markdown."""
    doc = _text(rule)
    head, *sections = doc.split("\n## ")
    parts = [f"# {rule.name} ({rule.code})", _facts(rule), head.strip()]
    for section in sections:
        title, _, body = section.partition("\n")
        if title.strip() == "Use instead":
            parts += _shown("Example", rule, "bad")
        parts.append(f"## {title.strip()}\n\n{body.strip()}")
        if title.strip() == "Use instead":
            parts += _sources(rule, "good")
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(rule: type[Rule]) -> str:
    default = "on by default" if rule.default else "off by default: select it by its code"
    return f"Severity **{rule.severity}**, since version {rule.since}, {default}."


def _shown(title: str, rule: type[Rule], kind: str) -> list[str]:
    sources = _sources(rule, kind)
    return [f"## {title}", *sources] if sources else []


def _sources(rule: type[Rule], kind: str) -> list[str]:
    """The first example of a kind in each language, policy documents only where there is no other."""
    chosen: dict[str, Example] = {}
    for example in rule.examples:
        if example.kind == kind:
            chosen.setdefault(example.language, example)
    if len(chosen) > 1:
        chosen.pop("policy", None)
    return [_fenced(example) for example in chosen.values()]


def _fenced(example: Example) -> str:
    title = TITLES[example.language]
    lead = f"{title} ({example.title}):" if example.title else f"{title}:"
    found = [f"`{' '.join(expected.at.split())}`" for expected in example.expect if expected.at]
    where = f"\n\nThe finding is at {', '.join(found)}." if found else ""
    source = example.source.strip("\n")
    return f"{lead}\n\n```{FENCES[example.language]}\n{source}\n```{where}"
