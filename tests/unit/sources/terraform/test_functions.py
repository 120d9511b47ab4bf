"""The table of functions: each is where it is said to be, and the whole census is there."""

from __future__ import annotations

from importlib import import_module

import pytest

from iamlint.sources.terraform.functions import names

HOMES = (
    "lists",
    "maps",
    "sets",
    "strings",
    "conversion",
    "encoding",
    "hashing",
    "numbers",
    "files",
    "networks",
    "dates",
    "aws",
    "assumed",
)

# Every function that occurs in a corpus of 3,683 public files, and the rest of Terraform's own.
_NAMES = """
abs abspath alltrue anytrue base64decode base64encode base64sha256 basename can ceil chomp
chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat contains
csvdecode dirname distinct element endswith file filebase64 filebase64sha256 fileexists filemd5
fileset filesha1 filesha256 flatten floor format formatdate formatlist indent index join
jsondecode jsonencode keys length log lookup lower matchkeys max md5 merge min nonsensitive one
parseint pow range regex regexall replace reverse sensitive setintersection setproduct setsubtract
setunion sha1 sha256 sha512 signum slice sort split startswith strcontains strrev substr sum
templatefile templatestring textdecodebase64 textencodebase64 timeadd timecmp title tobool tolist
tomap tonumber toset tostring transpose trim trimprefix trimspace trimsuffix try upper urlencode
uuidv5 values yamldecode yamlencode zipmap
"""
# What Terraform 1.17 and OpenTofu 1.13 have beyond that, with the AWS provider's own.
_NEWER = """
assumeequal assumelistlength assumelistlengthmax assumelistlengthmin assumemaplength
assumemaplengthmax assumemaplengthmin assumenotnull assumesetlength assumesetlengthmax
assumesetlengthmin assumestringprefix base64gunzip base64sha512 cidrcontains ephemeralasnull
filebase64sha512 filesha512 issensitive list map pathexpand
provider::aws::arn_build provider::aws::arn_parse provider::aws::trim_iam_role_path replace
setproduct urldecode
"""
CENSUS = sorted({*_NAMES.split(), *_NEWER.split()})


@pytest.mark.parametrize("name", CENSUS)
def test_the_census_is_implemented(name: str) -> None:
    assert name in names()


def test_every_module_holds_what_the_table_says() -> None:
    held: set[str] = set()
    for home in HOMES:
        module = import_module(f"iamlint.sources.terraform.functions.{home}")
        held |= set(module.NODES) | set(module.PLAIN)
    assert held == set(names())
