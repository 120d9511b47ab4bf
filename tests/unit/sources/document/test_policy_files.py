"""Policy documents on their own become sites whose kind their content tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iamlint.sources.document.read import read
from iamlint.sources.site import Project
from iamlint.text import SourceText

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT]}


def project(content: object, name: str = "policies/app.json") -> Project:
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    return read(SourceText(name, text))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (STATEMENT, "identity"),
        ({**STATEMENT, "Principal": "*"}, "resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "1"}}, "trust"),
        (
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "Principal": {"Federated": "x"},
            },
            "trust",
        ),
        ({**STATEMENT, "Action": "sts:AssumeRole", "Principal": "*"}, "resource"),
    ],
)
def test_kinds(statement: dict[str, Any], kind: str) -> None:
    for content in ({"Statement": [statement]}, {"Statement": statement}):
        (site,) = project(content).sites
        assert site.kind == kind
        assert site.policy is not None


def test_one_document() -> None:
    (site,) = project(POLICY).sites
    assert (site.key, site.address, site.argument) == ("policies/app.json", "app.json", "")
    assert (site.language, site.form) == ("json", "value")
    assert site.place.text == json.dumps(POLICY, indent=2)


def test_yaml() -> None:
    (site,) = project("Version: 2012-10-17\nStatement:\n- Effect: Deny\n  Action: '*'\n").sites
    assert site.language == "yaml"
    assert site.policy is not None
    assert site.policy.version == "2012-10-17"


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        ([POLICY, POLICY], ["[0]", "[1]"]),
        ({"PolicyName": "x", "PolicyDocument": POLICY}, ["PolicyDocument"]),
        ({"read": POLICY, "write": POLICY}, ["read", "write"]),
        ([{"PolicyDocument": POLICY}, {"other": 1}], ["[0].PolicyDocument"]),
    ],
)
def test_several_documents(content: object, arguments: list[str]) -> None:
    sites = project(content).sites
    assert [site.argument for site in sites] == arguments
    assert sites[0].key == f"policies/app.json#{arguments[0]}"


@pytest.mark.parametrize(
    "content",
    [
        {"Statement": "a bank statement", "Effect": "none"},
        {"Statement": [{"Name": "x"}]},
        {"rules": [{"Statement": {"Effect": "Allow"}}]},
        [1, 2],
        "null",
    ],
)
def test_what_only_looks_like_a_policy(content: object) -> None:
    found = project(content)
    assert (found.sites, found.unreadable, found.files) == ([], [], 1)


def test_a_broken_document_is_unreadable() -> None:
    (broken,) = project('{"Statement": [{"Effect": }]}').unreadable
    assert (broken.path, broken.line, broken.column) == ("policies/app.json", 1, 27)
    assert broken.reason == "expected a value, found `}`"


def test_terraform_templates_are_left_to_terraform() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Action": ${jsonencode(actions)}}]}'
    assert project(text, "p.json.tftpl").unreadable == []
    (broken,) = project(text, "p.json").unreadable
    assert broken.advice == "if it is a template for Terraform, call it `*.tftpl`"
