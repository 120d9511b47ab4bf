"""Schemas of the stub provider: the AWS provider's types, as far as IAM arguments need them.

An attribute is written as `name` with a mark, `!` required, `?` optional, `=` computed, `?=`
both, and after a colon its type where that is not string.
"""

from __future__ import annotations

from typing import Any, NamedTuple

TYPES: dict[str, Any] = {
    "string": "string", "bool": "bool", "number": "number",
    "list": ["list", "string"], "set": ["set", "string"], "map": ["map", "string"],
}  # fmt: skip


class Attribute(NamedTuple):
    name: str
    type: Any
    required: bool
    optional: bool
    computed: bool


class Block(NamedTuple):
    attributes: tuple[Attribute, ...]
    blocks: dict[str, tuple[str, Block]]


def block(text: str, **blocks: tuple[str, Block]) -> Block:
    """A block of attributes and nested blocks, each with its nesting (`LIST` or `SET`)."""
    made = []
    for word in text.split():
        written, _, kind = word.partition(":")
        name = written.rstrip("!?=")
        marks = written[len(name) :]
        made.append(
            Attribute(name, TYPES[kind or "string"], "!" in marks, "?" in marks, "=" in marks)
        )
    return Block(tuple(made), blocks)


def _type(text: str, **blocks: tuple[str, Block]) -> Block:
    return block(f"id= {text}", **blocks)


_TAGS = "tags?:map tags_all=:map"

PROVIDER = block(
    "region? profile? access_key? secret_key? allowed_account_ids?:list",
    assume_role=("LIST", block("role_arn? session_name? external_id?")),
    default_tags=("LIST", block("tags?:map")),
)

_PRINCIPALS = ("SET", block("type! identifiers!:set"))

DATA: dict[str, Block] = {
    "aws_iam_policy_document": _type(
        "json= minified_json= policy_id? version? source_json? override_json?"
        " source_policy_documents?:list override_policy_documents?:list",
        statement=(
            "LIST",
            block(
                "sid? effect? actions?:set not_actions?:set resources?:set not_resources?:set",
                principals=_PRINCIPALS,
                not_principals=_PRINCIPALS,
                condition=("SET", block("test! variable! values!:list")),
            ),
        ),
    ),
    "aws_caller_identity": _type("account_id= arn= user_id="),
    "aws_partition": _type("partition= dns_suffix= reverse_dns_prefix="),
    "aws_region": _type("name?= region?= description="),
    "aws_iam_policy": _type("arn?= name?= path_prefix? path= policy= description="),
    "aws_iam_role": _type("arn= name! path= unique_id= assume_role_policy="),
    "aws_s3_bucket": _type("arn= bucket! region="),
    "aws_kms_key": _type("key_id! arn="),
    "aws_organizations_organization": _type("arn= master_account_id="),
}

