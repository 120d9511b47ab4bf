"""Every type of resource that Access Analyzer looks at: public in Terraform and in CloudFormation, and found.

The types are those of its external access findings and of CheckNoPublicAccess
(AccessCheckResourceType of the API reference).
"""

from __future__ import annotations

import json

import pytest

from iamlint.rule import Example
from iamlint.testing import findings
from iamlint_rules import RULES

ALL = [rule() for rule in RULES]
ARN = "arn:aws:{}:eu-west-1:111122223333:{}"

Form = tuple[str, str, str]
"""Type, the argument that holds the policy, other arguments (HCL, or YAML flow)."""


def policy(action: str, resource: str = "*") -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    if action == "sts:AssumeRole":
        del statement["Resource"]
    return {"Version": "2012-10-17", "Statement": [statement]}


# The resource types, with an action of each, and how both languages write its policy.
TYPES: dict[str, tuple[str, Form | None, Form | None]] = {
    "AWS::ApiGateway::RestApi": (
        "execute-api:Invoke",
        ("aws_api_gateway_rest_api_policy", "policy", 'rest_api_id = "x"'),
        ("AWS::ApiGateway::RestApi", "Policy", "Name: x"),
    ),
    "AWS::Backup::BackupVault": (
        "backup:DescribeBackupVault",
        ("aws_backup_vault_policy", "policy", 'backup_vault_name = "x"'),
        ("AWS::Backup::BackupVault", "AccessPolicy", "BackupVaultName: x"),
    ),
    "AWS::CloudTrail::Dashboard": (
        "cloudtrail:GetDashboard",
        None,
        ("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", "ResourceArn: x"),
    ),
    "AWS::CloudTrail::EventDataStore": (
        "cloudtrail:GetEventDataStore",
        None,
        ("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", "ResourceArn: x"),
    ),
    "AWS::CodeArtifact::Domain": (
        "codeartifact:CreateRepository",
        ("aws_codeartifact_domain_permissions_policy", "policy_document", 'domain = "x"'),
        ("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", "DomainName: x"),
    ),
    "AWS::DynamoDB::Stream": (
        "dynamodb:GetRecords",
        ("aws_dynamodb_resource_policy", "policy", 'resource_arn = "x"'),
        (
            "AWS::DynamoDB::Table",
            "StreamSpecification.ResourcePolicy.PolicyDocument",
            "TableName: x",
        ),
    ),
    "AWS::DynamoDB::Table": (
        "dynamodb:GetItem",
        ("aws_dynamodb_resource_policy", "policy", 'resource_arn = "x"'),
        ("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", "TableName: x"),
    ),
    "AWS::ECR::Repository": (
        "ecr:BatchGetImage",
        ("aws_ecr_repository_policy", "policy", 'repository = "x"'),
        ("AWS::ECR::Repository", "RepositoryPolicyText", "RepositoryName: x"),
    ),
    "AWS::EFS::FileSystem": (
        "elasticfilesystem:ClientMount",
        ("aws_efs_file_system_policy", "policy", 'file_system_id = "x"'),
        ("AWS::EFS::FileSystem", "FileSystemPolicy", "Encrypted: true"),
    ),
    "AWS::IAM::AssumeRolePolicyDocument": (
        "sts:AssumeRole",
        ("aws_iam_role", "assume_role_policy", 'name = "x"'),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument", "RoleName: x"),
    ),
    "AWS::KMS::Key": (
        "kms:Decrypt",
        ("aws_kms_key", "policy", ""),
        ("AWS::KMS::Key", "KeyPolicy", "Description: x"),
    ),
    "AWS::Kinesis::Stream": (
        "kinesis:GetRecords",
        ("aws_kinesis_resource_policy", "policy", 'resource_arn = "x"'),
        ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", "ResourceArn: x"),
    ),
    "AWS::Kinesis::StreamConsumer": (
        "kinesis:SubscribeToShard",
        ("aws_kinesis_resource_policy", "policy", 'resource_arn = "x"'),
        ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", "ResourceArn: x"),
    ),
    "AWS::OpenSearchService::Domain": (
        "es:ESHttpGet",
        ("aws_opensearch_domain_policy", "access_policies", 'domain_name = "x"'),
        ("AWS::OpenSearchService::Domain", "AccessPolicies", "DomainName: x"),
    ),
    "AWS::S3::AccessPoint": (
        "s3:GetObject",
        ("aws_s3control_access_point_policy", "policy", 'access_point_arn = "x"'),
        ("AWS::S3::AccessPoint", "Policy", "Bucket: x"),
    ),
    "AWS::S3::Bucket": (
        "s3:GetObject",
        ("aws_s3_bucket_policy", "policy", 'bucket = "x"'),
        ("AWS::S3::BucketPolicy", "PolicyDocument", "Bucket: x"),
    ),
    "AWS::S3::Glacier": (
        "glacier:InitiateJob",
        ("aws_glacier_vault", "access_policy", 'name = "x"'),
        None,
    ),
    "AWS::S3Express::AccessPoint": (
        "s3express:CreateSession",
        ("aws_s3control_access_point_policy", "policy", 'access_point_arn = "x"'),
        ("AWS::S3Express::AccessPoint", "Policy", "Bucket: x"),
    ),
    "AWS::S3Express::DirectoryBucket": (
        "s3express:CreateSession",
        ("aws_s3_bucket_policy", "policy", 'bucket = "x"'),
        ("AWS::S3Express::BucketPolicy", "PolicyDocument", "Bucket: x"),
    ),
    "AWS::S3Outposts::AccessPoint": (
        "s3-outposts:GetObject",
        ("aws_s3control_access_point_policy", "policy", 'access_point_arn = "x"'),
        ("AWS::S3Outposts::AccessPoint", "Policy", "Bucket: x, Name: y, VpcConfiguration: {}"),
    ),
    "AWS::S3Outposts::Bucket": (
        "s3-outposts:GetObject",
        ("aws_s3control_bucket_policy", "policy", 'bucket = "x"'),
        ("AWS::S3Outposts::BucketPolicy", "PolicyDocument", "Bucket: x"),
    ),
    "AWS::S3Tables::Table": (
        "s3tables:GetTable",
        (
            "aws_s3tables_table_policy",
            "resource_policy",
            'name = "x"\n  namespace = "y"\n  table_bucket_arn = "z"',
        ),
        ("AWS::S3Tables::TablePolicy", "ResourcePolicy", "TableARN: x"),
    ),
    "AWS::S3Tables::TableBucket": (
        "s3tables:GetTableBucket",
        ("aws_s3tables_table_bucket_policy", "resource_policy", 'table_bucket_arn = "x"'),
        ("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", "TableBucketARN: x"),
    ),
    "AWS::SNS::Topic": (
        "sns:Publish",
        ("aws_sns_topic_policy", "policy", 'arn = "x"'),
        ("AWS::SNS::TopicPolicy", "PolicyDocument", "Topics: [x]"),
    ),
    "AWS::SQS::Queue": (
        "sqs:SendMessage",
        ("aws_sqs_queue_policy", "policy", 'queue_url = "x"'),
        ("AWS::SQS::QueuePolicy", "PolicyDocument", "Queues: [x]"),
    ),
    "AWS::SecretsManager::Secret": (
        "secretsmanager:GetSecretValue",
        ("aws_secretsmanager_secret_policy", "policy", 'secret_arn = "x"'),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "SecretId: x"),
    ),
}

