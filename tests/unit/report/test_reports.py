"""Whole outputs of every renderer for the same report, as golden files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import msgspec
import pytest

from iamlint.app.settings import FORMATS
from iamlint.finding import (
    Evidence,
    Finding,
    KeptAction,
    Label,
    Proof,
    Replacement,
    Severity,
)
from iamlint.report import concise, formats, json_report, sarif, text
from iamlint.report.base import Report, RuleInfo
from iamlint.sources.site import Unresolved
from iamlint.text import Place, SourceText, Span

MAIN = SourceText(
    "infra/main.tf",
    'resource "aws_iam_role_policy_attachment" "ci" {\n'
    "  role       = aws_iam_role.ci.name\n"
    '  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n'
    "}\n"
    'locals { evil = "\x1b[2J\u202e<img>" }\n',
)
OTHER = SourceText("infra/other file.yaml", "Action: 's3:*' # 日本\nResource: '*'\n")


def place(source: SourceText, text_: str, *, lines: str = "") -> Place:
    start = source.text.index(text_)
    return Place(
        source,
        Span(start, source.text.index(lines, start) + len(lines) if lines else start + len(text_)),
    )


@pytest.fixture
def report() -> Report:
    admin = Finding(
        rule="IAM101",
        name="administrator-access",
        severity=Severity.CRITICAL,
        confidence="certain",
        message="`aws_iam_role.ci` may do everything: it is given `AdministratorAccess`",
        place=place(MAIN, '"arn:aws:iam::aws:policy/AdministratorAccess"'),
        address="aws_iam_role_policy_attachment.ci",
        principal="aws_iam_role.ci",
        policy_kind="managed-attachment",
        advice="give it what the pipeline calls",
        labels=(
            Label(place(MAIN, "aws_iam_role.ci.name"), "the role"),
            Label(place(OTHER, "'s3:*'"), "also given here"),
        ),
        evidence=Evidence(
            observed=1414,
            window_days=90,
            last_used="2026-11-01T00:00:00Z",
            unobservable=("logs:PutLogEvents",),
        ),
        replacement=Replacement(
            policy={"Version": "2012-10-17", "Statement": []},
            kept=(
                KeptAction("s3:GetObject", "observed 14 times"),
                KeptAction("logs:PutLogEvents", "CloudTrail does not record it"),
                KeptAction("s3:PutObject", "observed 14 times"),
            ),
            dropped=tuple(f"iam:Action{number}" for number in range(12)),
            proof=Proof(
                contained=True,
                sufficient=None,
                well_formed=True,
                size=812,
                quota=10240,
                notes=("one call gave no resource",),
            ),
            edit="--- a/infra/main.tf\n+++ b/infra/main.tf\n@@ -1 +1 @@\n-\x1b[31mold\n+new\n",
            applicability="unsafe",
            why_not_safe="one observed call could not be replayed",
        ),
        fingerprint="f1",
    )
    wildcard = Finding(
        rule="IAM106",
        name="service-wildcard",
        severity=Severity.MEDIUM,
        confidence="possible",
        message="every action of s3",
        place=place(OTHER, "'s3:*'"),
        notes=("only by default of parameter `A`",),
        fingerprint="f2",
    )
    long = Finding(
        rule="IAM004",
        name="malformed-policy",
        severity=Severity.INFO,
        confidence="certain",
        message="spans all of the file",
        place=Place(MAIN, Span(0, len(MAIN.text))),
        fingerprint="f3",
    )
    return Report(
        findings=(admin, wildcard, long),
        unresolved=(
            Unresolved(place(OTHER, "Resource"), "Role", "`Fn::ImportValue` of another stack"),
        ),
        notes=("the usage profile ends 40 days ago",),
        rules=(
            RuleInfo(
                "IAM101",
                "administrator-access",
                "Everything is allowed.",
                Severity.CRITICAL,
                "# page",
            ),
            RuleInfo("IAM106", "service-wildcard", "All of a service is allowed.", Severity.MEDIUM),
            RuleInfo("IAM004", "malformed-policy", "AWS would reject the policy.", Severity.INFO),
        ),
        files=2,
        sites=3,
        suppressed_inline=1,
        tool_version="1.2.3",
        data_date="2026-10-27",
    )


@pytest.mark.parametrize("name", FORMATS)
def test_golden(report: Report, golden: Callable[[str, str], None], name: str) -> None:
    golden(f"report/{name}", formats.renderer(name)(report))


def test_the_command_line_offers_every_renderer() -> None:
    assert set(FORMATS) == set(formats.MODULES)


def test_junit_is_xml_and_counts(report: Report) -> None:
    from xml.etree import ElementTree

    suite = ElementTree.fromstring(formats.renderer("junit")(report))
    assert suite.attrib == {"tests": "4", "failures": "3", "skipped": "1", "errors": "0"}


def test_colour_adds_nothing_but_colour(report: Report) -> None:
    import re

    colored = text.render(report, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == text.render(report)


def test_no_control_sign_of_a_source_reaches_the_terminal(report: Report) -> None:
    printed = text.render(report) + concise.render(report)
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_sarif_is_valid_by_the_oasis_schema(report: Report, root: Path) -> None:
    schema = json.loads((root / "fixtures/schemas/sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema)
    log = json.loads(sarif.render(report))
    assert list(validator.iter_errors(log)) == []
    log["runs"][0]["results"][0]["level"] = "bad"
    assert [error.validator for error in validator.iter_errors(log)] == ["enum"]


def test_json_has_the_published_shape(report: Report, root: Path) -> None:
    schema = json.loads((root / "docs/schema/report-v1.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    document = json.loads(json_report.render(report))
    assert list(validator.iter_errors(document)) == []
    document["findings"][0]["severity"] = "awful"
    assert [error.validator for error in validator.iter_errors(document)] == ["enum"]


def test_text_shows_an_edit_once(report: Report) -> None:
    """Several findings on one site have the same replacement; the first shows it."""
    first = report.findings[0]
    second = msgspec.structs.replace(first, rule="IAM401", name="privilege-escalation", notes=())
    both = msgspec.structs.replace(report, findings=[first, second])
    rendered = text.render(both)
    assert rendered.count("--- a/infra/main.tf") == 1
    assert rendered.count("= keeps:") == text.render(report).count("= keeps:")
    refers = "  = fix (unsafe): the one shown above for IAM101 at infra/main.tf:3\n"
    assert refers in rendered.partition("[IAM401]")[2]


def test_html_is_balanced_and_loads_and_runs_nothing(report: Report) -> None:
    from html.parser import HTMLParser

    from iamlint.report import html

    class Page(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.seen: set[str] = set()
            self.links: list[str] = []
            self.shown = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.add(tag)
            given = dict(attrs)
            assert not any(name.startswith("on") or name in ("style", "src") for name in given)
            if tag == "a":
                self.links.append(given["href"] or "")
            if tag not in ("meta", "input", "br", "link"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

        def handle_data(self, data: str) -> None:
            self.shown += data

    hostile = msgspec.structs.replace(
        report.findings[0],
        message="`</code><script>alert(1)</script>` and <img src=x onerror=alert(1)> \u202e",
        address='x" onmouseover="alert(1)',
        fingerprint="f4",
    )
    page = Page()
    page.feed(html.render(msgspec.structs.replace(report, findings=[*report.findings, hostile])))
    assert page.open == []
    assert not page.seen & {"script", "img", "iframe", "link", "object"}
    assert all(link.startswith(("https://github.com/iamlint/", "#")) for link in page.links)
    assert "<script>alert(1)</script>" in page.shown
    assert "\u202e" not in page.shown


def test_html_marks_what_the_finding_covers(report: Report) -> None:
    from iamlint.report import html

    page = html.render(report)
    assert "<mark>&quot;arn:aws:iam::aws:policy/AdministratorAccess&quot;</mark>" in page
    assert '<mark class="label">aws_iam_role.ci.name</mark>' in page