RESOURCES: dict[str, Block] = {
    "aws_iam_role": _type(
        "arn= name?= name_prefix?= path? description? assume_role_policy! unique_id="
        " permissions_boundary? managed_policy_arns?=:set max_session_duration?:number"
        f" force_detach_policies?:bool {_TAGS}",
        inline_policy=("SET", block("name? policy?")),
    ),
    "aws_iam_user": _type(
        f"arn= name! path? permissions_boundary? force_destroy?:bool unique_id= {_TAGS}"
    ),
    "aws_iam_group": _type("arn= name! path? unique_id="),
    "aws_iam_policy": _type(
        f"arn= name?= name_prefix?= path? description? policy! policy_id= {_TAGS}"
    ),
    "aws_iam_role_policy": _type("name?= name_prefix?= role! policy!"),
    "aws_iam_user_policy": _type("name?= name_prefix?= user! policy!"),
    "aws_iam_group_policy": _type("name?= name_prefix?= group! policy!"),
    "aws_iam_role_policy_attachment": _type("role! policy_arn!"),
    "aws_iam_user_policy_attachment": _type("user! policy_arn!"),
    "aws_iam_group_policy_attachment": _type("group! policy_arn!"),
    "aws_iam_policy_attachment": _type("name! policy_arn! roles?:set users?:set groups?:set"),
    "aws_iam_role_policy_attachments_exclusive": _type("role_name! policy_arns!:set"),
    "aws_iam_instance_profile": _type(f"arn= name?= role? path? {_TAGS}"),
    "aws_iam_openid_connect_provider": _type(
        f"arn= url! client_id_list!:list thumbprint_list?=:list {_TAGS}"
    ),
    "aws_s3_bucket": _type(
        f"arn= bucket?= bucket_prefix?= force_destroy?:bool region= bucket_domain_name= {_TAGS}"
    ),
    "aws_s3_bucket_policy": _type("bucket! policy!"),
    "aws_sqs_queue": _type(f"arn= name?= name_prefix?= url= policy?= fifo_queue?:bool {_TAGS}"),
    "aws_sqs_queue_policy": _type("queue_url! policy!"),
    "aws_sns_topic": _type(f"arn= name?= name_prefix?= policy?= {_TAGS}"),
    "aws_sns_topic_policy": _type("arn! policy!"),
    "aws_kms_key": _type(
        f"arn= key_id= description? policy?= enable_key_rotation?:bool deletion_window_in_days?:number {_TAGS}"
    ),
    "aws_kms_alias": _type("arn= name! target_key_id!"),
    "aws_dynamodb_table": _type(f"arn= name! hash_key? stream_arn= billing_mode? {_TAGS}"),
    "aws_cloudwatch_log_group": _type(
        f"arn= name?= name_prefix?= retention_in_days?:number {_TAGS}"
    ),
    "aws_secretsmanager_secret": _type(f"arn= name?= name_prefix?= policy?= {_TAGS}"),
    "aws_secretsmanager_secret_policy": _type("secret_arn! policy!"),
    "aws_ecr_repository": _type(f"arn= name! repository_url= {_TAGS}"),
    "aws_ecr_repository_policy": _type("repository! policy!"),
    "aws_lambda_function": _type(
        f"arn= function_name! role! handler? runtime? filename? invoke_arn= {_TAGS}"
    ),
    "aws_organizations_policy": _type(f"arn= name! content! type? description? {_TAGS}"),
    "aws_ssoadmin_permission_set": _type(f"arn= name! instance_arn! session_duration? {_TAGS}"),
    "aws_ssoadmin_permission_set_inline_policy": _type(
        "instance_arn! permission_set_arn! inline_policy!"
    ),
    "aws_ssoadmin_managed_policy_attachment": _type(
        "instance_arn! permission_set_arn! managed_policy_arn! managed_policy_name="
    ),
    "aws_vpc_endpoint": _type(f"arn= vpc_id! service_name! policy?= {_TAGS}"),
}

NAMES = {"aws_s3_bucket": "bucket", "aws_lambda_function": "function_name"}
"""The argument that holds a resource's name, where it is not `name`."""

_IAM = "arn:aws:iam::123456789012"
_HERE = "us-east-1:123456789012"

ARNS = {
    "aws_iam_role": _IAM + ":role{path}{name}",
    "aws_iam_user": _IAM + ":user{path}{name}",
    "aws_iam_group": _IAM + ":group{path}{name}",
    "aws_iam_policy": _IAM + ":policy{path}{name}",
    "aws_iam_instance_profile": _IAM + ":instance-profile{path}{name}",
    "aws_iam_openid_connect_provider": _IAM + ":oidc-provider/{url}",
    "aws_s3_bucket": "arn:aws:s3:::{name}",
    "aws_sqs_queue": f"arn:aws:sqs:{_HERE}:{{name}}",
    "aws_sns_topic": f"arn:aws:sns:{_HERE}:{{name}}",
    "aws_kms_key": f"arn:aws:kms:{_HERE}:key/{{name}}",
    "aws_dynamodb_table": f"arn:aws:dynamodb:{_HERE}:table/{{name}}",
    "aws_cloudwatch_log_group": f"arn:aws:logs:{_HERE}:log-group:{{name}}",
    "aws_secretsmanager_secret": f"arn:aws:secretsmanager:{_HERE}:secret:{{name}}-AbCdEf",
    "aws_ecr_repository": f"arn:aws:ecr:{_HERE}:repository/{{name}}",
    "aws_lambda_function": f"arn:aws:lambda:{_HERE}:function:{{name}}",
}
"""What the deployment would answer, for plans in which everything is known."""
