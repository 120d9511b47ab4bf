"""Which properties of which resource types hold policies, and of what kind.

Source: the resource provider schemas bundled with cfn-lint 1.58 (properties named after a policy),
read one by one: data protection, delivery, redrive, lifecycle, scaling and Cedar policies are no
IAM policies and are not here, nor are OpenSearch Serverless policies.
"""

from __future__ import annotations

from iamlint.sources.site import OwnerKind, SiteKind

PRINCIPALS: dict[str, OwnerKind] = {
    "AWS::IAM::Role": "role",
    "AWS::IAM::User": "user",
    "AWS::IAM::Group": "group",
    "AWS::SSO::PermissionSet": "permission-set",
    "AWS::IAM::ManagedPolicy": "policy",
}
"""Types that declare an owner of policies."""

PRINCIPAL_NAMES: dict[str, str] = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::SSO::PermissionSet": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
}

IDENTITY_DOCUMENTS: dict[str, tuple[tuple[str, SiteKind], ...]] = {
    "AWS::IAM::Role": (
        ("AssumeRolePolicyDocument", "trust"),
        ("Policies/*/PolicyDocument", "identity"),
    ),
    "AWS::IAM::User": (("Policies/*/PolicyDocument", "identity"),),
    "AWS::IAM::Group": (("Policies/*/PolicyDocument", "identity"),),
    "AWS::IAM::Policy": (("PolicyDocument", "identity"),),
    "AWS::IAM::ManagedPolicy": (("PolicyDocument", "identity"),),
    "AWS::IAM::RolePolicy": (("PolicyDocument", "identity"),),
    "AWS::IAM::UserPolicy": (("PolicyDocument", "identity"),),
    "AWS::IAM::GroupPolicy": (("PolicyDocument", "identity"),),
    "AWS::SSO::PermissionSet": (("InlinePolicy", "identity"),),
    # Policies of certificates and things: grants without an IAM principal.
    "AWS::IoT::Policy": (("PolicyDocument", "identity"),),
    # Session policies: they limit what the role grants, as a boundary does.
    "AWS::EKS::PodIdentityAssociation": (("Policy", "boundary"),),
    "AWS::RolesAnywhere::Profile": (("SessionPolicy", "boundary"),),
    "AWS::Transfer::User": (("Policy", "boundary"),),
}

