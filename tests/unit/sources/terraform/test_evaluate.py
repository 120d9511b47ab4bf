"""Values in policies: what is known, what is a hole, what is only possible."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iamlint.iam.decode import to_json
from iamlint.sources.site import PolicySite, Project, ReadOptions

Write = Callable[..., Project]

POLICY = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }] })
}
"""


def only(project: Project) -> PolicySite:
    found = [site for site in project.sites if site.resource_type != "aws_iam_policy_document"]
    assert len(found) == 1, [site.address for site in project.sites]
    return found[0]


def actions(project: Project) -> list[tuple[str, str | None]]:
    """The actions of the one statement, each with why it is only possible."""
    policy = only(project).policy
    assert policy is not None
    return [(str(e), e.possible) for s in policy.statements for e in s.actions]


def resources(project: Project) -> list[str]:
    policy = only(project).policy
    assert policy is not None
    return [str(element) for s in policy.statements for element in s.resources]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"s3:*"', ["s3:*"]),
        ('["s3:Get*", "s3:List*"]', ["s3:Get*", "s3:List*"]),
        ('"${local.service}:*"', ["sqs:*"]),
        ('[for a in local.verbs : "s3:${a}"]', ["s3:Get", "s3:Put"]),
        ('concat(["s3:A"], ["s3:B"])', ["s3:A", "s3:B"]),
        ('true ? ["s3:A"] : ["s3:B"]', ["s3:A"]),
        ("local.nested.deep[0]", ["s3:X"]),
        ("local.objects[*].action", ["a:One", "a:Two"]),
        ("values(local.map)", ["m:A", "m:B"]),
        ('formatlist("s3:%s", local.verbs)', ["s3:Get", "s3:Put"]),
        ('split(",", "s3:A,s3:B")', ["s3:A", "s3:B"]),
        ('jsondecode("[\\"s3:A\\"]")', ["s3:A"]),
        ('yamldecode("- s3:A")', ["s3:A"]),
        ('try(local.missing, "s3:A")', ["s3:A"]),
        ('lookup(local.map, "z", "s3:A")', ["s3:A"]),
        ('coalesce(null, "", "s3:A")', ["s3:A"]),
        ("toset(local.verbs)", ["Get", "Put"]),
    ],
)
def test_known_values(project: Write, expression: str, expected: list[str]) -> None:
    text = """
        locals {
          service = "sqs"
          verbs   = ["Get", "Put"]
          nested  = { deep = ["s3:X"] }
          objects = [{ action = "a:One" }, { action = "a:Two" }]
          map     = { b = "m:B", a = "m:A" }
        }
        """
    found = project({"a.tf": text, "b.tf": POLICY % expression})
    assert actions(found) == [(action, None) for action in expected]
    assert found.unresolved == []


def test_an_element_has_the_place_of_its_literal(project: Write) -> None:
    found = project('locals {\n  a = ["iam:*"]\n}\n' + POLICY % 'concat(["s3:*"], local.a)')
    policy = only(found).policy
    assert policy is not None
    first, second = policy.statements[0].actions
    assert first.place.text == '"s3:*"'
    assert (second.place.text, second.place.start) == ('"iam:*"', (2, 8))


def test_an_unknown_variable_leaves_the_known_part(project: Write) -> None:
    found = project('variable "x" {}\n' + POLICY % 'concat(["iam:*"], var.x)')
    assert actions(found) == [("iam:*", None)]
    policy = only(found).policy
    assert policy is not None
    assert policy.statements[0].open == {"Action": "variable `x` has no value"}
    assert [item.reason for item in found.unresolved] == [
        "`Action` may hold more: variable `x` has no value"
    ]


def test_a_typed_unknown_is_a_hole(project: Write) -> None:
    found = project('variable "x" {\n  type = string\n}\n' + POLICY % '["${var.x}:*"]')
    assert actions(found) == [("‹var.x›:*", None)]


def test_a_default_is_only_possible(project: Write) -> None:
    found = project('variable "x" {\n  default = "s3:*"\n}\n' + POLICY % "var.x")
    assert actions(found) == [("s3:*", "by default of variable `x`")]
    assert only(found).editable is None


