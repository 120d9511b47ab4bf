"""Files are told apart by content, and other files are left alone."""

from __future__ import annotations

import pytest

from iamlint.sources.detect import detect

POLICY = b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'
TEMPLATE = b"Resources:\n  R:\n    Type: AWS::IAM::Role\n"


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("main.tf", b"", "terraform"),
        ("main.tofu", b"", "terraform"),
        ("main.tf.json", b"{}", "terraform-json"),
        ("a.yaml", b"# c\n---\nAWSTemplateFormatVersion: 2010-09-09\n", "cloudformation"),
        ("a.template", TEMPLATE, "cloudformation"),
        (
            "indented.yaml",
            b"---\n\n  # c\n  Description: d\n" + TEMPLATE.replace(b"R", b"  R", 1),
            "cloudformation",
        ),
        ("map.yaml", b"kind: ConfigMap\ndata:\n  t: |\n    AWSTemplateFormatVersion: x\n", None),
        (
            "stack",
            b'\xef\xbb\xbf{"Resources": {"R": {"Type": "AWS::IAM::Role"}}}',
            "cloudformation",
        ),
        ("a.json", b'{"Resources":{"R":{"Type":"Custom::X"}}}', "cloudformation"),
        ("a.yml", b"'Resources':\n  R: {Type: 'AWS::S3::Bucket'}\n", "cloudformation"),
        ("broken.yaml", b"AWSTemplateFormatVersion: 2010-09-09\n  Resources: [", "cloudformation"),
        ("policy.json", POLICY, "policy"),
        ("policy", b"\n[" + POLICY + b"]", "policy"),
        ("policy.yaml", b"Version: x\nStatement:\n- Effect: Allow\n", "policy"),
        ("p.json", b'{"format_version":"0.1","planned_values":{}}', "terraform-plan"),
        ("s.json", b'{"format_version":"1.0","values":{"root_module":{}}}', "terraform-state"),
        ("x.tfstate", b'{"version": 4, "terraform_version": "1", "serial": 1}', "terraform-state"),
        ("schema.json", b'{"format_version":"1.0","provider_schemas":{}}', None),
        ("README.md", b"```\n" + TEMPLATE, None),
        ("notes.txt", b"This is how:\n\n" + TEMPLATE, None),
        ("deploy", b"#!/bin/sh\ncat <<X\n" + TEMPLATE, None),
        ("app.py", b'"""\n' + TEMPLATE, None),
        ("values.yaml", b"spec:\n  Resources:\n    Type: AWS::X\n", None),
        ("package.json", b'{"name": "x", "Resources": 1}', None),
        ("k8s.yaml", b"apiVersion: v1\nkind: Pod\n", None),
        ("empty", b"", None),
        ("image.png", b"\x89PNG\r\n\x1a\n\0\0Resources", None),
    ],
)
def test_detect(path: str, head: bytes, kind: str | None) -> None:
    assert detect(path, head) == kind
