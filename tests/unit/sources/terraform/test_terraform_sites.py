"""Which policies Terraform files hold, whom they serve, and how each is attached."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iamlint.sources.site import Attachment, PolicySite, Project

Write = Callable[..., Project]

ROLE = """
resource "aws_iam_role" "pm" {
  name = "patch-manager"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
%s}
data "aws_partition" "current" {}
"""
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def attached(project: Project) -> list[PolicySite]:
    return [site for site in project.sites if site.kind == "managed-attachment"]


def logs_of(project: Project) -> PolicySite:
    """The site that attaches CloudWatchLogsFullAccess to the role, checked on the way."""
    (site,) = [s for s in attached(project) if str(s.arn).endswith("CloudWatchLogsFullAccess")]
    assert [project.owners[key].address for key in site.owners] == ["aws_iam_role.pm"]
    assert site.possible is None
    return site


def how(site: PolicySite) -> Attachment:
    assert site.attachment is not None
    return site.attachment


@pytest.mark.parametrize(
    ("files", "string", "form", "item"),
    [
        (
            ROLE % ""
            + f'resource "aws_iam_role_policy_attachment" "logs" {{\n role = aws_iam_role.pm.name\n policy_arn = "{LOGS}"\n}}\n',
            f'"{LOGS}"',
            "attribute",
            f'"{LOGS}"',
        ),
        (
            ROLE % ""
            + 'resource "aws_iam_role_policy_attachment" "logs" {\n role = aws_iam_role.pm.id\n'
            ' policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/CloudWatchLogsFullAccess"\n}\n',
            '"arn:${data.aws_partition.current.partition}:iam::aws:policy/CloudWatchLogsFullAccess"',
            "attribute",
            '"arn:${data.aws_partition.current.partition}:iam::aws:policy/CloudWatchLogsFullAccess"',
        ),
        (
            ROLE % ""
            + f'locals {{\n p = {{\n  core = "{CORE}"\n  logs = "{LOGS}"\n }}\n}}\n'
            'resource "aws_iam_role_policy_attachment" "x" {\n for_each = local.p\n role = "patch-manager"\n policy_arn = each.value\n}\n',
            f'"{LOGS}"',
            "map-item",
            f'logs = "{LOGS}"',
        ),
        (
            ROLE % ""
            + 'resource "aws_iam_role_policy_attachment" "x" {\n for_each = toset(["AmazonSSMManagedInstanceCore", "CloudWatchLogsFullAccess"])\n'
            ' role = aws_iam_role.pm.name\n policy_arn = "arn:aws:iam::aws:policy/${each.key}"\n}\n',
            '"CloudWatchLogsFullAccess"',
            "map-item",
            '"CloudWatchLogsFullAccess"',
        ),
        (
            ROLE % f'  managed_policy_arns = [\n    "{CORE}",\n    "{LOGS}",\n  ]\n',
            f'"{LOGS}"',
            "list-item",
            f'"{LOGS}"',
        ),
        (
            ROLE % ""
            + f'locals {{\n arns = ["{CORE}", "{LOGS}"]\n}}\n'
            'resource "aws_iam_role_policy_attachment" "x" {\n count = length(local.arns)\n role = aws_iam_role.pm.name\n policy_arn = local.arns[count.index]\n}\n',
            f'"{LOGS}"',
            "list-item",
            f'"{LOGS}"',
        ),
        (
            ROLE % ""
            + f'resource "aws_iam_role_policy_attachments_exclusive" "x" {{\n role_name = aws_iam_role.pm.name\n policy_arns = ["{CORE}", "{LOGS}"]\n}}\n',
            f'"{LOGS}"',
            "list-item",
            f'"{LOGS}"',
        ),
        (
            ROLE % ""
            + f'resource "aws_iam_policy_attachment" "x" {{\n name = "x"\n roles = [aws_iam_role.pm.name]\n policy_arn = "{LOGS}"\n}}\n',
            f'"{LOGS}"',
            "attribute",
            f'"{LOGS}"',
        ),
        (
            ROLE % ""
            + 'data "aws_iam_policy" "logs" {\n name = "CloudWatchLogsFullAccess"\n}\n'
            'resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.pm.name\n policy_arn = data.aws_iam_policy.logs.arn\n}\n',
            '"CloudWatchLogsFullAccess"',
            "attribute",
            "data.aws_iam_policy.logs.arn",
        ),
        (
            ROLE % ""
            + f'locals {{\n p = {{\n  core = {{ arn = "{CORE}" }}\n  logs = {{ arn = "{LOGS}" }}\n }}\n}}\n'
            'resource "aws_iam_role_policy_attachment" "x" {\n for_each = local.p\n role = aws_iam_role.pm.name\n policy_arn = each.value.arn\n}\n',
            f'"{LOGS}"',
            "map-item",
            f'logs = {{ arn = "{LOGS}" }}',
        ),
    ],
    ids=[
        "attachment", "partition", "for_each-map", "for_each-set", "managed_policy_arns", "count",
        "exclusive", "policy_attachment", "data", "for_each-objects",
    ],
)  # fmt: skip
def test_the_attaching_string(
    project: Write, files: str, string: str, form: str, item: str
) -> None:
    site = logs_of(project(files))
    assert site.place.text == string
    attachment = how(site)
    assert (attachment.form, attachment.item.text) == (form, item)
    assert attachment.shared is None
    assert (attachment.container is None) == (form == "attribute")
    assert attachment.block.text.startswith('resource "aws_iam_')


def test_a_list_that_others_use_is_shared(project: Write) -> None:
    found = project(
        ROLE
        % ""
        + f'locals {{\n p = {{ logs = "{LOGS}" }}\n}}\noutput "o" {{\n value = local.p\n}}\n'
        'resource "aws_iam_role_policy_attachment" "x" {\n for_each = local.p\n role = aws_iam_role.pm.name\n policy_arn = each.value\n}\n'
    )
    assert how(logs_of(found)).shared == "`local.p` is also used at main.tf:14"


def test_one_string_for_several_roles_is_one_site(project: Write) -> None:
    found = project(
        f"""
        resource "aws_iam_role" "r" {{
          for_each           = toset(["a", "b"])
          name               = each.key
          assume_role_policy = "{{}}"
        }}
        resource "aws_iam_role_policy_attachment" "x" {{
          for_each   = aws_iam_role.r
          role       = each.value.name
          policy_arn = "{LOGS}"
        }}
        """
    )
    (site,) = attached(found)
    assert site.address == "aws_iam_role_policy_attachment.x"
    assert [found.owners[key].address for key in site.owners] == [
        'aws_iam_role.r["a"]',
        'aws_iam_role.r["b"]',
    ]
    assert how(site).shared is None


def test_a_declared_policy_reaches_those_it_is_attached_to(project: Write) -> None:
    found = project(
        """
        resource "aws_iam_policy" "p" {
          name   = "p"
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
        }
        resource "aws_iam_group" "g" { name = "g" }
        resource "aws_iam_user" "u" { name = "u" }
        resource "aws_iam_user" "v" { name = "v" }
        resource "aws_iam_group_membership" "m" {
          name  = "m"
          group = aws_iam_group.g.name
          users = [aws_iam_user.u.name]
        }
        resource "aws_iam_user_group_membership" "m" {
          user   = aws_iam_user.v.name
          groups = ["g"]
        }
        resource "aws_iam_group_policy_attachment" "a" {
          group      = aws_iam_group.g.name
          policy_arn = aws_iam_policy.p.arn
        }
        """
    )
    policy, attachment = found.sites
    assert [site.kind for site in found.sites] == ["identity", "managed-attachment"]
    assert attachment.policy is policy.policy
    assert str(attachment.arn) == "‹aws_iam_policy.p.arn›"
    for site in found.sites:
        assert [found.owners[key].address for key in site.owners] == [
            "aws_iam_group.g",
            "aws_iam_user.u",
            "aws_iam_user.v",
        ]


@pytest.mark.parametrize(
    ("argument", "owner"),
    [
        ("role = aws_iam_role.a.name", "aws_iam_role.a"),
        ("role = aws_iam_role.a.id", "aws_iam_role.a"),
        ("role = aws_iam_role.b.name", "aws_iam_role.b"),
        ("role = aws_iam_role.b.id", "aws_iam_role.b"),
        ('role = "named"', "aws_iam_role.a"),
        ("role = local.name", "aws_iam_role.a"),
        ('role = aws_iam_role.c["k"].name', 'aws_iam_role.c["k"]'),
        ("role = one(values(aws_iam_role.c)[*].id)", 'aws_iam_role.c["k"]'),
        ('role = "${var.prefix}-d"', "aws_iam_role.d"),
        ("role = aws_iam_role.d.name", "aws_iam_role.d"),
        ('role = "elsewhere"', None),
    ],
)
def test_owners_by_reference_and_by_name(project: Write, argument: str, owner: str | None) -> None:
    found = project(
        f"""
        variable "prefix" {{}}
        locals {{ name = "named" }}
        resource "aws_iam_role" "a" {{ name = "named" }}
        resource "aws_iam_role" "b" {{}}
        resource "aws_iam_role" "c" {{ for_each = {{ k = 1 }} }}
        resource "aws_iam_role" "d" {{ name = "${{var.prefix}}-d" }}
        resource "aws_iam_role_policy" "p" {{
          {argument}
          policy = jsonencode({{ Statement = [] }})
        }}
        """
    )
    (site,) = found.sites
    assert [found.owners[key].address for key in site.owners] == ([owner] if owner else [])


def test_an_owner_tells_what_the_author_calls_it(project: Write) -> None:
    found = project(
        'resource "aws_iam_role" "r" {\n  name = "x-${data.aws_region.r.name}"\n  path = "/app/"\n}\n'
        'data "aws_region" "r" {}\nresource "aws_iam_user" "u" {\n  name_prefix = "pre"\n}\n'
    )
    role, user = found.owners.values()
    assert (role.key, role.address, role.kind) == (".#aws_iam_role.r", "aws_iam_role.r", "role")
    assert (str(role.name), str(role.path)) == ("x-‹data.aws_region.r.name›", "/app/")
    assert role.reference == "aws_iam_role.r.name"
    assert role.place.text == '"r"'
    assert role.block.start == (1, 1)
    assert (user.name, str(user.name_prefix), user.kind) == (None, "pre", "user")


def test_boundaries_and_inline_blocks(project: Write) -> None:
    found = project(
        f"""
        resource "aws_iam_role" "r" {{
          name                 = "r"
          permissions_boundary = "{LOGS}"
          inline_policy {{
            name   = "a"
            policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "a:A", Resource = "*" }}] }})
          }}
          inline_policy {{
            name   = "b"
            policy = "{{\\"Statement\\": []}}"
          }}
        }}
        """
    )
    assert [(s.kind, s.form, s.argument) for s in found.sites] == [
        ("identity", "value", "inline_policy[0].policy"),
        ("identity", "text", "inline_policy[1].policy"),
        ("boundary", "attachment", "permissions_boundary"),
    ]
    assert all(s.owners == (".#aws_iam_role.r",) for s in found.sites)


@pytest.mark.parametrize(
    ("resource", "argument"),
    [
        ("aws_s3_bucket_policy", "policy"),
        ("aws_sqs_queue_policy", "policy"),
        ("aws_sns_topic", "policy"),
        ("aws_kms_key", "policy"),
        ("aws_secretsmanager_secret_policy", "policy"),
        ("aws_ecr_repository_policy", "policy"),
        ("aws_opensearch_domain", "access_policies"),
        ("aws_glacier_vault", "access_policy"),
        ("aws_cloudwatch_log_resource_policy", "policy_document"),
        ("awscc_sns_topic_policy", "policy_document"),
    ],
)
def test_resource_policies(project: Write, resource: str, argument: str) -> None:
    found = project(
        f'resource "{resource}" "x" {{\n  {argument} = jsonencode({{ Statement = [{{ Effect = "Allow", '
        'Principal = "*", Action = "x:X", Resource = "*" }] })\n}\n'
    )
    (site,) = found.sites
    assert (site.kind, site.resource_type, site.argument) == ("resource", resource, argument)
    assert site.policy is not None
    assert site.policy.statements[0].principals[0].kind == "*"


def test_a_lambda_permission_is_a_statement(project: Write) -> None:
    found = project(
        """
        resource "aws_lambda_permission" "p" {
          action        = "lambda:InvokeFunction"
          function_name = aws_lambda_function.f.function_name
          principal     = "s3.amazonaws.com"
          source_arn    = "arn:aws:s3:::b"
        }
        resource "aws_lambda_function" "f" { function_name = "f" }
        """
    )
    (site,) = found.sites
    assert site.policy is not None
    (statement,) = site.policy.statements
    assert [(p.kind, str(p.element)) for p in statement.principals] == [
        ("Service", "s3.amazonaws.com")
    ]
    assert statement.principals[0].element.place.text == '"s3.amazonaws.com"'
    assert [str(c.key) for c in statement.conditions] == ["aws:SourceArn"]


def test_organization_policies_by_their_type(project: Write) -> None:
    text = (
        'content = jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })'
    )
    found = project(
        f'resource "aws_organizations_policy" "a" {{\n  {text}\n}}\n'
        f'resource "aws_organizations_policy" "b" {{\n  type = "RESOURCE_CONTROL_POLICY"\n  {text}\n}}\n'
        f'resource "aws_organizations_policy" "c" {{\n  type = "TAG_POLICY"\n  {text}\n}}\n'
    )
    assert [(s.address, s.kind) for s in found.sites] == [
        ("aws_organizations_policy.a", "scp"),
        ("aws_organizations_policy.b", "rcp"),
    ]


def test_permission_sets(project: Write) -> None:
    found = project(
        f"""
        resource "aws_ssoadmin_permission_set" "s" {{ name = "Admin" }}
        resource "aws_ssoadmin_managed_policy_attachment" "a" {{
          permission_set_arn = aws_ssoadmin_permission_set.s.arn
          managed_policy_arn = "{LOGS}"
        }}
        resource "aws_ssoadmin_permission_set_inline_policy" "i" {{
          permission_set_arn = aws_ssoadmin_permission_set.s.arn
          inline_policy      = jsonencode({{ Statement = [] }})
        }}
        """
    )
    assert [(s.kind, s.owners) for s in found.sites] == [
        ("identity", (".#aws_ssoadmin_permission_set.s",)),
        ("managed-attachment", (".#aws_ssoadmin_permission_set.s",)),
    ]


def test_an_unknown_arn_is_told(project: Write) -> None:
    found = project(
        'variable "arn" {}\nresource "aws_iam_role_policy_attachment" "x" {\n  role = "r"\n  policy_arn = var.arn\n}\n'
    )
    assert found.sites == []
    assert [(u.address, u.reason) for u in found.unresolved] == [
        ("aws_iam_role_policy_attachment.x", "variable `arn` has no value")
    ]


@pytest.mark.parametrize(
    ("resource", "path", "kind"),
    [
        ("awscc_s3_bucket_policy", "policy_document", "resource"),
        ("awscc_iam_role", "assume_role_policy_document", "trust"),
        ("awscc_apigateway_rest_api", "policy", "resource"),
        ("awscc_ec2_vpc_endpoint", "policy_document", "resource"),
        ("awscc_s3tables_table_policy", "resource_policy", "resource"),
        ("awscc_dynamodb_table", "resource_policy.policy_document", "resource"),
    ],
)
def test_cloud_control_types(project: Write, resource: str, path: str, kind: str) -> None:
    head, _, rest = path.partition(".")
    document = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "x:X" }] })'
    value = f"{{ {rest} = {document} }}" if rest else document
    found = project(f'resource "{resource}" "x" {{\n  {head} = {value}\n}}\n')
    assert [(s.kind, s.argument) for s in found.sites] == [(kind, path)]


def test_a_policy_in_a_type_of_no_table(project: Write) -> None:
    statement = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'
    found = project(
        f"""
        resource "vault_aws_secret_backend_role" "r" {{
          policy_document = jsonencode({{ Statement = [{statement}] }})
        }}
        resource "aws_brand_new_thing" "t" {{
          policy = jsonencode({{ Statement = [merge({statement}, {{ Principal = "*" }})] }})
        }}
        resource "aws_appautoscaling_policy" "a" {{ policy = jsonencode({{ Target = 3 }}) }}
        resource "vault_policy" "v" {{ policy = "path \"secret/*\" {{}}" }}
        """
    )
    assert [(s.resource_type, s.kind) for s in found.sites] == [
        ("vault_aws_secret_backend_role", "identity"),
        ("aws_brand_new_thing", "resource"),
    ]
    assert found.unresolved == []


def test_a_role_whose_name_another_module_makes(project: Write) -> None:
    found = project(
        """
        module "label" { source = "example/label/null" }
        resource "aws_iam_role" "r" {
          count              = var.on ? 1 : 0
          name               = module.label.id
          assume_role_policy = "{}"
        }
        resource "aws_iam_role_policy" "p" {
          count  = var.on ? 1 : 0
          role   = aws_iam_role.r[0].name
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
        }
        variable "on" {}
        """
    )
    (site,) = [site for site in found.sites if site.resource_type == "aws_iam_role_policy"]
    assert [found.owners[key].address for key in site.owners] == ["aws_iam_role.r[0]"]


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ('split("/", aws_iam_role.x.arn)[1]', True),
        ('element(split("/", aws_iam_role.x.arn), 1)', True),
        ('replace(aws_iam_role.x.arn, "/.*\\\\//", "")', True),
        ("basename(aws_iam_role.x.arn)", True),
        # Another name, or of one of two.
        ('replace(aws_iam_role.x.name, "a", "b")', False),
        ('replace(aws_iam_role.x.arn, aws_iam_role.y.arn, "")', False),
    ],
)
def test_a_principal_named_by_a_part_of_its_arn(project: Write, role: str, found: bool) -> None:
    made = project(
        f"""
        resource "aws_iam_role" "x" {{}}
        resource "aws_iam_role" "y" {{}}
        resource "aws_iam_role_policy" "p" {{
          role   = {role}
          policy = "{{}}"
        }}
        """
    )
    (site,) = made.sites
    assert site.owners == ((".#aws_iam_role.x",) if found else ())


def test_roles_whose_names_cannot_be_read_are_told_apart(project: Write) -> None:
    role = """
    resource "aws_iam_role" "%s" {
      name               = "${jsondecode(file("missing.json")).project}-%s"
      assume_role_policy = "{}"
    }
    resource "aws_iam_role_policy_attachment" "%s" {
      role       = aws_iam_role.%s.name
      policy_arn = "arn:aws:iam::aws:policy/%s"
    }
    """
    text = role % ("a", "a", "a", "a", "ReadOnlyAccess")
    text += role % ("b", "b", "b", "b", "AdministratorAccess")
    owners = {str(site.arn).rpartition("/")[2]: site.owners for site in attached(project(text))}
    assert owners == {
        "ReadOnlyAccess": (".#aws_iam_role.a",),
        "AdministratorAccess": (".#aws_iam_role.b",),
    }