@pytest.mark.parametrize(
    "options",
    [
        ReadOptions(variables={"x": '["s3:A"]'}),
        ReadOptions(var_files=("prod.tfvars",)),
    ],
)
def test_given_variables_are_certain(project: Write, options: ReadOptions) -> None:
    files = {
        "main.tf": 'variable "x" {\n  type    = list(string)\n  default = []\n}\n'
        + POLICY % "var.x",
        "prod.tfvars": 'x = ["s3:A"]\n',
    }
    assert actions(project(files, options=options)) == [("s3:A", None)]


def test_tfvars_in_terraforms_order(project: Write) -> None:
    files = {
        "main.tf": "".join(f'variable "{n}" {{}}\n' for n in "abcd")
        + POLICY % "[var.a, var.b, var.c, var.d]",
        "terraform.tfvars": 'a = "1:a"\nb = "1:b"\nc = "1:c"\nd = "1:d"\n',
        "terraform.tfvars.json": '{"b": "2:b", "c": "2:c", "d": "2:d"}',
        "a.auto.tfvars": 'c = "3:c"\nd = "3:d"\n',
        "b.auto.tfvars": 'd = "4:d"\n',
        "other.tfvars": 'a = "no:no"\n',
    }
    assert [a for a, _ in actions(project(files))] == ["1:a", "2:b", "3:c", "4:d"]


def test_an_unknown_condition_keeps_both_branches(project: Write) -> None:
    found = project(
        'variable "env" {\n  type = string\n}\n' + POLICY % 'var.env == "prod" ? "s3:Get*" : "s3:*"'
    )
    assert actions(found) == [
        ("s3:Get*", 'if `var.env == "prod"`'),
        ("s3:*", 'unless `var.env == "prod"`'),
    ]


def test_elements_of_an_undecided_list_are_possible(project: Write) -> None:
    found = project(
        'variable "env" {\n  type = string\n}\n'
        + POLICY % 'concat(["s3:Get*"], var.env == "dev" ? ["s3:*"] : [])'
    )
    assert actions(found) == [("s3:Get*", None), ("s3:*", 'if `var.env == "dev"`')]


@pytest.mark.parametrize(
    ("expression", "text", "kind"),
    [
        ("aws_s3_bucket.b.arn", "‹aws_s3_bucket.b.arn›", "resource"),
        ('"${aws_s3_bucket.b.arn}/*"', "‹aws_s3_bucket.b.arn›/*", "resource"),
        ('"arn:aws:s3:::${aws_s3_bucket.b.bucket}"', "arn:aws:s3:::logs", None),
        ('"arn:aws:s3:::${aws_s3_bucket.b.id}"', "arn:aws:s3:::logs", None),
        ('"arn:aws:s3:::${aws_s3_bucket.n.id}"', "arn:aws:s3:::‹aws_s3_bucket.n.id›", "name"),
        ("data.aws_caller_identity.c.account_id", "‹data.aws_caller_identity.c.account_id›", "account"),
        ("data.aws_region.r.name", "‹data.aws_region.r.name›", "region"),
        ("data.aws_region.r.region", "‹data.aws_region.r.region›", "region"),
        ("data.aws_partition.p.partition", "‹data.aws_partition.p.partition›", "partition"),
        ('lower("${aws_s3_bucket.n.id}")', '‹lower("${aws_s3_bucket.n.id}")›', "name"),
        ('join("/", [aws_s3_bucket.b.arn, "x"])', "‹aws_s3_bucket.b.arn›/x", "resource"),
        ('format("%s/*", aws_s3_bucket.b.arn)', "‹aws_s3_bucket.b.arn›/*", "resource"),
        ("no_such_function(1)", None, None),
    ],
)  # fmt: skip
def test_holes_and_their_kinds(
    project: Write, expression: str, text: str | None, kind: str | None
) -> None:
    found = project(
        f"""
        resource "aws_s3_bucket" "b" {{ bucket = "logs" }}
        resource "aws_s3_bucket" "n" {{}}
        data "aws_caller_identity" "c" {{}}
        data "aws_region" "r" {{}}
        data "aws_partition" "p" {{}}
        resource "aws_iam_policy" "p" {{
          policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = {expression} }}] }})
        }}
        """
    )
    if text is None:
        assert resources(found) == []
        assert [item.reason for item in found.unresolved] == [
            "`Resource` could not be evaluated: the function `no_such_function` is not known to iamlint"
        ]
        return
    policy = only(found).policy
    assert policy is not None
    (element,) = policy.statements[0].resources
    assert str(element) == text
    assert [hole.kind for hole in element.text.holes] == ([kind] if kind else [])


