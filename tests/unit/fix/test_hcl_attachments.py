"""Attachments in Terraform, form by form: what takes their place, and who refers to them."""

from __future__ import annotations

import pytest

from iamlint.sources.site import PolicySite

from .conftest import Planned, body, used

SQS = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
JOBS = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")


def queues(site: PolicySite) -> bool:
    return "SQS" in str(site.arn)


def role(more: str = "", label: str = "app") -> str:
    return f"""\
resource "aws_iam_role" "{label}" {{
{more}  name               = "{label}-role"
  assume_role_policy = jsonencode({{ Statement = [] }})
}}
"""


def attachment(more: str = "", who: str = "aws_iam_role.app.name") -> str:
    return f"""
resource "aws_iam_role_policy_attachment" "queues" {{
{more}  role       = {who}
  policy_arn = "{SQS}"
}}
"""


WAITING = """
resource "aws_lambda_function" "f" {
  function_name = "f"
  depends_on = [
    aws_iam_role_policy_attachment.queues, # before it starts
    aws_iam_role.app,
  ]
}
"""


def test_what_waits_for_the_attachment_waits_for_the_policy(planned: Planned) -> None:
    files = {"main.tf": role() + attachment(), "function.tf": WAITING}
    (found,) = planned(files, JOBS)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    assert "+    aws_iam_role_policy.queues, # before it starts" in body(found.edit)


def test_what_waits_for_an_attachment_that_goes_waits_no_more(planned: Planned) -> None:
    reading = attachment().replace("AmazonSQSFullAccess", "IAMReadOnlyAccess")
    (found,) = planned({"main.tf": role() + reading, "function.tf": WAITING}, JOBS)
    assert found.policy is None
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    assert "-    aws_iam_role_policy_attachment.queues, # before it starts" in body(found.edit)
    assert not any(line.startswith("+") for line in body(found.edit))


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (
            'output "o" {\n  value = aws_iam_role_policy_attachment.queues.policy_arn\n}\n',
            "other code uses `aws_iam_role_policy_attachment.queues.policy_arn`",
        ),
        (
            "moved {\n  from = aws_iam_role_policy_attachment.old\n"
            "  to   = aws_iam_role_policy_attachment.queues\n}\n",
            "the history of the state names `aws_iam_role_policy_attachment.queues`",
        ),
    ],
)
def test_references_that_cannot_follow(planned: Planned, rest: str, reason: str) -> None:
    (found,) = planned({"main.tf": role() + attachment() + rest}, JOBS)
    assert (found.applicability, found.why_not_safe) == ("display", f"no edit: {reason}")


def test_the_same_address_in_another_module_is_another_resource(planned: Planned) -> None:
    files = {"main.tf": role() + attachment(), "other/main.tf": WAITING}
    (found,) = planned(files, JOBS)
    assert found.applicability == "safe", found.why_not_safe
    assert "other/main.tf" not in found.edit


LISTED = f'  managed_policy_arns = [\n    "{SSM}",\n    "{SQS}",\n  ]\n'


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (
            role("  count = var.on ? 1 : 0\n" + LISTED) + 'variable "on" {}\n',
            ["  count = var.on ? 1 : 0", "  role = aws_iam_role.app[0].name"],
        ),
        (
            role("  count = 2\n" + LISTED).replace('"app-role"', '"app-${count.index}"'),
            ["  count = 2", "  role = aws_iam_role.app[count.index].name"],
        ),
        (
            role('  for_each = toset(["a", "b"])\n' + LISTED).replace('"app-role"', "each.key"),
            ["  for_each = aws_iam_role.app", "  role = each.value.name"],
        ),
    ],
    ids=["one or none", "count", "for_each"],
)
def test_a_role_in_a_loop_gets_a_policy_in_the_same_loop(
    planned: Planned, text: str, added: list[str]
) -> None:
    found, *same = planned({"main.tf": text}, JOBS, queues)
    assert found.edit, found.why_not_safe
    assert all(each.edit == found.edit for each in same)
    lines = [" ".join(line[1:].split()) for line in body(found.edit) if line[0] == "+"]
    for line in added:
        assert " ".join(line.split()) in lines


