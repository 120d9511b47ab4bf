"""Resources of any type: their arguments, what they refer to, their ARNs, in each language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.sources.arns import FORMS
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Resource
from iamlint.tree import Text, Unknown, plain


@pytest.fixture
def project(tmp_path: Path):
    def make(files: dict[str, str], **options: object) -> Project:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = [str(tmp_path / name) for name in files]
        return read(found, Sandbox(str(tmp_path), cwd=str(tmp_path)), ReadOptions(**options))

    return make


def one(project: Project, kind: str) -> Resource:
    (found,) = project.resources_of(kind)
    return found


def shown(resource: Resource, path: str) -> list[tuple[object, str | None]]:
    return [(plain(node), node.possible) for node in resource.values(path)]


MAIN = """
variable "ports" {
  default = [22]
}
resource "aws_subnet" "a" {
  count                   = 2
  map_public_ip_on_launch = true
}
resource "aws_security_group" "s" {
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_instance" "w" {
  subnet_id              = element(aws_subnet.a[*].id, 1)
  vpc_security_group_ids = [aws_security_group.s.id, var.other]
  ami                    = data.aws_ami.x.id
}
data "aws_ami" "x" {
  owners = ["self"]
}
module "m" {
  source = "./m"
  subnet = aws_subnet.a[0].id
}
"""
MODULE = """
variable "subnet" {}
resource "aws_instance" "inner" {
  subnet_id = var.subnet
  dynamic "network_interface" {
    for_each = var.missing
    content {
      id = network_interface.value
    }
  }
}
"""


def test_terraform_resources_have_evaluated_arguments_and_blocks(project) -> None:
    found = project({"main.tf": MAIN, "m/m.tf": MODULE})
    group = one(found, "aws_security_group")
    assert plain(group.get("ingress")) == [{"from_port": 22, "cidr_blocks": ["0.0.0.0/0"]}]
    assert shown(group, "ingress.from_port") == [(22, "by default of variable `ports`")]
    assert group.reader.arguments(group) == ("ingress",)
    assert (group.key, group.reference, group.possible) == (
        ".#aws_security_group.s",
        "aws_security_group.s",
        None,
    )
    assert group.place.text == '"s"' or group.place.text == "s"
    assert group.block.text.startswith('resource "aws_security_group"')
    assert group.get("name") is None


def test_references_lead_to_resources_through_modules_indices_and_data(project) -> None:
    found = project({"main.tf": MAIN, "m/m.tf": MODULE})
    outer, inner = found.resources_of("aws_instance")

    def behind(resource: Resource, path: str) -> list[str | None]:
        hits = [found.resource_behind(node, resource) for node in resource.values(path)]
        return [hit.address if hit is not None else None for hit in hits]

    assert behind(outer, "subnet_id") == ["aws_subnet.a[1]"]
    assert behind(inner, "subnet_id") == ["aws_subnet.a[0]"]
    assert behind(outer, "vpc_security_group_ids") == ["aws_security_group.s", None]
    assert behind(outer, "ami") == ["data.aws_ami.x"]
    assert inner.address == "module.m.aws_instance.inner"
    unknown = inner.values("network_interface.id")
    assert unknown
    assert all(isinstance(node, Unknown) for node in unknown)


def test_an_unknown_count_gives_a_possible_resource(project) -> None:
    text = 'variable "on" {}\nresource "aws_sqs_queue" "q" {\n  count = var.on ? 1 : 0\n}\n'
    queue = one(project({"main.tf": text}), "aws_sqs_queue")
    assert queue.possible == "if `var.on`"


def test_names_and_arns_lead_to_the_one_resource_that_has_them(project) -> None:
    text = """
