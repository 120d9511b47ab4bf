"""Ways from the internet to what runs code: which are told, how certain, and which are not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.rule import Context, exposure
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions

ROLE = """
resource "aws_iam_role" "r" { name = "r" }
resource "aws_iam_instance_profile" "p" { role = aws_iam_role.r.name }
"""
OPEN = """
resource "aws_security_group" "open" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
PUBLIC = """
resource "aws_vpc" "v" {}
resource "aws_internet_gateway" "g" { vpc_id = aws_vpc.v.id }
resource "aws_subnet" "s" {
  vpc_id                  = aws_vpc.v.id
  map_public_ip_on_launch = true
}
resource "aws_route_table" "t" { vpc_id = aws_vpc.v.id }
resource "aws_route" "r" {
  route_table_id         = aws_route_table.t.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.g.id
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
"""
INSTANCE = """
resource "aws_instance" "i" {
  iam_instance_profile   = aws_iam_instance_profile.p.name
  subnet_id              = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.open.id]
}
"""


def ways(folder: Path, text: str, name: str = "main.tf") -> list[list[str]]:
    """For each way in to the only compute its steps, `?` before those that are not certain."""
    (folder / name).write_text(text)
    project = read([str(folder / name)], Sandbox(str(folder)), ReadOptions())
    ctx = Context(project)
    (compute,) = exposure.computes(ctx)
    found = exposure.ways(compute, ctx)
    return [[f"{'? ' if step.doubt else ''}{step.message}" for step in way.steps] for way in found]


ROUTED = "`aws_route_table.t` routes the internet to a gateway"
LET_IN = "`aws_security_group.open` lets anyone in on port 443"


def test_a_public_subnet_an_open_group_and_a_route(tmp_path: Path) -> None:
    (steps,) = ways(tmp_path, ROLE + OPEN + PUBLIC + INSTANCE)
    assert steps == ["the subnet `aws_subnet.s` gives it a public address", LET_IN, ROUTED]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("map_public_ip_on_launch = true", "map_public_ip_on_launch = false"),
        ('cidr_blocks = ["0.0.0.0/0"]', 'cidr_blocks = ["10.0.0.0/8"]'),
        ('protocol    = "tcp"', 'protocol    = "icmp"'),
        ('destination_cidr_block = "0.0.0.0/0"', 'destination_cidr_block = "10.0.0.0/8"'),
        ("gateway_id             = aws_internet_gateway.g.id", 'nat_gateway_id = "nat-1"'),
        (
            "subnet_id              = aws_subnet.s.id",
            "subnet_id = aws_subnet.s.id\n  associate_public_ip_address = false",
        ),
        ("vpc_security_group_ids = [aws_security_group.open.id]", ""),
        ("vpc_security_group_ids = [aws_security_group.open.id]", "vpc_security_group_ids = var.x"),
        ("map_public_ip_on_launch = true", "map_public_ip_on_launch = var.public"),
    ],
)
def test_one_step_less_and_there_is_no_way(tmp_path: Path, old: str, new: str) -> None:
    text = ROLE + OPEN + PUBLIC + INSTANCE
    assert old in text
    assert ways(tmp_path, text.replace(old, new)) == []


def test_what_is_not_shown_is_a_doubt(tmp_path: Path) -> None:
    text = (
        ROLE
        + OPEN
        + INSTANCE.replace("subnet_id ", "associate_public_ip_address = true\n  subnet_id ")
    )
    (steps,) = ways(tmp_path, text.replace("aws_subnet.s.id", "var.subnet"))
    assert steps == ["it is given a public address", LET_IN, "? its subnet routes to the internet"]
    unknown = (ROLE + OPEN + PUBLIC + INSTANCE).replace(
        '["0.0.0.0/0"]\n  }\n}', "var.ranges\n  }\n}"
    )
    (steps,) = ways(tmp_path, unknown + 'variable "ranges" { type = list(string) }')
    assert steps[1] == "? `aws_security_group.open` lets in on port 443 whom the deployment names"
    bare = PUBLIC.partition('resource "aws_route_table" "t"')[0]
    (steps,) = ways(tmp_path, ROLE + OPEN + bare + INSTANCE)
    assert steps[2] == "? its subnet routes to the internet"


