"""Modules: called with values, on their own, from many places, from nowhere."""

from __future__ import annotations

from collections.abc import Callable

from iamlint.sources.site import Project, ReadOptions

Write = Callable[..., Project]

CHILD = """
variable "actions" { type = list(string) }
variable "role" {}
variable "prefix" { default = "app" }
resource "aws_iam_role_policy" "p" {
  role   = var.role
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = var.actions, Resource = "arn:aws:s3:::${var.prefix}" }] })
}
output "arn" { value = "arn:aws:s3:::${var.prefix}" }
"""
CALLER = """
resource "aws_iam_role" "r" { name = "r" }
module "m" {
  source  = "./child"
  role    = aws_iam_role.r.name
  actions = ["s3:Get*"]
}
"""


def test_a_call_gives_values_and_owner(project: Write) -> None:
    found = project({"main.tf": CALLER, "child/main.tf": CHILD})
    (site,) = found.sites
    assert site.address == "module.m.aws_iam_role_policy.p"
    assert site.key == ".#module.m.aws_iam_role_policy.p#policy"
    assert site.owners == (".#aws_iam_role.r",)
    assert site.place.path == "child/main.tf"
    assert site.policy is not None
    (statement,) = site.policy.statements
    (action,) = statement.actions
    assert (str(action), action.place.path, action.possible) == ("s3:Get*", "main.tf", None)
    assert (str(statement.resources[0]), statement.resources[0].possible) == (
        "arn:aws:s3:::app",
        None,
    )


def test_a_module_without_a_caller_is_judged_alone(project: Write) -> None:
    found = project({"child/main.tf": CHILD})
    (site,) = found.sites
    assert site.address == "aws_iam_role_policy.p"
    assert site.policy is not None
    (statement,) = site.policy.statements
    assert statement.open == {"Action": "variable `actions` has no value"}
    assert statement.resources[0].possible == "by default of variable `prefix`"


def test_equal_calls_give_one_site(project: Write) -> None:
    found = project(
        {
            "a/main.tf": CALLER.replace("./child", "../child"),
            "b/main.tf": CALLER.replace("./child", "../child"),
            "child/main.tf": CHILD.replace("var.actions, ", '"s3:List*", '),
        }
    )
    (site,) = found.sites
    assert site.key == "a#module.m.aws_iam_role_policy.p#policy"
    assert site.owners == ("a#aws_iam_role.r", "b#aws_iam_role.r")


def test_calls_with_other_values_give_other_sites(project: Write) -> None:
    found = project(
        {
            "a/main.tf": CALLER.replace("./child", "../child"),
            "b/main.tf": CALLER.replace("./child", "../child").replace("s3:Get*", "s3:*"),
            "child/main.tf": CHILD,
        }
    )
    assert [site.owners for site in found.sites] == [("a#aws_iam_role.r",), ("b#aws_iam_role.r",)]


def test_calls_with_for_each_and_outputs(project: Write) -> None:
    found = project(
        {
            "main.tf": """
                module "m" {
                  source   = "./child"
                  for_each = { a = "s3:A", b = "s3:B" }
                  role     = "r"
                  prefix   = each.key
                  actions  = [each.value]
                }
                resource "aws_iam_policy" "p" {
                  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*",
                    Resource = concat([for k, m in module.m : m.arn], values(module.m)[*].arn) }] })
                }
                """,
            "child/main.tf": CHILD,
        }
    )
    assert sorted(site.address for site in found.sites) == [
        "aws_iam_policy.p",
        'module.m["a"].aws_iam_role_policy.p',
        'module.m["b"].aws_iam_role_policy.p',
    ]
    policy = next(s.policy for s in found.sites if s.address == "aws_iam_policy.p")
    assert policy is not None
    assert [str(r) for r in policy.statements[0].resources] == [
        "arn:aws:s3:::a",
        "arn:aws:s3:::b",
        "arn:aws:s3:::a",
        "arn:aws:s3:::b",
    ]


def test_modules_that_feed_each_other(project: Write) -> None:
    found = project(
        {
            "main.tf": """
                module "a" {
                  source = "./pass"
                  first  = "s3:A"
                  second = module.b.first
                }
                module "b" {
                  source = "./pass"
                  first  = module.a.first
                  second = "x"
                }
                resource "aws_iam_policy" "p" {
                  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = module.a.second, Resource = "*" }] })
                }
                """,
            "pass/main.tf": """
                variable "first" {}
                variable "second" {}
                output "first" { value = var.first }
                output "second" { value = var.second }
                """,
        }
    )
    (site,) = found.sites
    assert site.policy is not None
    assert [str(a) for a in site.policy.statements[0].actions] == ["s3:A"]


def test_a_remote_module_is_told_and_its_outputs_are_holes(project: Write) -> None:
    found = project(
        """
        module "m" { source = "terraform-aws-modules/iam/aws" }
        resource "aws_iam_policy" "p" {
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = module.m.arn }] })
        }
        """
    )
    assert [(u.address, u.reason) for u in found.unresolved] == [
        (
            "module.m",
            "the module was not read: its source `terraform-aws-modules/iam/aws` is not on this machine",
        )
    ]
    (site,) = found.sites
    assert site.policy is not None
    assert [str(r) for r in site.policy.statements[0].resources] == ["‹module.m.arn›"]