PERMISSIONS = f"""\
data "aws_ssoadmin_instances" "all" {{}}

resource "aws_ssoadmin_permission_set" "queues" {{
  name         = "queues"
  instance_arn = tolist(data.aws_ssoadmin_instances.all.arns)[0]
}}

resource "aws_ssoadmin_managed_policy_attachment" "queues" {{
  instance_arn       = tolist(data.aws_ssoadmin_instances.all.arns)[0]
  managed_policy_arn = "{SQS}"
  permission_set_arn = aws_ssoadmin_permission_set.queues.arn
}}
"""


def test_a_permission_set_gets_an_inline_policy(planned: Planned) -> None:
    (found,) = planned({"main.tf": PERMISSIONS}, JOBS)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    lines = [line[1:] for line in body(found.edit) if line[0] == "+"]
    assert lines[0] == 'resource "aws_ssoadmin_permission_set_inline_policy" "queues" {'
    assert "  inline_policy = jsonencode({" in lines
    assert "-  managed_policy_arn = " + f'"{SQS}"' in body(found.edit)


def test_a_permission_set_has_but_one_inline_policy(planned: Planned) -> None:
    text = (
        PERMISSIONS
        + """
resource "aws_ssoadmin_permission_set_inline_policy" "own" {
  instance_arn       = tolist(data.aws_ssoadmin_instances.all.arns)[0]
  permission_set_arn = aws_ssoadmin_permission_set.queues.arn
  inline_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:ListQueues", Resource = "*" }]
  })
}
"""
    )
    (found,) = planned({"main.tf": text}, JOBS, queues)
    assert found.applicability == "display"
    assert found.why_not_safe.endswith(
        "`aws_ssoadmin_permission_set.queues` has an inline policy already"
    )


EXCLUSIVE = f"""
resource "aws_iam_policy_attachment" "queues" {{
  name       = "queues"
  roles      = [ROLES]
  policy_arn = "{SQS}"
}}
"""


def test_an_exclusive_attachment_of_one(planned: Planned) -> None:
    text = role() + EXCLUSIVE.replace("ROLES", "aws_iam_role.app.name")
    (found,) = planned({"main.tf": text}, JOBS)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    assert "+  role = aws_iam_role.app.name" in body(found.edit)


def test_an_exclusive_attachment_of_several(planned: Planned) -> None:
    roles = "aws_iam_role.app.name, aws_iam_role.two.name"
    text = role() + role(label="two") + EXCLUSIVE.replace("ROLES", roles)
    for found in planned({"main.tf": text}, JOBS):
        assert found.applicability == "display"
        assert "one attachment serves 2 principals: give each one of its own" in found.why_not_safe


def test_a_role_that_lists_its_inline_policies_gets_one_more(planned: Planned) -> None:
    block = """
  inline_policy {
    name   = "own"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:ListQueues", Resource = "*" }] })
  }
"""
    text = (
        role().replace("}) \n}", "})\n" + block + "}").replace("[] })\n}", "[] })\n" + block + "}")
    )
    (found,) = planned({"main.tf": text + attachment()}, JOBS, queues)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    lines = [line[1:] for line in body(found.edit) if line[0] == "+"]
    assert lines[1] == "  inline_policy {"
    assert '    name = "sqs"' in lines


MODULE = {
    "main.tf": f"""\
module "one" {{
  source = "./app"
  policy = "{SQS}"
}}
""",
    "app/main.tf": 'variable "policy" {}\n\n'
    + role()
    + attachment().replace(f'"{SQS}"', "var.policy"),
}


def test_what_a_module_is_given_is_not_written_into_it(planned: Planned) -> None:
    (found,) = planned(MODULE, JOBS, queues)
    assert found.applicability == "display"
    assert found.why_not_safe.endswith("through a module: pass a policy of your own")