@pytest.mark.parametrize(
    "policy",
    [
        'jsonencode({ "Version" : "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "${aws_s3_bucket.b.arn}/*" }] })',
        '<<EOF\n{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "${aws_s3_bucket.b.arn}/*"}]}\nEOF\n',
        '<<-EOF\n    {\n      "Version": "2012-10-17",\n      "Statement": [{"Effect": "Allow", "Action": "s3:*",\n "Resource": "${aws_s3_bucket.b.arn}/*"}]\n    }\n    EOF\n',
        '"{\\"Version\\": \\"2012-10-17\\", \\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"s3:*\\", \\"Resource\\": \\"${aws_s3_bucket.b.arn}/*\\"}]}"',
        'templatefile("${path.module}/p.tpl", { bucket = aws_s3_bucket.b.arn })',
        'replace(file("${path.module}/p.json"), "s3", "s3")',
        'jsonencode(jsondecode(file("p.json")))',
        "data.aws_iam_policy_document.d.json",
        "data.aws_iam_policy_document.d.minified_json",
    ],
)
def test_every_way_to_write_a_policy(project: Write, policy: str) -> None:
    found = project(
        {
            "main.tf": (
                'resource "aws_s3_bucket" "b" {}\n'
                f'resource "aws_iam_policy" "p" {{\n  policy = {policy}\n}}\n'
                'data "aws_iam_policy_document" "d" {\n  statement {\n'
                '    actions = ["s3:*"]\n    resources = ["${aws_s3_bucket.b.arn}/*"]\n  }\n}\n'
            ),
            "p.tpl": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "${bucket}/*"}]}',
            "p.json": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "‹aws_s3_bucket.b.arn›/*"}]}',
        }
    )
    site = only(found)
    assert site.policy is not None
    assert to_json(site.policy) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "‹aws_s3_bucket.b.arn›/*"}],
    }
    (action,) = site.policy.statements[0].actions
    if "replace(" not in policy:
        assert "s3:*" in action.place.text
        assert len(action.place.text) <= len('\\"s3:*\\"')


def test_a_directive_in_a_policy_text_is_carried_out(project: Write) -> None:
    found = project(
        'variable "on" {\n  type = bool\n}\nresource "aws_iam_policy" "p" {\n  policy = <<EOF\n'
        '{"Statement": [%{ for i, a in ["s3:A", "s3:B"] }%{ if i > 0 },%{ endif }\n'
        '{"Effect": "Allow", "Action": "${a}", "Resource": "*"}%{ endfor }]}\nEOF\n}\n'
    )
    assert actions(found) == [("s3:A", None), ("s3:B", None)]


def test_text_that_is_no_json_is_told(project: Write) -> None:
    found = project('resource "aws_iam_policy" "p" {\n  policy = <<EOF\n{"Statement": [}\nEOF\n}\n')
    assert only(found).policy is None
    (item,) = found.unresolved
    assert item.reason.startswith("the policy could not be evaluated: it is no JSON: ")
    assert item.reason.endswith("(line 3)")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("local.none", "the local `none` is not declared"),
        ("var.none", "the variable `none` is not declared"),
        ("data.aws_x.none.arn", "`data.aws_x.none` is not declared"),
        ("local.a", "`local.a` refers to itself"),
        ('file("none.json")', "`none.json` does not exist"),
        ("module.none.x", "the module `none` is not declared"),
        ("each.key", "`each.key` is not defined here"),
        ("1 / 0", "division by zero"),
        ('tonumber("x")', "`x` is no number"),
    ],
)
def test_what_can_not_be_evaluated_says_why(project: Write, expression: str, reason: str) -> None:
    found = project("locals {\n  a = local.a\n}\n" + POLICY % f"[{expression}]")
    assert [item.reason for item in found.unresolved] == [
        f"`Action` could not be evaluated: {reason}"
    ]


