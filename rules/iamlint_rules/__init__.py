"""The built-in rule pack, loaded through the same entry point as any third party's."""

from __future__ import annotations

from iamlint_rules.breadth.administrator_access import AdministratorAccess
from iamlint_rules.breadth.allow_not_action import AllowNotAction
from iamlint_rules.breadth.allow_not_resource import AllowNotResource
from iamlint_rules.breadth.assume_any_role import AssumeAnyRole
from iamlint_rules.breadth.credentials_exposure import CredentialsExposure
from iamlint_rules.breadth.data_exfiltration import DataExfiltration
from iamlint_rules.breadth.deprecated_managed_policy import DeprecatedManagedPolicy
from iamlint_rules.breadth.full_access_managed_policy import FullAccessManagedPolicy
from iamlint_rules.breadth.infrastructure_modification import InfrastructureModification
from iamlint_rules.breadth.no_permissions_boundary import NoPermissionsBoundary
from iamlint_rules.breadth.pass_role_any import PassRoleAny
from iamlint_rules.breadth.permissions_management import PermissionsManagement
from iamlint_rules.breadth.power_user_access import PowerUserAccess
from iamlint_rules.breadth.read_only_suffices import ReadOnlySuffices
from iamlint_rules.breadth.service_wildcard import ServiceWildcard
from iamlint_rules.breadth.wildcard_action import WildcardAction
from iamlint_rules.breadth.wildcard_resource import WildcardResource
from iamlint_rules.escalation.exposed_compute_with_broad_role import ExposedComputeWithBroadRole
from iamlint_rules.escalation.privilege_escalation import PrivilegeEscalation
from iamlint_rules.escalation.role_chain_to_admin import RoleChainToAdmin
from iamlint_rules.external.confused_deputy import ConfusedDeputy
from iamlint_rules.external.external_access import ExternalAccess
from iamlint_rules.external.lambda_permission_without_source import LambdaPermissionWithoutSource
from iamlint_rules.external.public_access import PublicAccess
from iamlint_rules.external.resource_policy_lockout import ResourcePolicyLockout
from iamlint_rules.external.resource_policy_wildcard_action import ResourcePolicyWildcardAction
from iamlint_rules.external.unauthenticated_identity import UnauthenticatedIdentity
from iamlint_rules.hygiene.access_analyzer_missing import AccessAnalyzerMissing
from iamlint_rules.hygiene.access_key_in_iac import AccessKeyInIac
from iamlint_rules.hygiene.compute_without_role import ComputeWithoutRole
from iamlint_rules.hygiene.console_user_without_mfa import ConsoleUserWithoutMfa
from iamlint_rules.hygiene.exclusive_attachment import ExclusiveAttachment
from iamlint_rules.hygiene.hard_coded_partition_or_account import HardCodedPartitionOrAccount
from iamlint_rules.hygiene.inline_policy import InlinePolicy
from iamlint_rules.hygiene.policy_on_user import PolicyOnUser
from iamlint_rules.hygiene.weak_password_policy import WeakPasswordPolicy
from iamlint_rules.organization.forbidden_access import ForbiddenAccess
from iamlint_rules.organization.required_condition import RequiredCondition
from iamlint_rules.trust.cross_account_trust_without_external_id import (
    CrossAccountTrustWithoutExternalId,
)
from iamlint_rules.trust.force_mfa_gap import ForceMfaGap
from iamlint_rules.trust.mfa_condition_ineffective import MfaConditionIneffective
from iamlint_rules.trust.no_mfa_enforcement import NoMfaEnforcement
from iamlint_rules.trust.oidc_trust_too_broad import OidcTrustTooBroad
from iamlint_rules.trust.saml_trust_without_audience import SamlTrustWithoutAudience
from iamlint_rules.trust.trust_any_principal import TrustAnyPrincipal
from iamlint_rules.trust.trust_whole_account import TrustWholeAccount
from iamlint_rules.trust.trust_without_mfa import TrustWithoutMfa
from iamlint_rules.usage.denied_but_needed import DeniedButNeeded
from iamlint_rules.usage.resource_wider_than_used import ResourceWiderThanUsed
from iamlint_rules.usage.root_used import RootUsed
from iamlint_rules.usage.sensitive_use_without_mfa import SensitiveUseWithoutMfa
from iamlint_rules.usage.unused_managed_policy import UnusedManagedPolicy
from iamlint_rules.usage.unused_permission import UnusedPermission
from iamlint_rules.usage.unused_principal import UnusedPrincipal
from iamlint_rules.usage.unused_service import UnusedService
from iamlint_rules.usage.usage_not_conclusive import UsageNotConclusive
from iamlint_rules.usage.used_but_not_granted import UsedButNotGranted
from iamlint_rules.validity.action_resource_mismatch import ActionResourceMismatch
from iamlint_rules.validity.condition_always_true import ConditionAlwaysTrue
from iamlint_rules.validity.condition_type_mismatch import ConditionTypeMismatch
from iamlint_rules.validity.ineffective_statement import IneffectiveStatement
from iamlint_rules.validity.invalid_arn import InvalidArn
from iamlint_rules.validity.invalid_principal import InvalidPrincipal
from iamlint_rules.validity.invalid_sid import InvalidSid
from iamlint_rules.validity.malformed_policy import MalformedPolicy
from iamlint_rules.validity.policy_too_large import PolicyTooLarge
from iamlint_rules.validity.policy_version import PolicyVersion
from iamlint_rules.validity.redundant_statement import RedundantStatement
from iamlint_rules.validity.sam_ignored_policy import SamIgnoredPolicy
from iamlint_rules.validity.unknown_action import UnknownAction
from iamlint_rules.validity.unknown_condition_key import UnknownConditionKey
from iamlint_rules.validity.unreadable_file import UnreadableFile
from iamlint_rules.validity.unresolved_policy import UnresolvedPolicy

