"""The table of policy properties against the provider schemas that cfn-lint bundles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iamlint.sources.cloudformation.properties import (
    BOUNDARIES,
    IDENTITY_DOCUMENTS,
    MANAGED_ARNS,
    NO_IAM,
    RESOURCE_DOCUMENTS,
)

pytestmark = pytest.mark.slow

NAME = re.compile(r"(?:Polic(?:y|ies)|PolicyDocument|PolicyText|PolicyTemplate|Statement)\Z")

OTHER_LANGUAGES = """
    AWS::ApiGateway::DomainName/SecurityPolicy
    AWS::ApiGateway::DomainNameV2/SecurityPolicy
    AWS::ApiGateway::RestApi/SecurityPolicy
    AWS::ApiGatewayV2::DomainName/DomainNameConfigurations/*/SecurityPolicy
    AWS::Athena::PreparedStatement/QueryStatement
    AWS::Batch::JobDefinition/EksProperties/PodProperties/Containers/*/ImagePullPolicy
    AWS::Batch::JobDefinition/EksProperties/PodProperties/DnsPolicy
    AWS::Batch::JobDefinition/EksProperties/PodProperties/InitContainers/*/ImagePullPolicy
    AWS::Batch::JobDefinition/NodeProperties/NodeRangeProperties/*/EksProperties/PodProperties/Containers/*/ImagePullPolicy
    AWS::Batch::JobDefinition/NodeProperties/NodeRangeProperties/*/EksProperties/PodProperties/DnsPolicy
    AWS::Batch::JobDefinition/NodeProperties/NodeRangeProperties/*/EksProperties/PodProperties/InitContainers/*/ImagePullPolicy
    AWS::Bedrock::RetrievalInstruction/Instruction/AnswerPolicy
    AWS::BedrockAgentCore::Policy/Definition/Cedar/Statement
    AWS::BedrockAgentCore::Policy/Definition/Policy/Statement
    AWS::CloudFront::Distribution/DistributionConfig/CacheBehaviors/*/ViewerProtocolPolicy
    AWS::CloudFront::Distribution/DistributionConfig/CustomOrigin/OriginProtocolPolicy
    AWS::CloudFront::Distribution/DistributionConfig/Origins/*/CustomOriginConfig/OriginProtocolPolicy
    AWS::CloudFront::ResponseHeadersPolicy/ResponseHeadersPolicyConfig/SecurityHeadersConfig/ContentSecurityPolicy/ContentSecurityPolicy
    AWS::Config::ConfigRule/Source/CustomPolicyDetails/PolicyText
    AWS::Config::OrganizationConfigRule/OrganizationCustomPolicyRuleMetadata/PolicyText
    AWS::DMS::Endpoint/MicrosoftSqlServerSettings/SafeguardPolicy
    AWS::EC2::ClientVpnEndpoint/AuthorizationPolicy/PolicyDocument
    AWS::EC2::VerifiedAccessEndpoint/PolicyDocument
    AWS::EC2::VerifiedAccessGroup/PolicyDocument
    AWS::ECR::Repository/LifecyclePolicy/LifecyclePolicyText
    AWS::ECR::RepositoryCreationTemplate/LifecyclePolicy
    AWS::ElasticLoadBalancingV2::Listener/SslPolicy
    AWS::Elasticsearch::Domain/DomainEndpointOptions/TLSSecurityPolicy
    AWS::FSx::FileSystem/LustreConfiguration/AutoImportPolicy
    AWS::FSx::Volume/OntapConfiguration/SnapshotPolicy
    AWS::IoTWireless::ServiceProfile/LoRaWAN/DlRatePolicy
    AWS::IoTWireless::ServiceProfile/LoRaWAN/UlRatePolicy
    AWS::Logs::LogGroup/DataProtectionPolicy
    AWS::MediaLive::Channel/InputAttachments/*/InputSettings/AudioSelectors/*/SelectorSettings/AudioLanguageSelection/LanguageSelectionPolicy
    AWS::MediaStore::Container/LifecyclePolicy
    AWS::OpenSearchService::Domain/DomainEndpointOptions/TLSSecurityPolicy
    AWS::SNS::Subscription/DeliveryPolicy
    AWS::SNS::Subscription/FilterPolicy
    AWS::SNS::Subscription/RedrivePolicy
    AWS::SNS::Subscription/ReplayPolicy
    AWS::SNS::Topic/ArchivePolicy
    AWS::SNS::Topic/DataProtectionPolicy
    AWS::SQS::Queue/RedriveAllowPolicy
    AWS::SSM::Parameter/Policies
"""
"""Properties that are named like a policy and were read: none of them is an IAM policy."""


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    cfnlint = pytest.importorskip("cfnlint.data.schemas", reason="cfn-lint is not installed")
    folder = Path(str(cfnlint.__file__)).parent
    if not (folder / "resources").is_dir():
        pytest.skip("this cfn-lint lays its schemas out otherwise")
    for kind, name in json.loads((folder / "providers" / "us-east-1.json").read_text()).items():
        text = (folder / "resources" / f"{name}.json").read_text(encoding="utf-8")
        if "Polic" in text or "Statement" in text:
            yield kind, json.loads(text)


def documents(schema: Any, definitions: dict[str, Any], path: str, depth: int) -> Iterator[str]:
    """Paths of free-form properties that are named after a policy."""
    while isinstance(schema, dict) and "$ref" in schema:
        schema = definitions.get(schema["$ref"].rpartition("/")[2], {})
    if not isinstance(schema, dict) or depth > 7:
        return
    for name, inner in (schema.get("properties") or {}).items():
        target = inner
        while isinstance(target, dict) and "$ref" in target:
            target = definitions.get(target["$ref"].rpartition("/")[2], {})
        where = f"{path}/{name}" if path else name
        kinds = target.get("type", [])
        free = "object" in kinds or "string" in kinds
        fixed = any(key in target for key in ("enum", "properties", "pattern"))
        if NAME.search(name) and free and not fixed:
            yield where
        yield from documents(target, definitions, where, depth + 1)
    if "items" in schema:
        yield from documents(schema["items"], definitions, f"{path}/*", depth + 1)


def test_every_property_named_after_a_policy_has_been_judged() -> None:
    known = {f"{kind}/{path}" for kind, paths in RESOURCE_DOCUMENTS.items() for path in paths}
    known.add("AWS::Events::EventBusPolicy/Statement")
    known |= {f"{kind}/{path}" for kind, rows in IDENTITY_DOCUMENTS.items() for path, _ in rows}
    found = {
        f"{kind}/{path}"
        for kind, schema in schemas()
        if kind not in NO_IAM
        for path in documents(schema, schema.get("definitions", {}), "", 0)
    }
    assert sorted(found - known - set(OTHER_LANGUAGES.split())) == []


def test_every_type_of_the_table_exists() -> None:
    kinds = {kind for kind, _ in schemas()}
    written = {*RESOURCE_DOCUMENTS, *IDENTITY_DOCUMENTS, *MANAGED_ARNS, *BOUNDARIES}
    assert {kind for kind in written - kinds if not kind.startswith("AWS::Serverless::")} == set()