def test_addresses_interfaces_and_rules_of_their_own(tmp_path: Path) -> None:
    text = (
        ROLE
        + PUBLIC.replace("map_public_ip_on_launch = true", "")
        + """
resource "aws_instance" "i" {
  iam_instance_profile = aws_iam_instance_profile.p.name
  network_interface {
    network_interface_id = aws_network_interface.n.id
    device_index         = 0
  }
}
resource "aws_network_interface" "n" {
  subnet_id       = aws_subnet.s.id
  security_groups = [aws_security_group.open.id]
}
resource "aws_security_group" "open" {}
resource "aws_security_group_rule" "in" {
  type              = "ingress"
  security_group_id = aws_security_group.open.id
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  ipv6_cidr_blocks  = ["::/0"]
}
resource "aws_eip_association" "e" {
  instance_id   = aws_instance.i.id
  allocation_id = "eipalloc-1"
}
"""
    )
    (steps,) = ways(tmp_path, text)
    assert steps == [
        "`aws_eip_association.e` gives it a public address",
        "`aws_security_group.open` lets anyone in on every port",
        ROUTED,
    ]
    assert ways(tmp_path, text.replace('type              = "ingress"', 'type = "egress"')) == []
    other = text.replace(
        "instance_id   = aws_instance.i.id", "network_interface_id = aws_network_interface.n.id"
    )
    (again,) = ways(tmp_path, other)
    assert again == steps


def test_a_launch_template_is_reached_through_the_group_that_launches_it(tmp_path: Path) -> None:
    text = (
        ROLE
        + OPEN
        + PUBLIC
        + """
resource "aws_launch_template" "t" {
  iam_instance_profile { arn = aws_iam_instance_profile.p.arn }
  network_interfaces {
    associate_public_ip_address = true
    security_groups             = [aws_security_group.open.id]
  }
}
"""
    )
    group = """
resource "aws_autoscaling_group" "a" {
  vpc_zone_identifier = [aws_subnet.s.id]
  launch_template { id = aws_launch_template.t.id }
}
"""
    (steps,) = ways(tmp_path, text + group)
    assert steps == [
        "`aws_autoscaling_group.a` launches it",
        "it is given a public address",
        LET_IN,
        ROUTED,
    ]
    (steps,) = ways(tmp_path, text)
    assert steps[0] == "? something launches it"


BALANCED = """
resource "aws_lb" "l" {
  internal        = false
  security_groups = [aws_security_group.open.id]
}
resource "aws_lb_target_group" "g" {}
resource "aws_lb_listener" "i" {
  load_balancer_arn = aws_lb.l.arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.g.arn
  }
}
resource "aws_lb_target_group_attachment" "a" {
  target_group_arn = aws_lb_target_group.g.arn
  target_id        = aws_instance.i.id
}
resource "aws_instance" "i" {
  iam_instance_profile = aws_iam_instance_profile.p.name
  subnet_id            = "subnet-1"
}
"""


def test_a_load_balancer_that_faces_the_internet(tmp_path: Path) -> None:
    (steps,) = ways(tmp_path, ROLE + OPEN + BALANCED)
    assert steps == [
        "the load balancer `aws_lb.l` faces the internet",
        LET_IN,
        "`aws_lb_listener.i` forwards to `aws_lb_target_group.g`",
        "`aws_lb_target_group.g` sends it to `aws_instance.i`",
    ]
    for old, new in (
        ("internal        = false", "internal = true"),
        ("internal        = false", "internal = var.internal"),
        ('type             = "forward"', 'type = "authenticate-oidc"'),
    ):
        assert ways(tmp_path, ROLE + OPEN + BALANCED.replace(old, new)) == []


def test_functions_and_services(tmp_path: Path) -> None:
    template = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
"""
    (steps,) = ways(tmp_path, template, "t.yaml")
    assert steps == ["its URL lets anyone call it, without signing"]
    assert ways(tmp_path, template.replace("NONE", "AWS_IAM"), "t.yaml") == []
    template = """
Resources:
  R: {Type: AWS::IAM::Role}
  F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}
  U: {Type: AWS::Lambda::Url, Properties: {AuthType: NONE, TargetFunctionArn: !Ref F}}
"""
    (steps,) = ways(tmp_path, template, "t.yaml")
    assert steps == ["? the URL `U` lets anyone call it, without signing"]
    permission = """
  P:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunctionUrl, FunctionName: !GetAtt F.Arn, Principal: "*"}
"""
    (steps,) = ways(tmp_path, template + permission, "t.yaml")
    assert steps == ["the URL `U` lets anyone call it, without signing"]
    (_, steps) = ways(tmp_path, template + permission.replace("FunctionUrl", "Function"), "t.yaml")
    assert steps == ["`P` lets anyone with an AWS account invoke it"]
    limited = permission.replace("FunctionUrl", "Function").replace(
        '"*"}', '"*", PrincipalOrgID: o-1}'
    )
    (steps,) = ways(tmp_path, template + limited, "t.yaml")
    assert steps == ["? the URL `U` lets anyone call it, without signing"]
    service = """
resource "aws_iam_role" "r" {}
resource "aws_apprunner_service" "s" {
  instance_configuration { instance_role_arn = aws_iam_role.r.arn }
}
"""
    (steps,) = ways(tmp_path, service)
    assert steps == ["App Runner gives the service a public URL"]


def test_a_project_without_computes_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ROLE)
    project = read([str(tmp_path / "main.tf")], Sandbox(str(tmp_path)), ReadOptions())
    assert exposure.computes(Context(project)) == ()
