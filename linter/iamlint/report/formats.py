"""The output formats by name; each renderer is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from iamlint.report.base import Renderer

MODULES = {
    "concise": "concise",
    "github": "github",
    "gitlab": "gitlab",
    "html": "html",
    "json": "json_report",
    "junit": "junit",
    "markdown": "markdown",
    "rdjson": "rdjson",
    "sarif": "sarif",
    "text": "text",
}


def renderer(name: str) -> Renderer:
    """The renderer of a format; raises KeyError for an unknown name."""
    return cast(Renderer, import_module(f"iamlint.report.{MODULES[name]}").render)
