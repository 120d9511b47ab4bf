"""Tells by name and bytes which reader a file is for, without importing any of them."""

from __future__ import annotations

import os
import re
from typing import Literal

from iamlint.sources.sandbox import WIDE

FileKind = Literal[
    "terraform", "terraform-json", "terraform-plan", "terraform-state", "cloudformation", "policy"
]

_TERRAFORM = (".tf", ".tofu")
_TERRAFORM_JSON = (".tf.json", ".tofu.json")

_OTHER_LANGUAGES = frozenset(
    [
        ".adoc",
        ".bash",
        ".bat",
        ".c",
        ".cc",
        ".class",
        ".cfg",
        ".conf",
        ".cpp",
        ".cs",
        ".css",
        ".csv",
        ".diff",
        ".env",
        ".go",
        ".gradle",
        ".h",
        ".hcl",
        ".html",
        ".ini",
        ".ipynb",
        ".java",
        ".js",
        ".jsx",
        ".kt",
        ".less",
        ".lock",
        ".log",
        ".lua",
        ".map",
        ".md",
        ".mdx",
        ".mjs",
        ".patch",
        ".php",
        ".pl",
        ".properties",
        ".ps1",
        ".py",
        ".pyi",
        ".r",
        ".rb",
        ".rs",
        ".rst",
        ".scala",
        ".scss",
        ".sh",
        ".snap",
        ".sql",
        ".svg",
        ".swift",
        ".toml",
        ".ts",
        ".tsv",
        ".tsx",
        ".vue",
        ".xml",
        ".zsh",
    ]
)
"""Ends of names whose files may quote a template or policy, but are none."""

# Patterns are compiled when they are first needed: most files of a hook need none.
_PRETTY_KEY = rb"""(?m)^%%b["']?%s["']?[ \t]*:"""
_TOP_RESOURCES = _PRETTY_KEY % rb"Resources"
_TOP_VERSION = _PRETTY_KEY % rb"AWSTemplateFormatVersion"
_TOP_STATEMENT = _PRETTY_KEY % rb"Statement"
_JSON_KEY = rb'"%s"[ \t\r\n]*:'
_JSON_RESOURCES = _JSON_KEY % rb"Resources"
_RESOURCE_TYPE = rb"""["']?Type["']?[ \t]*:[ \t\r\n]*["']?(?:AWS|Alexa|Custom|[A-Z][A-Za-z0-9]*::[A-Za-z0-9]+)::"""
_SHOWN = _JSON_KEY % rb"format_version" + rb'[ \t\r\n]*"[0-9]+\.[0-9]+"'
_PLAN = _JSON_KEY % rb"(?:planned_values|resource_changes)"
_STATE = _JSON_KEY % rb"values" + rb'[ \t\r\n]*\{[ \t\r\n]*"(?:root_module|outputs)"'
_FRAGMENT = (
    rb'"(?:planned_values"[ \t\r\n]*:[ \t\r\n]*\{[ \t\r\n]*"(?:root_module|outputs)"'
    rb'|resource_changes"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\{)'
)
"""A plan that lost its `format_version` when it was cut down, say with jq."""

_DEPLOYED_KEYS = (
    b'"terraform_version"',
    b'"format_version"',
    b'"resource_changes"',
    b'"planned_values"',
    b'"encryption_version"',
)
_LOG = rb'\{"@level":"[a-z]+","@message":"[^"]*","@module":"terraform\.ui"'
"""How the log begins that `terraform plan -json` prints."""

_RAW_STATE = _JSON_KEY % rb"version" + rb"[ \t\r\n]*[0-9]+[ \t\r\n]*,"
_NOISE = rb"(?:[ \t\r\n]+|#[^\n]*(?:\n|$)|---[^\n]*(?:\n|$)|%[A-Z][^\n]*(?:\n|$))*"
_KEY_LINE = rb"""["']?[A-Za-z_][\w:.-]*["']?[ \t]*:(?:[ \t\r\n]|$)"""


