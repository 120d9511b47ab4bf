"""Which arguments of which resource types hold or attach policies: a table, one row a type.

Sources: the schemas of the AWS provider (registry.terraform.io/providers/hashicorp/aws, 6.x of
October 2026) and of the AWS Cloud Control provider (1.x of October 2026), every argument with
`polic` in its name looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from iamlint.sources.site import OwnerKind, SiteKind


class Document(msgspec.Struct, frozen=True):
    """An argument that holds a policy document.

    `path` is the argument, after the nested blocks that it stands in (`inline_policy.policy`).
    `owner` is the argument that names the principal; `self` for the resource itself.
    """

    path: str
    kind: SiteKind
    owner: str = ""
    owner_kind: OwnerKind = "role"


class Attached(msgspec.Struct, frozen=True):
    """Arguments that attach a managed policy by ARN.

    `policies` is one argument or a list of them; `owners` are the arguments that name
    principals, each with the kind of principal.
    """

    policies: str
    owners: tuple[tuple[str, OwnerKind], ...]
    boundary: bool = False


def _resource(*paths: str) -> tuple[Document, ...]:
    return tuple(Document(path, "resource") for path in paths)


OWNERS: dict[str, tuple[OwnerKind, str]] = {
    "aws_iam_role": ("role", "name"),
    "aws_iam_user": ("user", "name"),
    "aws_iam_group": ("group", "name"),
    "aws_iam_policy": ("policy", "name"),
    "aws_ssoadmin_permission_set": ("permission-set", "name"),
    "aws_iam_service_linked_role": ("role", "name"),
    "awscc_iam_role": ("role", "role_name"),
    "awscc_iam_user": ("user", "user_name"),
    "awscc_iam_group": ("group", "group_name"),
    "awscc_iam_managed_policy": ("policy", "managed_policy_name"),
    "awscc_sso_permission_set": ("permission-set", "name"),
}
"""Types that declare a principal or a managed policy: its kind, and the argument with its name."""

DOCUMENTS: dict[str, tuple[Document, ...]] = {
    # identity-based, trust and organization policies
    "aws_iam_role": (
        Document("assume_role_policy", "trust", "self"),
        Document("inline_policy.policy", "identity", "self"),
    ),
    "aws_iam_role_policy": (Document("policy", "identity", "role"),),
    "aws_iam_user_policy": (Document("policy", "identity", "user", "user"),),
    "aws_iam_group_policy": (Document("policy", "identity", "group", "group"),),
    "aws_iam_policy": (Document("policy", "identity", "self", "policy"),),
    "aws_ssoadmin_permission_set_inline_policy": (
        Document("inline_policy", "identity", "permission_set_arn", "permission-set"),
    ),
    "aws_organizations_policy": (Document("content", "scp"),),
    "aws_organizations_resource_policy": _resource("content"),
    "aws_iot_policy": (Document("policy", "identity"),),
    # Session policies: they limit what a session may do, as a boundary does.  They have no owner,
    # for the role that the session is of keeps all its permissions elsewhere.
    "aws_eks_pod_identity_association": (Document("policy", "boundary"),),
    "aws_rolesanywhere_profile": (Document("session_policy", "boundary"),),
    "aws_transfer_access": (Document("policy", "boundary"),),
    "aws_transfer_user": (Document("policy", "boundary"),),
    # resource-based policies
    "aws_acmpca_policy": _resource("policy"),
    "aws_api_gateway_domain_name": _resource("policy"),
    "aws_api_gateway_rest_api": _resource("policy"),
    "aws_api_gateway_rest_api_policy": _resource("policy"),
    "aws_backup_vault_policy": _resource("policy"),
    "aws_bedrockagentcore_resource_policy": _resource("policy"),
    "aws_cloudsearch_domain_service_access_policy": _resource("access_policy"),
    "aws_cloudwatch_event_bus_policy": _resource("policy"),
    "aws_cloudwatch_log_delivery_destination_policy": _resource("delivery_destination_policy"),
    "aws_cloudwatch_log_destination_policy": _resource("access_policy"),
    "aws_cloudwatch_log_resource_policy": _resource("policy_document"),
    "aws_codeartifact_domain_permissions_policy": _resource("policy_document"),
    "aws_codeartifact_repository_permissions_policy": _resource("policy_document"),
    "aws_codebuild_resource_policy": _resource("policy"),
    "aws_dsql_cluster_policy": _resource("policy"),
    "aws_dynamodb_resource_policy": _resource("policy"),
    "aws_ecr_registry_policy": _resource("policy"),
    "aws_ecr_repository_creation_template": _resource("repository_policy"),
    "aws_ecr_repository_policy": _resource("policy"),
    "aws_ecrpublic_repository_policy": _resource("policy"),
    "aws_efs_file_system_policy": _resource("policy"),
    "aws_elasticsearch_domain": _resource("access_policies"),
    "aws_elasticsearch_domain_policy": _resource("access_policies"),
    "aws_fsx_s3_access_point_attachment": _resource("s3_access_point.policy"),
    "aws_glacier_vault": _resource("access_policy"),
    "aws_glacier_vault_lock": _resource("policy"),
    "aws_glue_resource_policy": _resource("policy"),
    "aws_kinesis_resource_policy": _resource("policy"),
    "aws_kms_external_key": _resource("policy"),
    "aws_kms_key": _resource("policy"),
    "aws_kms_key_policy": _resource("policy"),
    "aws_kms_replica_external_key": _resource("policy"),
    "aws_kms_replica_key": _resource("policy"),
    "aws_lambda_resource_policy": _resource("policy"),
    "aws_media_store_container_policy": _resource("policy"),
    "aws_msk_cluster_policy": _resource("policy"),
    "aws_networkfirewall_resource_policy": _resource("policy"),
    "aws_oam_sink_policy": _resource("policy"),
    "aws_odb_network": _resource(
        "s3_policy_document", "sts_policy_document", "kms_policy_document"
    ),
    "aws_opensearch_domain": _resource("access_policies"),
    "aws_opensearch_domain_policy": _resource("access_policies"),
    "aws_osis_resource_policy": _resource("policy"),
    "aws_pinpointsmsvoicev2_resource_policy": _resource("policy"),
    "aws_prometheus_resource_policy": _resource("policy_document"),
    "aws_redshift_resource_policy": _resource("policy"),
    "aws_redshiftserverless_resource_policy": _resource("policy"),
    "aws_s3_access_point": _resource("policy"),
    "aws_s3_bucket": _resource("policy"),
    "aws_s3_bucket_policy": _resource("policy"),
    "aws_s3control_access_grants_instance_resource_policy": _resource("policy"),
    "aws_s3control_access_point_policy": _resource("policy"),
    "aws_s3control_bucket_policy": _resource("policy"),
    "aws_s3control_multi_region_access_point_policy": _resource("details.policy"),
    "aws_s3control_object_lambda_access_point_policy": _resource("policy"),
    "aws_s3files_file_system_policy": _resource("policy"),
    "aws_s3tables_table_bucket_policy": _resource("resource_policy"),
    "aws_s3tables_table_policy": _resource("resource_policy"),
    "aws_s3vectors_vector_bucket_policy": _resource("policy"),
    "aws_sagemaker_model_package_group_policy": _resource("resource_policy"),
    "aws_schemas_registry_policy": _resource("policy"),
    "aws_secretsmanager_secret": _resource("policy"),
    "aws_secretsmanager_secret_policy": _resource("policy"),
    "aws_ses_identity_policy": _resource("policy"),
    "aws_sesv2_email_identity_policy": _resource("policy"),
    "aws_sns_topic": _resource("policy"),
    "aws_sns_topic_policy": _resource("policy"),
    "aws_sqs_queue": _resource("policy"),
    "aws_sqs_queue_policy": _resource("policy"),
    "aws_vpc_endpoint": _resource("policy"),
    "aws_vpc_endpoint_policy": _resource("policy"),
    "aws_vpclattice_auth_policy": _resource("policy"),
    "aws_vpclattice_resource_policy": _resource("policy"),
    "aws_xray_resource_policy": _resource("policy_document"),
}

ATTACHMENTS: dict[str, tuple[Attached, ...]] = {
    "aws_iam_role_policy_attachment": (Attached("policy_arn", (("role", "role"),)),),
    "aws_iam_user_policy_attachment": (Attached("policy_arn", (("user", "user"),)),),
    "aws_iam_group_policy_attachment": (Attached("policy_arn", (("group", "group"),)),),
    "aws_iam_policy_attachment": (
        Attached("policy_arn", (("roles", "role"), ("users", "user"), ("groups", "group"))),
    ),
    "aws_iam_role_policy_attachments_exclusive": (
        Attached("policy_arns", (("role_name", "role"),)),
    ),
    "aws_iam_user_policy_attachments_exclusive": (
        Attached("policy_arns", (("user_name", "user"),)),
    ),
    "aws_iam_group_policy_attachments_exclusive": (
        Attached("policy_arns", (("group_name", "group"),)),
    ),
    "aws_iam_role": (
        Attached("managed_policy_arns", (("self", "role"),)),
        Attached("permissions_boundary", (("self", "role"),), boundary=True),
    ),
    "aws_iam_user": (Attached("permissions_boundary", (("self", "user"),), boundary=True),),
    "aws_ssoadmin_managed_policy_attachment": (
        Attached("managed_policy_arn", (("permission_set_arn", "permission-set"),)),
    ),
    "aws_ssoadmin_managed_policy_attachments_exclusive": (
        Attached("managed_policy_arns", (("permission_set_arn", "permission-set"),)),
    ),
    "aws_ssoadmin_permissions_boundary_attachment": (
        Attached(
            "permissions_boundary.managed_policy_arn",
            (("permission_set_arn", "permission-set"),),
            boundary=True,
        ),
    ),
    "aws_quicksight_iam_policy_assignment": (Attached("policy_arn", ()),),
    # Once a budget is used up the policy is attached; the principals stand beside it.
    "aws_budgets_budget_action": (Attached("definition.iam_action_definition.policy_arn", ()),),
    # Limits of sessions, without an owner as above.
    "aws_chatbot_slack_channel_configuration": (
        Attached("guardrail_policy_arns", (), boundary=True),
    ),
    "aws_chatbot_teams_channel_configuration": (
        Attached("guardrail_policy_arns", (), boundary=True),
    ),
    "aws_emr_studio_session_mapping": (Attached("session_policy_arn", (), boundary=True),),
    "aws_rolesanywhere_profile": (Attached("managed_policy_arns", (), boundary=True),),
    "awscc_chatbot_microsoft_teams_channel_configuration": (
        Attached("guardrail_policies", (), boundary=True),
    ),
    "awscc_chatbot_slack_channel_configuration": (
        Attached("guardrail_policies", (), boundary=True),
    ),
    "awscc_rolesanywhere_profile": (Attached("managed_policy_arns", (), boundary=True),),
    "awscc_iam_role": (
        Attached("managed_policy_arns", (("self", "role"),)),
        Attached("permissions_boundary", (("self", "role"),), boundary=True),
    ),
    "awscc_iam_user": (
        Attached("managed_policy_arns", (("self", "user"),)),
        Attached("permissions_boundary", (("self", "user"),), boundary=True),
    ),
    "awscc_iam_group": (Attached("managed_policy_arns", (("self", "group"),)),),
    "awscc_iam_managed_policy": (
        Attached("__arn__", (("roles", "role"), ("users", "user"), ("groups", "group"))),
    ),
    "awscc_sso_permission_set": (Attached("managed_policies", (("self", "permission-set"),)),),
}

CUSTOMER_MANAGED: dict[str, tuple[str, str]] = {
    "aws_ssoadmin_customer_managed_policy_attachment": (
        "customer_managed_policy_reference", "permission_set_arn",
    ),
    "aws_ssoadmin_customer_managed_policy_attachments_exclusive": (
        "customer_managed_policy_reference", "permission_set_arn",
    ),
}  # fmt: skip
"""Attachments by a policy's name and path in a nested block: the block, the owner's argument."""

MEMBERSHIPS: dict[str, tuple[str, str]] = {
    "aws_iam_group_membership": ("group", "users"),
    "aws_iam_user_group_membership": ("groups", "user"),
    "awscc_iam_user_to_group_addition": ("group_name", "users"),
}
"""Which arguments name the groups and the users that belong together."""

PERMISSIONS: frozenset[str] = frozenset(
    {"aws_lambda_permission", "aws_lambda_layer_version_permission", "aws_cloudwatch_event_permission",
     "aws_signer_signing_profile_permission",
     "awscc_lambda_permission", "awscc_lambda_layer_version_permission"}
)  # fmt: skip
"""Types whose arguments are the statement itself."""

TYPES = (
    frozenset(OWNERS)
    | frozenset(DOCUMENTS)
    | frozenset(ATTACHMENTS)
    | frozenset(CUSTOMER_MANAGED)
    | frozenset(MEMBERSHIPS)
    | PERMISSIONS
)

LIKELY = frozenset(
    {"policy", "policy_document", "resource_policy", "access_policy", "access_policies",
     "inline_policy", "session_policy", "assume_role_policy", "policy_json"}
)  # fmt: skip
"""Arguments of types that are in no table: they count if they hold an IAM policy document."""


def documents_of(kind: str) -> tuple[Document, ...]:
    """The arguments of a resource type that hold policy documents."""
    if kind.startswith("awscc_"):
        from iamlint.sources.terraform import cloud_control

        return cloud_control.documents().get(kind, ())
    return DOCUMENTS.get(kind, ())


def concerns(kind: str, arguments: Iterable[str]) -> bool:
    """True if a resource of this type, with these arguments, may hold or attach a policy."""
    return kind in TYPES or bool(documents_of(kind)) or not LIKELY.isdisjoint(arguments)