def test_a_placeholder_in_json_is_replaced_and_places_stay(project: Write) -> None:
    found = project(
        """
        resource "aws_s3_bucket" "b" {}
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["s3:*"]
            resources = ["arn:aws:s3:::_BUCKET_/*", aws_s3_bucket.b.arn]
          }
        }
        resource "aws_iam_policy" "p" {
          policy = replace(data.aws_iam_policy_document.d.json, "_BUCKET_", aws_s3_bucket.b.id)
        }
        """
    )
    assert resources(found) == ["‹aws_s3_bucket.b.arn›", "arn:aws:s3:::‹aws_s3_bucket.b.id›/*"]
    policy = only(found).policy
    assert policy is not None
    assert policy.statements[0].resources[1].place.text == '"arn:aws:s3:::_BUCKET_/*"'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('replace("a-${aws_s3_bucket.b.id}-b", "-", "/")', 'a/‹replace(aws_s3_bucket.b.id, "-", "/")›/b'),
        ('replace("x/y${aws_s3_bucket.b.id}", "yz", "q")', '‹replace("x/y${aws_s3_bucket.b.id}", "yz", "q")›'),
        ('trimspace(" ${aws_s3_bucket.b.id}")', '‹trimspace(" ${aws_s3_bucket.b.id}")›'),
        ('trimprefix("arn:${aws_s3_bucket.b.id}", "arn:")', "‹aws_s3_bucket.b.id›"),
    ],
)  # fmt: skip
def test_replacing_around_holes(project: Write, expression: str, expected: str) -> None:
    found = project(
        f"""
        resource "aws_s3_bucket" "b" {{}}
        resource "aws_iam_policy" "p" {{
          policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = {expression} }}] }})
        }}
        """
    )
    assert resources(found) == [expected]


WHERE = """
data "aws_caller_identity" "c" {}
data "aws_region" "r" {}
data "aws_region" "us" { provider = aws.us }
data "aws_partition" "p" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = [join(":", [
    data.aws_partition.p.partition, data.aws_region.r.name, data.aws_region.us.name, data.aws_caller_identity.c.account_id
  ])] }] })
}
"""


@pytest.mark.parametrize(
    ("providers", "options", "expected"),
    [
        (
            "",
            ReadOptions(),
            "‹data.aws_partition.p.partition›:‹data.aws_region.r.name›"
            ":‹data.aws_region.us.name›:‹data.aws_caller_identity.c.account_id›",
        ),
        (
            "",
            ReadOptions(account="123456789012", region="cn-north-1"),
            "aws-cn:cn-north-1:‹data.aws_region.us.name›:123456789012",
        ),
        (
            'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111111111111"]\n}\n'
            'provider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n',
            ReadOptions(account="999999999999", region="eu-north-1"),
            "aws:eu-west-1:us-east-1:111111111111",
        ),
        (
            'provider "aws" {\n  assume_role {\n    role_arn = "arn:aws:iam::222222222222:role/ci"\n  }\n}\n',
            ReadOptions(),
            "‹data.aws_partition.p.partition›:‹data.aws_region.r.name›"
            ":‹data.aws_region.us.name›:222222222222",
        ),
    ],
)
def test_where_the_deployment_is(
    project: Write, providers: str, options: ReadOptions, expected: str
) -> None:
    assert resources(project(providers + WHERE, options=options)) == [expected]


def test_a_condition_key_with_a_hole_is_kept(project: Write) -> None:
    found = project(
        """
        resource "aws_iam_openid_connect_provider" "p" {}
        resource "aws_iam_role" "r" {
          assume_role_policy = jsonencode({ Statement = [{
            Effect    = "Allow"
            Action    = "sts:AssumeRoleWithWebIdentity"
            Principal = { Federated = aws_iam_openid_connect_provider.p.arn }
            Condition = { StringEquals = { "${aws_iam_openid_connect_provider.p.url}:sub" = "x" } }
          }] })
        }
        """
    )
    policy = only(found).policy
    assert policy is not None
    (statement,) = policy.statements
    assert [str(c.key) for c in statement.conditions] == [
        "‹aws_iam_openid_connect_provider.p.url›:sub"
    ]
    assert statement.open == {}
    assert found.unresolved == []


def test_inputs_of_terragrunt(project: Write) -> None:
    files = {
        "main.tf": "".join(f'variable "{n}" {{}}\n' for n in "abc")
        + POLICY % "[var.a, var.b, var.c]",
        "terragrunt.hcl": 'locals {\n  s = "sqs"\n}\ninputs = {\n  a = "s3:A"\n  b = "${local.s}:B"\n'
        '  c = get_env("C")\n}\n',
        "terraform.tfvars": 'a = "s3:T"\n',
    }
    found = project(files)
    assert actions(found) == [("s3:T", None), ("sqs:B", None)]
    assert [item.reason for item in found.unresolved] == [
        "`Action` could not be evaluated: the environment variable `C` is known to the deployment alone"
    ]