ONE_LANGUAGE = {
    "AWS::CloudTrail::Dashboard": "the AWS provider has no resource for its policy",
    "AWS::CloudTrail::EventDataStore": "the AWS provider has no resource for its policy",
    "AWS::S3::Glacier": "CloudFormation has no vaults of Glacier",
}


def codes(language: str, text: str) -> set[str]:
    example = Example(kind="tricky", language=language, written=text)  # type: ignore[arg-type]
    return {finding.rule for finding in findings(ALL, example)}


@pytest.mark.parametrize("name", TYPES)
def test_a_public_one_is_found_in_terraform(name: str) -> None:
    action, form, _ = TYPES[name]
    if form is None:
        assert name in ONE_LANGUAGE
        return
    kind, argument, more = form
    document = json.dumps(policy(action))
    text = f'resource "{kind}" "this" {{\n  {more}\n  {argument} = jsonencode({document})\n}}\n'
    assert codes("terraform", text) & {"IAM301", "IAM201"}


@pytest.mark.parametrize("name", TYPES)
def test_a_public_one_is_found_in_cloudformation(name: str) -> None:
    action, _, form = TYPES[name]
    if form is None:
        assert name in ONE_LANGUAGE
        return
    kind, argument, more = form
    value = json.dumps(policy(action))
    for part in reversed(argument.split(".")[1:]):
        value = f"{{{part}: {value}}}"
    text = (
        f"Resources:\n  This:\n    Type: {kind}\n"
        f"    Properties: {{{more}, {argument.split('.')[0]}: {value}}}\n"
    )
    assert codes("cloudformation", text) & {"IAM301", "IAM201"}


FUNCTION = {
    "terraform": """
resource "aws_lambda_permission" "anyone" {
  action        = "lambda:InvokeFunction"
  function_name = "x"
  principal     = "*"
}
""",
    "cloudformation": """
Resources:
  Anyone:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: x, Principal: "*"}
""",
}
LAYER = {
    "terraform": """
resource "aws_lambda_layer_version_permission" "anyone" {
  layer_name     = "x"
  version_number = 1
  principal      = "*"
  action         = "lambda:GetLayerVersion"
  statement_id   = "x"
}
""",
    "cloudformation": """
Resources:
  Anyone:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {Action: "lambda:GetLayerVersion", LayerVersionArn: x, Principal: "*"}
""",
}


@pytest.mark.parametrize("language", ["terraform", "cloudformation"])
@pytest.mark.parametrize("texts", [FUNCTION, LAYER], ids=["function", "layer"])
def test_a_public_function_or_layer_is_found(language: str, texts: dict[str, str]) -> None:
    assert "IAM301" in codes(language, texts[language])


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("aws_db_snapshot", 'shared_accounts = ["all"]'),
        ("aws_db_cluster_snapshot", 'shared_accounts = ["all"]'),
        ("aws_ami_launch_permission", 'group = "all"'),
    ],
)
def test_a_snapshot_that_is_shared_with_all_is_found(kind: str, argument: str) -> None:
    """Snapshots have no policy, and CloudFormation cannot share them."""
    assert "IAM301" in codes("terraform", f'resource "{kind}" "this" {{\n  {argument}\n}}\n')


CHECK_NO_PUBLIC_ACCESS = {
    "AWS::ApiGateway::RestApi",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Dashboard",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CodeArtifact::Domain",
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::IAM::AssumeRolePolicyDocument",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::Lambda::Function",
    "AWS::OpenSearchService::Domain",
    "AWS::S3::AccessPoint",
    "AWS::S3::Bucket",
    "AWS::S3::Glacier",
    "AWS::S3Express::AccessPoint",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Outposts::AccessPoint",
    "AWS::S3Outposts::Bucket",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}


def test_all_types_of_check_no_public_access_are_here() -> None:
    assert len(CHECK_NO_PUBLIC_ACCESS) == 26
    assert {*TYPES, "AWS::Lambda::Function"} >= CHECK_NO_PUBLIC_ACCESS