def detect(path: str | os.PathLike[str], head: bytes) -> FileKind | None:
    """Which reader a file is for, or None for a file that is no concern of iamlint.

    `head` is the file's beginning, or all of it: what stands behind it is not seen, so pass all
    that is cheap to have.  Terraform goes by its name; templates and policy documents are told by
    content, whatever the name, except in files of another language.
    """
    name = os.path.basename(os.fspath(path)).lower()
    if name.endswith(_TERRAFORM_JSON):
        return "terraform-json"
    if name.endswith(_TERRAFORM):
        return "terraform"
    if name == "terragrunt.hcl" or name.endswith((".tfvars", ".tfvars.json")):
        return "terraform"  # no policies stand there, but values of a module's
    if os.path.splitext(name)[1] in _OTHER_LANGUAGES or head.startswith(b"#!"):
        return None
    if head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    elif head[:2] in WIDE:
        head = head.decode(WIDE[head[:2]], "ignore").lstrip("\ufeff").encode("utf-8", "ignore")
    if head.startswith(b"PK\x03\x04"):
        # What `terraform plan -out` writes is a ZIP archive whose first entry has this name.
        return "terraform-plan" if head[30:36] == b"tfplan" else None
    if re.match(_LOG, head):
        return "terraform-plan"
    if any(key in head for key in _DEPLOYED_KEYS):
        found = _detect_terraform(head)
        if found is not None:
            return found
    # Most files of a repository end here: two searches for plain bytes.
    template = b"Resources" in head or b"AWSTemplateFormatVersion" in head
    policy = b"Statement" in head and b"Effect" in head
    if not (template or policy):
        return None
    noise = re.match(_NOISE, head)
    start = noise.end() if noise else 0
    if head[start : start + 1] in (b"{", b"["):
        return _detect_json(head, template, policy)
    return _detect_yaml(head, start, template, policy)


def _detect_terraform(head: bytes) -> FileKind | None:
    """A plan or state as `terraform show -json` prints it, or a raw state file."""
    if head.lstrip(b" \t\r\n")[:1] != b"{":
        return None
    if b'"encrypted_data"' in head and b'"encryption_version"' in head:
        return "terraform-state"  # OpenTofu's, encrypted
    if re.search(_PLAN, head) and (re.search(_SHOWN, head) or re.search(_FRAGMENT, head)):
        return "terraform-plan"
    if re.search(_SHOWN, head):
        return "terraform-state" if re.search(_STATE, head) else None
    return "terraform-state" if re.search(_RAW_STATE, head) and b'"serial"' in head else None


def _detect_json(head: bytes, template: bool, policy: bool) -> FileKind | None:
    if template and (
        b'"AWSTemplateFormatVersion"' in head
        or (re.search(_JSON_RESOURCES, head) and re.search(_RESOURCE_TYPE, head))
    ):
        return "cloudformation"
    if policy and b'"Statement"' in head and b'"Effect"' in head:
        return "policy"
    # Flow style YAML without double quotes.
    if template and b"Resources" in head and re.search(_RESOURCE_TYPE, head):
        return "cloudformation"
    return None


def _detect_yaml(head: bytes, start: int, template: bool, policy: bool) -> FileKind | None:
    # All of a file may be indented; its keys stand below its first one.
    column = start - head.rfind(b"\n", 0, start) - 1
    margin = b" " * column if head[start - column : start].isspace() else b""
    if template and (
        re.search(_TOP_VERSION % margin, head)
        or (re.search(_TOP_RESOURCES % margin, head) and re.search(_RESOURCE_TYPE, head))
    ):
        # Prose and scripts may quote a template at the start of a line.
        return "cloudformation" if re.compile(_KEY_LINE).match(head, start) else None
    if (
        policy
        and re.search(_TOP_STATEMENT % margin, head)
        and re.compile(_KEY_LINE).match(head, start)
    ):
        return "policy"
    return None