resource "aws_iam_role" "r" { name = "deploy" }
resource "aws_s3_bucket" "b" { bucket = "lit" }
resource "aws_s3_bucket" "c" { bucket = "twice" }
resource "aws_s3_bucket" "d" { bucket = "twice" }
"""
    found = project({"main.tf": text})
    near = ".#anything"
    role = found.resource_behind("deploy", near, "aws_iam_role")
    assert role is not None
    assert role.key in found.owners
    assert found.resource_behind("deploy", near, "aws_s3_bucket") is None
    assert found.resource_behind("twice", near, "aws_s3_bucket") is None
    assert found.resource_behind("lit", "elsewhere#x", "aws_s3_bucket") is None
    whole = role.reader.arn(role)
    assert whole is not None
    assert found.resource_behind(whole.text, near) is role


@pytest.mark.parametrize(
    ("text", "arn", "written"),
    [
        (
            'resource "aws_s3_bucket" "b" { bucket = "lit" }',
            "arn:‹data.aws_partition.current.partition›:s3:::lit",
            "aws_s3_bucket.b.arn",
        ),
        (
            'provider "aws" { region = "eu-west-1" }\n'
            'resource "aws_s3_bucket" "b" { bucket_prefix = "pre-" }',
            "arn:aws:s3:::pre-‹aws_s3_bucket.b.bucket›",
            "aws_s3_bucket.b.arn",
        ),
        (
            'provider "aws" { region = "eu-west-1" }\n'
            'resource "aws_ssm_parameter" "p" {\n  for_each = toset(["k"])\n  name = "/a/b"\n}',
            "arn:aws:ssm:eu-west-1:‹data.aws_caller_identity.current.account_id›:parameter/a/b",
            'aws_ssm_parameter.p["k"].arn',
        ),
        (
            'resource "aws_kms_key" "k" {}',
            "arn:‹data.aws_partition.current.partition›:kms:‹data.aws_region.current.name›"
            ":‹data.aws_caller_identity.current.account_id›:key/‹aws_kms_key.k.key_id›",
            "aws_kms_key.k.arn",
        ),
        (
            'variable "n" { default = "x" }\nresource "aws_sqs_queue" "q" { name = var.n }',
            "arn:‹data.aws_partition.current.partition›:sqs:‹data.aws_region.current.name›"
            ":‹data.aws_caller_identity.current.account_id›:‹aws_sqs_queue.q.name›",
            "aws_sqs_queue.q.arn",
        ),
    ],
)
def test_terraform_arns(project, text: str, arn: str, written: str) -> None:
    found = project({"main.tf": text})
    (resource,) = found.resources_of(*FORMS)
    made = resource.reader.arn(resource)
    assert made is not None
    assert (str(made.text), made.written) == (arn, written)
    assert made.reference is not None
    assert (made.reference.name, made.reference.kind) == (written, "resource")
    assert found.resource_behind(made.reference, resource) is resource


TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Environment: {Variables: {SHARED: a, OWN: b}}
Parameters:
  Stage: {Type: String}
  Given: {Type: AWS::EC2::Subnet::Id}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Never: !Equals [a, b]
Resources:
  Subnet: {Type: AWS::EC2::Subnet}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: deploy}}
  Gone: {Type: AWS::SQS::Queue, Condition: Never}
  Perhaps: {Type: AWS::SQS::Queue, Condition: Prod}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: s}}
  Key: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {Variables: {OWN: c}}
  Host:
    Type: AWS::EC2::Instance
    Properties:
      NetworkInterfaces:
        - SubnetId: !If [Prod, !Ref Subnet, !Ref Given]
"""


def test_template_resources(project) -> None:
    found = project({"t.yaml": TEMPLATE})
    host = one(found, "AWS::EC2::Instance")
    nodes = host.values("NetworkInterfaces.SubnetId")
    subnet = found.resource_behind(nodes[0], host)
    assert subnet is one(found, "AWS::EC2::Subnet")
    assert found.resource_behind(nodes[1], host) is None
    assert [node.possible for node in nodes] == ["if `Prod` holds", "if `Prod` does not hold"]
    assert one(found, "AWS::SQS::Queue").possible == "if `Prod` holds"
    function = one(found, "AWS::Serverless::Function")
    assert plain(function.get("Environment")) == {"Variables": {"SHARED": "a", "OWN": "c"}}
    role = found.resource_behind(function.values("Role")[0], function, "AWS::IAM::Role")
    assert role is not None
    assert role.key in found.owners


def test_template_arns(project) -> None:
    found = project({"t.yaml": TEMPLATE}, account="111122223333", region="eu-west-1")

    def arn(kind: str) -> tuple[str, str | None]:
        resource = one(found, kind)
        made = resource.reader.arn(resource)
        assert made is not None
        return str(made.text), made.written

    here = "eu-west-1:111122223333"
    assert arn("AWS::SQS::Queue") == (f"arn:aws:sqs:{here}:‹Perhaps›", "!GetAtt Perhaps.Arn")
    assert arn("AWS::SecretsManager::Secret") == (
        f"arn:aws:secretsmanager:{here}:secret:s-‹Secret.Arn›",
        "!Ref Secret",
    )
    assert arn("AWS::KMS::Alias") == (f"arn:aws:kms:{here}:alias/a", None)
    as_json = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}}}
    found = project({"t.json": json.dumps(as_json)}, region="us-gov-west-1")
    assert arn("AWS::S3::Bucket") == ("arn:aws-us-gov:s3:::b", '{"Fn::GetAtt": ["B", "Arn"]}')