RULES = (
    UnreadableFile,
    UnresolvedPolicy,
    UnknownAction,
    MalformedPolicy,
    InvalidArn,
    ActionResourceMismatch,
    UnknownConditionKey,
    ConditionTypeMismatch,
    ConditionAlwaysTrue,
    PolicyVersion,
    PolicyTooLarge,
    RedundantStatement,
    IneffectiveStatement,
    InvalidSid,
    InvalidPrincipal,
    SamIgnoredPolicy,
    AdministratorAccess,
    PowerUserAccess,
    FullAccessManagedPolicy,
    DeprecatedManagedPolicy,
    WildcardAction,
    ServiceWildcard,
    WildcardResource,
    AllowNotAction,
    AllowNotResource,
    CredentialsExposure,
    DataExfiltration,
    PermissionsManagement,
    InfrastructureModification,
    PassRoleAny,
    AssumeAnyRole,
    ReadOnlySuffices,
    NoPermissionsBoundary,
    ForbiddenAccess,
    RequiredCondition,
    TrustAnyPrincipal,
    TrustWithoutMfa,
    MfaConditionIneffective,
    NoMfaEnforcement,
    ForceMfaGap,
    CrossAccountTrustWithoutExternalId,
    ConfusedDeputy,
    OidcTrustTooBroad,
    SamlTrustWithoutAudience,
    TrustWholeAccount,
    UnauthenticatedIdentity,
    PublicAccess,
    ExternalAccess,
    LambdaPermissionWithoutSource,
    ResourcePolicyLockout,
    ResourcePolicyWildcardAction,
    PrivilegeEscalation,
    RoleChainToAdmin,
    ExposedComputeWithBroadRole,
    UnusedPermission,
    UnusedService,
    UnusedPrincipal,
    UnusedManagedPolicy,
    ResourceWiderThanUsed,
    DeniedButNeeded,
    UsedButNotGranted,
    UsageNotConclusive,
    SensitiveUseWithoutMfa,
    RootUsed,
    PolicyOnUser,
    InlinePolicy,
    AccessKeyInIac,
    WeakPasswordPolicy,
    ConsoleUserWithoutMfa,
    ComputeWithoutRole,
    ExclusiveAttachment,
    HardCodedPartitionOrAccount,
    AccessAnalyzerMissing,
)
