"""Attributes that iamlint knows more about than their configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.terraform.rendering import from_plain
from iamlint.sources.terraform.values import Encoded, text_of
from iamlint.text import Place, SourceText
from iamlint.tree import Hole, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.terraform.instance import Instance

IDS = {
    "aws_iam_role": "name", "aws_iam_user": "name", "aws_iam_group": "name",
    "aws_iam_instance_profile": "name", "aws_s3_bucket": "bucket",
    "aws_cloudwatch_log_group": "name", "aws_dynamodb_table": "name", "aws_ecr_repository": "name",
    "aws_ecs_service": "id", "aws_lambda_function": "function_name", "aws_eks_cluster": "name",
    "aws_codebuild_project": "id", "aws_kinesis_stream": "arn", "aws_secretsmanager_secret": "arn",
    "aws_sns_topic": "arn", "aws_iam_policy": "arn", "aws_sfn_state_machine": "arn",
    "aws_ssm_parameter": "name", "aws_ecs_cluster": "arn", "aws_iam_openid_connect_provider": "arn",
    "aws_iam_saml_provider": "arn",
}  # fmt: skip
"""What the `id` of a resource is."""

_DATA_HOLES = {
    ("aws_caller_identity", "account_id"): "account",
    ("aws_caller_identity", "id"): "account",
    ("aws_region", "name"): "region",
    ("aws_region", "region"): "region",
    ("aws_region", "id"): "region",
    ("aws_partition", "partition"): "partition",
    ("aws_partition", "id"): "partition",
}


def special(instance: Instance, name: str, place: Place) -> Node | None:
    """The attribute's value if it is more than what is configured; None otherwise."""
    kind = instance.type
    if instance.mode == "data":
        return _data(instance, kind, name, place)
    if name == "id":
        alias = IDS.get(kind)
        if alias is not None and alias != "id":
            configured = instance.get(alias) if alias != "arn" else None
            if configured is not None:
                return configured
            shape = "resource" if alias == "arn" else "name"
            return Scalar(place=place, value=Text((instance.hole("id", shape),)))
    elif name == "arn":
        return Scalar(place=place, value=Text((instance.hole("arn", "resource"),)))
    elif name == "output" and kind == "terraform_data":
        return instance.get("input")
    return None


def _data(instance: Instance, kind: str, name: str, place: Place) -> Node | None:
    shape = _DATA_HOLES.get((kind, name))
    if shape is not None:
        if (kind, name) == ("aws_region", "name") and instance.declared.get("name"):
            return None
        from iamlint.sources.terraform.deployment import told

        value = told(instance, shape, place)
        if value is not None:
            return value
        hole = Hole(f"{instance.expression}.{name}", shape, _provider_scope(instance))  # type: ignore[arg-type]
        return Scalar(place=place, value=Text((hole,)))
    if kind == "aws_iam_policy_document" and name in ("json", "minified_json"):
        from iamlint.sources.terraform.policy_document import document

        instance.asked = True
        return document(instance)
    if kind == "aws_iam_policy" and name in ("arn", "id", "policy"):
        return _managed(instance, name, place)
    if kind == "template_file" and name == "rendered":
        return _template_file(instance, place)
    if kind == "local_file" and name == "content":
        path = instance.get("filename")
        literal = text_of(path).literal if path is not None else None
        found = instance.module.open_file(literal) if literal is not None else "is not known"
        if isinstance(found, SourceText):
            from iamlint.text import Span

            return Scalar(place=Place(found, Span(0, len(found.text))), value=found.text)
    return None


def _provider_scope(instance: Instance) -> str:
    """Names that mean the deployment's own account and region differ by provider alone."""
    provider = instance.declared.get("provider")
    if provider is None:
        return ""
    return provider.source.text[provider.expr.start : provider.expr.end]


def _managed(instance: Instance, name: str, place: Place) -> Node | None:
    """A managed policy that is looked up by its ARN or its name."""
    from iamlint.iam import managed

    given = instance.get("arn") or instance.get("name")
    if given is None or not isinstance(given, Scalar) or given.text is None:
        return None
    found = managed.lookup(given.text)
    if name == "policy":
        if found is None:
            return None
        return Encoded(
            place=given.place, content=from_plain(found.document, given.place), form="value"
        )
    if instance.get("arn") is not None:
        return given
    if found is None:
        return None
    partition = Hole("data.aws_partition.current.partition", "partition")
    _, head, rest = found.arn("‹›").partition("arn:")
    parts = Text.of(head, partition, rest.removeprefix("‹›"))
    return Scalar(place=given.place, value=parts, possible=given.possible)


def _template_file(instance: Instance, place: Place) -> Node | None:
    """The `template_file` data source of the retired template provider."""
    template, variables = instance.get("template"), instance.get("vars")
    if not isinstance(template, Scalar) or template.value != template.place.text:
        return None
    given = variables if variables is not None else from_plain({}, place)
    return instance.module.render(template.place.source, given, place)