def plan(values: dict[str, object], unknown: dict[str, object], references: list[str]) -> str:
    subnet = {
        "address": "aws_subnet.a",
        "mode": "managed",
        "type": "aws_subnet",
        "name": "a",
        "change": {"actions": ["create"], "after": {"map_public_ip_on_launch": True}},
    }
    instance = {
        "address": "aws_instance.w",
        "mode": "managed",
        "type": "aws_instance",
        "name": "w",
        "change": {"actions": ["create"], "after": values, "after_unknown": unknown},
    }
    configuration = {
        "root_module": {
            "resources": [
                {
                    "address": "aws_instance.w",
                    "mode": "managed",
                    "type": "aws_instance",
                    "name": "w",
                    "expressions": {"subnet_id": {"references": references}},
                }
            ]
        }
    }
    whole = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [subnet, instance],
        "configuration": configuration,
    }
    return json.dumps(whole)


def test_a_plan_alone_is_read_and_its_unknowns_are_followed(project) -> None:
    text = plan({"ami": "ami-1"}, {"subnet_id": True}, ["aws_subnet.a.id", "aws_subnet.a"])
    found = project({"plan.json": text})
    instance = one(found, "aws_instance")
    assert instance.language == "json"
    assert shown(instance, "ami") == [("ami-1", None)]
    subnet = found.resource_behind(instance.values("subnet_id")[0], instance)
    assert subnet is one(found, "aws_subnet")
    assert plain(subnet.get("map_public_ip_on_launch")) is True


def test_a_plan_fills_the_resources_of_its_source(project) -> None:
    source = """
variable "public" {}
variable "on" {}
resource "aws_iam_role" "r" {}
resource "aws_subnet" "a" {}
resource "aws_instance" "w" {
  count                       = var.on
  associate_public_ip_address = var.public
  subnet_id                   = aws_subnet.a.id
}
resource "aws_eip" "gone" {}
"""
    text = plan({"associate_public_ip_address": True}, {"subnet_id": True}, ["aws_subnet.a.id"])
    text = text.replace("aws_instance.w", "aws_instance.w[0]")
    found = project({"main.tf": source, "plan.json": text})
    instance = one(found, "aws_instance")
    assert (instance.address, instance.possible) == ("aws_instance.w[0]", None)
    assert instance.place.path.endswith("main.tf")
    assert shown(instance, "associate_public_ip_address") == [(True, None)]
    subnet = found.resource_behind(instance.values("subnet_id")[0], instance)
    assert subnet is one(found, "aws_subnet")
    assert plain(subnet.get("map_public_ip_on_launch")) is True
    assert found.resources_of("aws_eip") == []


def test_what_cannot_be_evaluated_is_unknown_and_never_an_error(project) -> None:
    text = """
resource "aws_instance" "w" {
  subnet_id = file("/nowhere")
  user_data = aws_instance.w.user_data
  dynamic "network_interface" {
    for_each = 3
    content {}
  }
}
"""
    instance = one(project({"main.tf": text}), "aws_instance")
    assert isinstance(instance.get("subnet_id"), Unknown)
    assert isinstance(instance.get("user_data"), Unknown)
    assert instance.get("network_interface") is not None


def test_resources_cost_nothing_where_none_are_asked_for(project) -> None:
    found = project({"main.tf": MAIN})
    assert found.resources_of("aws_lambda_function") == []
    assert found.resource_behind(Text(()), ".#x") is None


def test_a_template_inside_a_template_has_resources_too(project) -> None:
    text = """
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: s
      TemplateBody: |
        Resources:
          Inner:
            Type: AWS::SQS::Queue
            Properties: {QueueName: inner}
"""
    queue = one(project({"t.yaml": text}), "AWS::SQS::Queue")
    assert shown(queue, "QueueName") == [("inner", None)]


def test_what_a_stack_passes_to_another_is_followed(project) -> None:
    root = """
Resources:
  Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: net.yaml}}
  App:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: app.yaml, Parameters: {Subnet: !GetAtt Net.Outputs.Subnet}}
"""
    net = """
Resources:
  S: {Type: AWS::EC2::Subnet}
Outputs:
  Subnet: {Value: !Ref S}
"""
    app = """
Parameters:
  Subnet: {Type: AWS::EC2::Subnet::Id}
Resources:
  I: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Subnet}}
"""
    found = project({"root.yaml": root, "net.yaml": net, "app.yaml": app})
    instance = one(found, "AWS::EC2::Instance")
    (node,) = instance.values("SubnetId")
    assert found.resource_behind(node, instance) is one(found, "AWS::EC2::Subnet")
