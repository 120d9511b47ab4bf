"""How the ARN of a resource follows from its name, by type, in Terraform and CloudFormation.

Source: the AWS Service Authorization Reference (resource types of each service), and for what
names a resource and what gives its ARN the references of the Terraform provider for AWS and of
CloudFormation's template types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from iamlint.tree import Hole, Text


class Form(NamedTuple):
    """One type: the argument that names it, its ARN, and the attribute that gives the ARN.

    In `arn` stand `{name}`, `{slashed}` (the name, which begins with `/`), `{path}` (an IAM
    path), `{partition}`, `{region}`, `{account}`, and `{any}` for what the deployment adds.
    `name` is `""` where the deployment makes it.  `attribute` is `""` for CloudFormation's `Ref`.
    """

    name: str
    arn: str
    attribute: str = "arn"


_HERE = "{region}:{account}"


def _both(
    terraform: str, name: str, cloudformation: str, property: str, arn: str, attribute: str = "Arn"
) -> dict[str, Form]:
    whole = f"arn:{{partition}}:{arn}"
    made: dict[str, Form] = {}
    for kind in terraform.split():
        made[kind] = Form(name, whole)
    for kind in cloudformation.split():
        made[kind] = Form(property, whole, attribute)
    return made


# fmt: off
FORMS: dict[str, Form] = {
    **_both("aws_s3_bucket", "bucket", "AWS::S3::Bucket", "BucketName", "s3:::{name}"),
    **_both("aws_dynamodb_table", "name", "AWS::DynamoDB::Table AWS::DynamoDB::GlobalTable AWS::Serverless::SimpleTable", "TableName", f"dynamodb:{_HERE}:table/{{name}}"),
    **_both("aws_sqs_queue", "name", "AWS::SQS::Queue", "QueueName", f"sqs:{_HERE}:{{name}}"),
    **_both("aws_sns_topic", "name", "AWS::SNS::Topic", "TopicName", f"sns:{_HERE}:{{name}}", "TopicArn"),
    **_both("aws_lambda_function", "function_name", "AWS::Lambda::Function AWS::Serverless::Function", "FunctionName", f"lambda:{_HERE}:function:{{name}}"),
    **_both("aws_cloudwatch_log_group", "name", "AWS::Logs::LogGroup", "LogGroupName", f"logs:{_HERE}:log-group:{{name}}"),
    **_both("aws_kms_key aws_kms_external_key aws_kms_replica_key", "", "AWS::KMS::Key AWS::KMS::ReplicaKey", "", f"kms:{_HERE}:key/{{name}}"),
    **_both("aws_kms_alias", "name", "AWS::KMS::Alias", "AliasName", f"kms:{_HERE}:{{name}}", "-"),
    **_both("aws_secretsmanager_secret", "name", "AWS::SecretsManager::Secret", "Name", f"secretsmanager:{_HERE}:secret:{{name}}-{{any}}", ""),
    **_both("aws_ssm_parameter", "name", "AWS::SSM::Parameter", "Name", f"ssm:{_HERE}:parameter{{slashed}}", "-"),
    **_both("aws_kinesis_stream", "name", "AWS::Kinesis::Stream", "Name", f"kinesis:{_HERE}:stream/{{name}}"),
    **_both("aws_kinesis_firehose_delivery_stream", "name", "AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName", f"firehose:{_HERE}:deliverystream/{{name}}"),
    **_both("aws_ecr_repository", "name", "AWS::ECR::Repository", "RepositoryName", f"ecr:{_HERE}:repository/{{name}}"),
    **_both("aws_ecs_cluster", "name", "AWS::ECS::Cluster", "ClusterName", f"ecs:{_HERE}:cluster/{{name}}"),
    **_both("aws_ecs_task_definition", "family", "AWS::ECS::TaskDefinition", "Family", f"ecs:{_HERE}:task-definition/{{name}}:{{any}}", ""),
    **_both("aws_eks_cluster", "name", "AWS::EKS::Cluster", "Name", f"eks:{_HERE}:cluster/{{name}}"),
    **_both("aws_sfn_state_machine", "name", "AWS::StepFunctions::StateMachine", "StateMachineName", f"states:{_HERE}:stateMachine:{{name}}"),
    **_both("", "", "AWS::Serverless::StateMachine", "Name", f"states:{_HERE}:stateMachine:{{name}}"),
    **_both("aws_codebuild_project", "name", "AWS::CodeBuild::Project", "Name", f"codebuild:{_HERE}:project/{{name}}"),
    **_both("aws_codecommit_repository", "repository_name", "AWS::CodeCommit::Repository", "RepositoryName", f"codecommit:{_HERE}:{{name}}"),
    **_both("aws_codepipeline", "name", "AWS::CodePipeline::Pipeline", "Name", f"codepipeline:{_HERE}:{{name}}", "-"),
    **_both("aws_cloudwatch_event_bus", "name", "AWS::Events::EventBus", "Name", f"events:{_HERE}:event-bus/{{name}}"),
    **_both("aws_cloudwatch_event_rule", "name", "AWS::Events::Rule", "Name", f"events:{_HERE}:rule/{{name}}"),
    **_both("aws_cloudwatch_metric_alarm", "alarm_name", "AWS::CloudWatch::Alarm", "AlarmName", f"cloudwatch:{_HERE}:alarm:{{name}}"),
    **_both("aws_cloudtrail", "name", "AWS::CloudTrail::Trail", "TrailName", f"cloudtrail:{_HERE}:trail/{{name}}"),
    **_both("aws_db_instance", "identifier", "AWS::RDS::DBInstance", "DBInstanceIdentifier", f"rds:{_HERE}:db:{{name}}", "DBInstanceArn"),
    **_both("aws_rds_cluster", "cluster_identifier", "AWS::RDS::DBCluster", "DBClusterIdentifier", f"rds:{_HERE}:cluster:{{name}}", "DBClusterArn"),
    **_both("aws_efs_file_system", "", "AWS::EFS::FileSystem", "", f"elasticfilesystem:{_HERE}:file-system/{{name}}"),
    **_both("aws_backup_vault", "name", "AWS::Backup::BackupVault", "BackupVaultName", f"backup:{_HERE}:backup-vault:{{name}}", "BackupVaultArn"),
    **_both("aws_cognito_user_pool", "", "AWS::Cognito::UserPool", "", f"cognito-idp:{_HERE}:userpool/{{name}}"),
    **_both("aws_athena_workgroup", "name", "AWS::Athena::WorkGroup", "Name", f"athena:{_HERE}:workgroup/{{name}}", "-"),
    **_both("aws_instance", "", "AWS::EC2::Instance", "", f"ec2:{_HERE}:instance/{{name}}", "-"),
    **_both("aws_iam_role", "name", "AWS::IAM::Role", "RoleName", "iam::{account}:role{path}{name}"),
    **_both("aws_iam_user", "name", "AWS::IAM::User", "UserName", "iam::{account}:user{path}{name}"),
    **_both("aws_iam_group", "name", "AWS::IAM::Group", "GroupName", "iam::{account}:group{path}{name}"),
    **_both("aws_iam_policy", "name", "AWS::IAM::ManagedPolicy", "ManagedPolicyName", "iam::{account}:policy{path}{name}", ""),
    **_both("aws_iam_instance_profile", "name", "AWS::IAM::InstanceProfile", "InstanceProfileName", "iam::{account}:instance-profile{path}{name}"),
}
# fmt: on
"""Types whose ARN is known; `-` as attribute where CloudFormation gives no ARN of it."""


def fill(form: Form, known: Callable[[str], Text]) -> Text:
    """The ARN of a form with what is known for each of its marks."""
    parts: list[str | Hole] = []
    for piece in ("}" + form.arn).split("{"):
        mark, _, rest = piece.partition("}")
        if mark:
            parts += known(mark).parts
        parts.append(rest)
    return Text.of(*parts)