def test_a_downloaded_module_is_read_but_not_to_be_edited(project: Write) -> None:
    found = project(
        {
            "main.tf": 'module "m" {\n  source  = "registry/child/aws"\n  role    = "r"\n  actions = ["s3:A"]\n}\n',
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m"}]}',
            ".terraform/modules/m/main.tf": CHILD,
        },
        run=("main.tf", ".terraform/modules/m/main.tf"),
    )
    (site,) = found.sites
    assert site.address == "module.m.aws_iam_role_policy.p"
    assert site.editable == "it stands in a downloaded module"


def test_a_module_outside_of_the_root_is_not_read(project: Write) -> None:
    found = project('module "m" {\n  source = "../../etc"\n}\n')
    assert [u.reason for u in found.unresolved] == [
        "the module was not read: its source `../../etc` does not exist or lies outside of the scanned root"
    ]


def test_holes_of_two_modules_differ(project: Write) -> None:
    text = """
        resource "aws_s3_bucket" "b" {}
        output "arn" { value = aws_s3_bucket.b.arn }
        """
    found = project(
        {
            "main.tf": """
                module "a" { source = "./child" }
                module "b" { source = "./child" }
                resource "aws_iam_policy" "p" {
                  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = [module.a.arn, module.b.arn] }] })
                }
                """,
            "child/main.tf": text,
        }
    )
    policy = found.sites[0].policy
    assert policy is not None
    first, second = policy.statements[0].resources
    assert str(first) == str(second) == "‹aws_s3_bucket.b.arn›"
    assert first.text != second.text


def test_a_broken_block_costs_that_block(project: Write) -> None:
    found = project(
        'resource "aws_iam_role" "bad" {\n  name = = "x"\n}\n'
        'resource "aws_iam_role" "good" {\n  name = "y"\n}\n'
    )
    assert [owner.address for owner in found.owners.values()] == ["aws_iam_role.good"]
    (broken,) = found.unreadable
    assert (broken.path, broken.line) == ("main.tf", 2)


def test_an_override_file_changes_arguments(project: Write) -> None:
    found = project(
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  name = "x"\n  path = "/a/"\n}\n',
            "override.tf": 'resource "aws_iam_role" "r" {\n  name = "y"\n}\n',
        }
    )
    (owner,) = found.owners.values()
    assert (str(owner.name), str(owner.path)) == ("y", "/a/")


def test_terraform_json(project: Write) -> None:
    found = project(
        {
            "main.tf.json": """{
              "variable": {"acts": {"type": "list(string)", "default": ["s3:A"]}},
              "resource": {"aws_iam_role": {"r": {
                "name": "r",
                "inline_policy": [{"name": "x", "policy": "${jsonencode({Statement = [{Effect = \\"Allow\\", Action = var.acts, Resource = \\"*\\"}]})}"}],
                "managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]
              }}}
            }"""
        }
    )
    inline, attachment = found.sites
    assert (inline.argument, inline.owners) == ("inline_policy[0].policy", (".#aws_iam_role.r",))
    assert inline.policy is not None
    assert [str(a) for a in inline.policy.statements[0].actions] == ["s3:A"]
    assert attachment.place.text == '"arn:aws:iam::aws:policy/AdministratorAccess"'


def test_a_variable_without_a_folder(project: Write) -> None:
    """An option for a variable that no module declares changes nothing."""
    found = project({"child/main.tf": CHILD}, options=ReadOptions(variables={"none": "x"}))
    assert len(found.sites) == 1


STATEMENT = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'
GIVEN = "if the module, which was not read, uses it so"


def test_policies_given_to_a_module_that_was_not_read_are_possible(project: Write) -> None:
    found = project(
        f"""
        module "m" {{
          source      = "terraform-aws-modules/iam/aws//modules/iam-policy"
          name        = "m"
          policy      = jsonencode({{ Statement = [{STATEMENT}] }})
          policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::111111111111:policy/own"]
          statements  = {{ a = {{ effect = "Allow" }} }}
        }}
        """
    )
    assert [(s.kind, s.argument, s.place.text, s.possible) for s in found.sites] == [
        ("identity", "policy", f"{{ Statement = [{STATEMENT}] }}", GIVEN),
        (
            "managed-attachment",
            "policy_arns",
            '"arn:aws:iam::aws:policy/AdministratorAccess"',
            GIVEN,
        ),
    ]
    assert {s.editable for s in found.sites} == {"it is given to a module that was not read"}
    assert [u.address for u in found.unresolved] == ["module.m"]


def test_a_document_that_nothing_uses_is_possible(project: Write) -> None:
    found = project(
        """
        data "aws_iam_policy_document" "used" {
          statement {
            actions   = ["s3:A"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "identity" {
          source_policy_documents = [data.aws_iam_policy_document.used.json]
        }
        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRole"]
            principals {
              type        = "AWS"
              identifiers = ["*"]
            }
          }
        }
        output "json" { value = data.aws_iam_policy_document.identity.json }
        """
    )
    why = "if something that was not read uses it"
    assert [(s.address, s.kind, s.possible) for s in found.sites] == [
        ("data.aws_iam_policy_document.identity", "identity", why),
        ("data.aws_iam_policy_document.trust", "trust", why),
    ]