RESOURCE_DOCUMENTS: dict[str, tuple[str, ...]] = {
    "AWS::AIOps::InvestigationGroup": ("InvestigationGroupPolicy",),
    "AWS::APS::ResourcePolicy": ("PolicyDocument",),
    "AWS::ApiGateway::DomainNameV2": ("Policy",),
    "AWS::ApiGateway::RestApi": ("Policy", "Body/x-amazon-apigateway-policy"),
    "AWS::Backup::BackupVault": ("AccessPolicy",),
    "AWS::Backup::LogicallyAirGappedBackupVault": ("AccessPolicy",),
    "AWS::Bedrock::KnowledgeBasePolicy": ("PolicyDocument",),
    "AWS::Bedrock::ResourcePolicy": ("PolicyDocument",),
    "AWS::BedrockAgentCore::ResourcePolicy": ("Policy",),
    "AWS::CloudTrail::ResourcePolicy": ("ResourcePolicy",),
    "AWS::CodeArtifact::Domain": ("PermissionsPolicyDocument",),
    "AWS::CodeArtifact::Repository": ("PermissionsPolicyDocument",),
    "AWS::Comprehend::DocumentClassifier": ("ModelPolicy",),
    "AWS::Comprehend::EntityRecognizer": ("ModelPolicy",),
    "AWS::DSQL::Cluster": ("PolicyDocument",),
    "AWS::DynamoDB::GlobalTable": (
        "Replicas/*/ResourcePolicy/PolicyDocument",
        "Replicas/*/ReplicaStreamSpecification/ResourcePolicy/PolicyDocument",
    ),
    "AWS::DynamoDB::Table": (
        "ResourcePolicy/PolicyDocument",
        "StreamSpecification/ResourcePolicy/PolicyDocument",
    ),
    "AWS::EC2::VPCEndpoint": ("PolicyDocument",),
    "AWS::ECR::PublicRepository": ("RepositoryPolicyText",),
    "AWS::ECR::RegistryPolicy": ("PolicyText",),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::ECR::RepositoryCreationTemplate": ("RepositoryPolicy",),
    "AWS::EFS::FileSystem": ("FileSystemPolicy",),
    "AWS::Elasticsearch::Domain": ("AccessPolicies",),
    "AWS::EventSchemas::RegistryPolicy": ("Policy",),
    "AWS::Events::EventBus": ("Policy",),
    "AWS::EventsV2::ResourcePolicy": ("PolicyDocument",),
    "AWS::FSx::S3AccessPointAttachment": ("S3AccessPoint/Policy",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::KMS::ReplicaKey": ("KeyPolicy",),
    "AWS::Kinesis::ResourcePolicy": ("ResourcePolicy",),
    "AWS::Lambda::ResourcePolicy": ("PolicyDocument",),
    "AWS::Lex::ResourcePolicy": ("Policy",),
    "AWS::Logs::Destination": ("DestinationPolicy",),
    "AWS::Logs::DeliveryDestination": (
        "DeliveryDestinationPolicy/DeliveryDestinationPolicy",
        "DeliveryDestinationPolicy",
    ),
    "AWS::Logs::LogGroup": ("ResourcePolicyDocument",),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument",),
    "AWS::MSK::ClusterPolicy": ("Policy",),
    "AWS::MediaPackageV2::ChannelPolicy": ("Policy",),
    "AWS::MediaPackageV2::OriginEndpointPolicy": ("Policy",),
    "AWS::MediaStore::Container": ("Policy",),
    "AWS::MediaTailor::ChannelPolicy": ("Policy",),
    "AWS::OSIS::Pipeline": ("ResourcePolicy/Policy",),
    "AWS::Oam::Sink": ("Policy",),
    "AWS::ODB::OdbNetwork": (
        "KmsPolicyDocument",
        "S3PolicyDocument",
        "StsPolicyDocument",
        "ManagedServices/KmsAccess/KmsPolicyDocument",
        "ManagedServices/S3Access/S3PolicyDocument",
        "ManagedServices/StsAccess/StsPolicyDocument",
    ),
    "AWS::Omics::SequenceStore": ("S3AccessPolicy",),
    "AWS::OpenSearchService::Domain": ("AccessPolicies",),
    "AWS::Organizations::ResourcePolicy": ("Content",),
    "AWS::PaymentCryptography::Key": ("Policy",),
    "AWS::RUM::AppMonitor": ("ResourcePolicy/PolicyDocument",),
    "AWS::Redshift::Cluster": ("NamespaceResourcePolicy",),
    "AWS::RedshiftServerless::Namespace": ("NamespaceResourcePolicy",),
    "AWS::S3::AccessPoint": ("Policy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::S3::MultiRegionAccessPointPolicy": ("Policy",),
    "AWS::S3Express::AccessPoint": ("Policy",),
    "AWS::S3Express::BucketPolicy": ("PolicyDocument",),
    "AWS::S3Files::FileSystemPolicy": ("Policy",),
    "AWS::S3ObjectLambda::AccessPointPolicy": ("PolicyDocument",),
    "AWS::S3Outposts::AccessPoint": ("Policy",),
    "AWS::S3Outposts::BucketPolicy": ("PolicyDocument",),
    "AWS::S3Tables::TableBucketPolicy": ("ResourcePolicy",),
    "AWS::S3Tables::TablePolicy": ("ResourcePolicy",),
    "AWS::S3Vectors::VectorBucketPolicy": ("Policy",),
    "AWS::SMSVOICE::ResourcePolicy": ("PolicyDocument",),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SSM::ResourcePolicy": ("Policy",),
    "AWS::SageMaker::ModelPackageGroup": ("ModelPackageGroupPolicy",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
    "AWS::VpcLattice::AuthPolicy": ("Policy",),
    "AWS::VpcLattice::ResourcePolicy": ("Policy",),
    "AWS::XRay::ResourcePolicy": ("PolicyDocument",),
    "AWS::Serverless::Api": ("DefinitionBody/x-amazon-apigateway-policy",),
}

NO_IAM = frozenset(
    [
        "AWS::WAFv2::WebACL",
        "AWS::WAFv2::RuleGroup",
        "AWS::VerifiedPermissions::Policy",
        "AWS::VerifiedPermissions::PolicyTemplate",
        "AWS::FMS::Policy",
        "AWS::OpenSearchServerless::AccessPolicy",
        "AWS::OpenSearchServerless::SecurityPolicy",
        "AWS::OpenSearchServerless::LifecyclePolicy",
        "AWS::Logs::AccountPolicy",
        "AWS::DLM::LifecyclePolicy",
        "AWS::NetworkManager::CoreNetwork",
        "AWS::RAM::Permission",
        # What their templates hold is read with those.
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
    ]
)
"""Types with a `Statement` or policy of another language, where nothing is looked for."""

MANAGED_ARNS: dict[str, str] = {
    "AWS::IAM::Role": "ManagedPolicyArns",
    "AWS::IAM::User": "ManagedPolicyArns",
    "AWS::IAM::Group": "ManagedPolicyArns",
    "AWS::SSO::PermissionSet": "ManagedPolicies",
}
"""Properties that list managed policies by ARN."""

NAMED_POLICIES: dict[str, tuple[tuple[str, SiteKind], ...]] = {
    "AWS::SSO::PermissionSet": (
        ("CustomerManagedPolicyReferences/*", "managed-attachment"),
        ("PermissionsBoundary/CustomerManagedPolicyReference", "boundary"),
    ),
}
"""Properties that name a customer managed policy by name and path."""

BOUNDARIES: dict[str, str] = {
    "AWS::IAM::Role": "PermissionsBoundary",
    "AWS::IAM::User": "PermissionsBoundary",
    "AWS::SSO::PermissionSet": "PermissionsBoundary/ManagedPolicyArn",
}

MEMBERSHIPS: dict[str, tuple[str, str]] = {
    "AWS::IAM::User": ("Groups", ""),
    "AWS::IAM::UserToGroupAddition": ("GroupName", "Users"),
}
"""Properties that put users into groups: those of the groups, and of the users if not its own."""

ATTACHED_TO: dict[str, tuple[str, ...]] = {
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::IAM::ManagedPolicy": ("Roles", "Users", "Groups"),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::IAM::UserPolicy": ("UserName",),
    "AWS::IAM::GroupPolicy": ("GroupName",),
}
"""Properties that name the principals of a policy."""

STATEMENTS = frozenset(
    (
        "AWS::Lambda::Permission",
        "AWS::Lambda::LayerVersionPermission",
        "AWS::Events::EventBusPolicy",
    )
)
"""Types whose properties are a statement of a policy of another resource."""


def listed(kind: str) -> bool:
    """True for types of which more is asked than whether something in them looks like a policy."""
    return (
        kind in IDENTITY_DOCUMENTS
        or kind in RESOURCE_DOCUMENTS
        or kind in MEMBERSHIPS
        or kind in STATEMENTS
        or kind == "AWS::Organizations::Policy"
        or kind.startswith("AWS::Serverless::")
    )
