"""What `Ref` and `Fn::GetAtt` of a resource give: the table of names and ARNs by type.

Source: the "Return values" of each type in the AWS CloudFormation Template Reference.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

RefKind = Literal["arn", "name", "url"]


class Named(NamedTuple):
    """How the ARN of a type is built from the property that names the resource.

    In `arn` stand `{name}` (the property), `{path}` (an IAM path, `/` by default), and
    `{partition}`, `{region}`, `{account}` for those of the stack.
    """

    property: str
    arn: str


NAMED: dict[str, Named] = {
    "AWS::IAM::Role": Named("RoleName", "arn:{partition}:iam::{account}:role{path}{name}"),
    "AWS::IAM::User": Named("UserName", "arn:{partition}:iam::{account}:user{path}{name}"),
    "AWS::IAM::Group": Named("GroupName", "arn:{partition}:iam::{account}:group{path}{name}"),
    "AWS::IAM::ManagedPolicy": Named(
        "ManagedPolicyName", "arn:{partition}:iam::{account}:policy{path}{name}"
    ),
    "AWS::S3::Bucket": Named("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": Named("TopicName", "arn:{partition}:sns:{region}:{account}:{name}"),
    "AWS::SQS::Queue": Named("QueueName", "arn:{partition}:sqs:{region}:{account}:{name}"),
    "AWS::DynamoDB::Table": Named(
        "TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"
    ),
    "AWS::Lambda::Function": Named(
        "FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"
    ),
    "AWS::Serverless::Function": Named(
        "FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"
    ),
    "AWS::Logs::LogGroup": Named(
        "LogGroupName", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"
    ),
    "AWS::Kinesis::Stream": Named(
        "Name", "arn:{partition}:kinesis:{region}:{account}:stream/{name}"
    ),
    "AWS::StepFunctions::StateMachine": Named(
        "StateMachineName", "arn:{partition}:states:{region}:{account}:stateMachine:{name}"
    ),
    "AWS::ECR::Repository": Named(
        "RepositoryName", "arn:{partition}:ecr:{region}:{account}:repository/{name}"
    ),
    "AWS::CodeBuild::Project": Named(
        "Name", "arn:{partition}:codebuild:{region}:{account}:project/{name}"
    ),
    "AWS::Events::EventBus": Named(
        "Name", "arn:{partition}:events:{region}:{account}:event-bus/{name}"
    ),
}
"""Types whose ARN follows from a property that the author may set."""

REF_IS_ARN = frozenset(
    [
        "AWS::ACMPCA::CertificateAuthority",
        "AWS::AppSync::DataSource",
        "AWS::Batch::ComputeEnvironment",
        "AWS::Batch::JobDefinition",
        "AWS::Batch::JobQueue",
        "AWS::Batch::SchedulingPolicy",
        "AWS::CertificateManager::Certificate",
        "AWS::CloudFormation::Stack",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::CodeStarNotifications::NotificationRule",
        "AWS::DataSync::Agent",
        "AWS::DataSync::Task",
        "AWS::DMS::Endpoint",
        "AWS::DMS::ReplicationInstance",
        "AWS::DMS::ReplicationTask",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::EventSchemas::Schema",
        "AWS::FIS::ExperimentTemplate",
        "AWS::GlobalAccelerator::Accelerator",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::OIDCProvider",
        "AWS::IAM::SAMLProvider",
        "AWS::IAM::ServerCertificate",
        "AWS::ImageBuilder::Component",
        "AWS::ImageBuilder::DistributionConfiguration",
        "AWS::ImageBuilder::Image",
        "AWS::ImageBuilder::ImagePipeline",
        "AWS::ImageBuilder::ImageRecipe",
        "AWS::ImageBuilder::InfrastructureConfiguration",
        "AWS::KinesisAnalyticsV2::Application",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "AWS::LicenseManager::License",
        "AWS::MSK::Cluster",
        "AWS::MSK::Configuration",
        "AWS::NetworkFirewall::Firewall",
        "AWS::NetworkFirewall::FirewallPolicy",
        "AWS::NetworkFirewall::RuleGroup",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SSO::PermissionSet",
        "AWS::SecretsManager::Secret",
        "AWS::SecretsManager::SecretTargetAttachment",
        "AWS::Serverless::StateMachine",
        "AWS::ServiceCatalogAppRegistry::Application",
        "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine",
        "AWS::Synthetics::Group",
        "AWS::WAFv2::LoggingConfiguration",
    ]
)
"""Types whose `Ref` is the resource's ARN; of all others it is a name, an id or a URL."""

UNKNOWABLE = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack")
"""Beginnings of types whose attributes may be any string at all."""


def ref_is_name(kind: str) -> bool:
    """True if the `Ref` of a named resource is that very name."""
    return kind in NAMED and kind not in REF_IS_ARN and kind != "AWS::SQS::Queue"
