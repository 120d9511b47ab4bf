"""Public access blocks and ACLs of buckets: which count for which bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.rule import Context, buckets
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions


def context(folder: Path, text: str, name: str = "main.tf") -> Context:
    (folder / name).write_text(text)
    return Context(read([str(folder / name)], Sandbox(str(folder)), ReadOptions()))


POLICY = """
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }] })
}
"""


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("bucket = aws_s3_bucket.b.id\n restrict_public_buckets = true", [True]),
        ('bucket = "b"\n restrict_public_buckets = true', [True]),
        ('bucket = "another"\n restrict_public_buckets = true', []),
        ("bucket = aws_s3_bucket.b.id\n restrict_public_buckets = false", []),
        ("bucket = aws_s3_bucket.b.id\n restrict_public_buckets = var.unknown", []),
        ("bucket = aws_s3_bucket.b.id\n block_public_acls = true", []),
        ("bucket = aws_s3_bucket.b.id\n block_public_policy = var.unset ? true : false", [False]),
        ("bucket = aws_s3_bucket.b.id\n block_public_policy = var.set", [True]),
    ],
)
def test_the_block_of_a_bucket(tmp_path: Path, block: str, found: list[bool]) -> None:
    text = POLICY + f'resource "aws_s3_bucket_public_access_block" "x" {{\n {block}\n}}\n'
    ctx = context(tmp_path, text + 'variable "unset" {}\nvariable "set" { default = true }\n')
    (site,) = ctx.project.sites
    assert [each.counts for each in buckets.blocked(site, ctx)] == found


def test_the_block_of_the_account_counts_for_all_buckets(tmp_path: Path) -> None:
    text = POLICY + (
        'resource "aws_s3_account_public_access_block" "x" { restrict_public_buckets = true }'
    )
    ctx = context(tmp_path, text)
    (site,) = ctx.project.sites
    (found,) = buckets.blocked(site, ctx)
    assert (found.setting, found.address) == (
        "restrict_public_buckets",
        "aws_s3_account_public_access_block.x",
    )


def test_templates_and_access_points(tmp_path: Path) -> None:
    template = """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {PublicAccessBlockConfiguration: {BlockPublicPolicy: true}}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref B
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}]}
  A:
    Type: AWS::S3::AccessPoint
    Properties:
      Bucket: !Ref B
      Policy: {Statement: [{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}]}
"""
    ctx = context(tmp_path, template, "t.yaml")
    found = {
        site.address: [each.setting for each in buckets.blocked(site, ctx)]
        for site in ctx.project.sites
    }
    assert found == {"P": ["block_public_policy"], "A": ["restrict_public_buckets"]}


def test_each_grant_of_an_acl_is_judged_by_itself(tmp_path: Path) -> None:
    text = """
resource "aws_s3_bucket_acl" "a" {
  bucket = "b"
  access_control_policy {
    owner { id = "me" }
    grant {
      grantee {
        id   = "me"
        type = "CanonicalUser"
      }
      permission = "FULL_CONTROL"
    }
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
      }
      permission = "READ"
    }
  }
}
"""
    (found,) = buckets.public_acls(context(tmp_path, text))
    assert (found.writes, found.anyone, found.ownership) == (False, False, "not shown")


def test_ownership_decides_whether_acls_count(tmp_path: Path) -> None:
    text = """
resource "aws_s3_bucket_acl" "a" {
  bucket = "b"
  acl    = "public-read-write"
}
resource "aws_s3_bucket_ownership_controls" "o" {
  bucket = "b"
  rule { object_ownership = "ObjectWriter" }
}
"""
    (found,) = buckets.public_acls(context(tmp_path, text))
    assert (found.writes, found.anyone, found.ownership) == (True, True, "allows")
    enforced = text.replace("ObjectWriter", "BucketOwnerEnforced")
    assert list(buckets.public_acls(context(tmp_path, enforced))) == []


def test_a_bucket_that_is_not_known_is_the_same_by_the_same_expression(tmp_path: Path) -> None:
    text = """
resource "aws_s3_bucket_acl" "a" {
  bucket = module.elsewhere.bucket
  acl    = "public-read"
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket             = module.elsewhere.bucket
  ignore_public_acls = true
}
module "elsewhere" { source = "example/bucket/aws" }
"""
    assert list(buckets.public_acls(context(tmp_path, text))) == []
    other = text.replace("= module.elsewhere.bucket\n  ignore", "= module.elsewhere.logs\n  ignore")
    assert len(list(buckets.public_acls(context(tmp_path, other)))) == 1
