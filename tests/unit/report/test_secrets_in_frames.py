"""Secrets that lie beside a finding are not printed with it."""

from __future__ import annotations

from iamlint.report.frame import frame
from iamlint.report.style import Style
from iamlint.rule import secrets
from iamlint.text import Place, SourceText, Span

LINE = '{"Ann": {"LoginProfile": {"Password": "hunter2hunter2"}, "Policies": ["*"]}}'


def test_a_line_with_a_password_is_shown_without_it() -> None:
    source = SourceText("t.json", LINE)
    at = LINE.index('"*"')
    shown = "\n".join(frame([(Place(source, Span(at, at + 3)), "")], Style(False)))
    assert "hunter2" not in shown
    assert '"Password": "**************"' in shown


def test_what_is_no_secret_stays() -> None:
    for text in (
        'Action = "iam:ChangePassword"',
        "password = var.password",
        "Password: !Ref First",
        "Password: ${first}",
        "AKIAIOSFODNN7EXAMPLE",
    ):
        assert secrets.concealed(text) == text


def test_keys_are_concealed_and_the_text_keeps_its_length() -> None:
    text = "id=AKIAZZ4QABCDEFGHIJ42 aws_secret_access_key = " + "a1B2" * 10
    shown = secrets.concealed(text)
    assert shown == "id=AKIA**************** aws_secret_access_key = " + "*" * 40
    assert len(shown) == len(text)
