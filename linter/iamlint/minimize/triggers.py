"""Actions without an API call of their own: which calls they take effect in."""

from __future__ import annotations

from functools import lru_cache

from iamlint.iam import pattern

_LOG_DELIVERY = (
    "apigateway:*",
    "bedrock*:*",
    "cloudfront:*",
    "cognito-idp:*",
    "ec2:CreateFlowLogs",
    "ec2:DeleteFlowLogs",
    "ec2:*VerifiedAccess*",
    "ecs:*",
    "eks:*",
    "elasticache:*",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "events:*",
    "firehose:*",
    "globalaccelerator:*",
    "ivschat:*",
    "kafka:*",
    "kafkaconnect:*",
    "logs:*Delivery*",
    "mediapackage*:*",
    "mediatailor:*",
    "memorydb:*",
    "network-firewall:*",
    "pipes:*",
    "rds:*",
    "route53:*",
    "route53resolver:*",
    "ses:*",
    "states:CreateStateMachine",
    "states:UpdateStateMachine",
    "transfer:*",
    "vpc-lattice:*",
    "waf*:*",
    "workspaces*:*",
)
"""Calls that set up the delivery of a service's logs (CloudWatch Logs User Guide,
AWS-logs-and-resource-policy).  Whole services where many of their calls do."""

_REPLICATION = ("s3:*Object*@s3.amazonaws.com",)

_CROSS_REGION = (
    "rds:Copy*",
    "rds:Create*",
    "rds:*Global*",
    "rds:PromoteReadReplica*",
    "rds:Restore*",
    "rds:*Replication",
)
"""RDS calls that may reach into a second region (RDS User Guide, USER_CopySnapshot and
USER_ReadRepl.XRgn)."""

_ECS_AGENT = (
    "ecs:DiscoverPollEndpoint",
    "ecs:RegisterContainerInstance",
    "ecs:Submit*StateChange*",
)
"""What the agent on a container instance calls, recorded, beside its connections."""

_INTEGRATIONS = ("*:CreateIntegration", "*:ModifyIntegration", "glue:*Integration*")
"""Zero-ETL integrations, which the target's owner has to let in."""

TRIGGERS: dict[str, tuple[str, ...]] = {
    "logs:Unmask": (
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetLogRecord",
        "logs:GetQueryResults",
        "logs:StartLiveTail",
        "logs:StartQuery",
    ),
    "logs:StopLiveTail": ("logs:StartLiveTail",),
    "logs:CreateLogDelivery": _LOG_DELIVERY,
    "logs:UpdateLogDelivery": _LOG_DELIVERY,
    "logs:DeleteLogDelivery": _LOG_DELIVERY,
    "logs:GetLogDelivery": _LOG_DELIVERY,
    "logs:ListLogDeliveries": _LOG_DELIVERY,
    "logs:IntegrateWithS3Table": ("observabilityadmin:*S3Table*", "logs:*S3Table*"),
    "logs:PutPipelineRule": ("observabilityadmin:*Pipeline*",),
    "logs:DeletePipelineRule": ("observabilityadmin:*Pipeline*",),
    "logs:ProcessWithPipeline": ("observabilityadmin:*Pipeline*",),
    "logs:IntegrateWithDataset": ("observabilityadmin:*Dataset*", "cloudwatch:*Dataset*"),
    "logs:ListEntitiesForLogGroup": ("application-signals:*", "logs:StartQuery"),
    "logs:ListLogGroupsForEntity": ("application-signals:*", "logs:StartQuery"),
    "cloudwatch:GenerateQuery": (
        "logs:StartQuery",
        "logs:GetQueryResults",
        "config:SelectResourceConfig",
    ),
    "cloudwatch:GenerateQueryResultsSummary": ("logs:StartQuery", "logs:GetQueryResults"),
    "cloudwatch:GetServiceData": ("application-signals:*", "xray:*"),
    "cloudwatch:GetTopologyDiscoveryStatus": ("application-signals:*", "xray:*"),
    "cloudwatch:ListEntitiesForMetric": ("application-signals:*", "cloudwatch:*Metric*"),
    "cloudwatch:PutPipelineRule": ("observabilityadmin:*Pipeline*",),
    "cloudwatch:DeletePipelineRule": ("observabilityadmin:*Pipeline*",),
    "ecr:BatchImportUpstreamImage": (
        "ecr:BatchGetImage",
        "ecr:CreatePullThroughCacheRule",
        "ecr:GetDownloadUrlForLayer",
    ),
    "ecr:ReplicateImage": ("ecr:PutReplicationConfiguration",),
    "ecs:Poll": _ECS_AGENT,
    "ecs:StartTelemetrySession": _ECS_AGENT,
    "ecs:PutSystemLogEvents": _ECS_AGENT,
    "glue:AuthorizeInboundIntegration": _INTEGRATIONS,
    "glue:CreateInboundIntegration": _INTEGRATIONS,
    "kms:SynchronizeMultiRegionKey": ("kms:ReplicateKey", "kms:UpdatePrimaryRegion"),
    "lambda:PassCapacityProvider": ("lambda:Create*", "lambda:Publish*", "lambda:Update*"),
    "lambda:PassNetworkConnector": ("lambda:Create*", "lambda:Run*", "lambda:Update*"),
    "rds:CopyCustomDBEngineVersion": ("rds:CreateCustomDBEngineVersion",),
    "rds:CrossRegionCommunication": _CROSS_REGION,
    "redshift:AuthorizeInboundIntegration": _INTEGRATIONS,
    "redshift:CreateInboundIntegration": _INTEGRATIONS,
    "ses:ReplicateEmailIdentityDkimSigningKey": ("ses:*EmailIdentity*", "ses:*MultiRegion*"),
    "ssm:GetCalendar": ("ssm:GetCalendarState", "ssm:*Document*", "ssm:StartAutomationExecution"),
    "ssm:PutCalendar": ("ssm:*Document*",),
    "ssm:GetManifest": ("ssm:SendCommand", "ssm:UpdateInstanceInformation"),
    "ssm:PutConfigurePackageResult": ("ssm:SendCommand", "ssm:UpdateInstanceInformation"),
    "states:RevealSecrets": ("states:TestState",),
    "sts:TagSession": ("sts:AssumeRole*", "sts:GetFederationToken"),
    "sts:SetSourceIdentity": ("sts:AssumeRole*",),
    "sts:SetContext": ("sts:AssumeRole*",),
    "lambda:EnableReplication": (
        "cloudfront:CreateDistribution*",
        "cloudfront:UpdateDistribution*",
    ),
    "lambda:DisableReplication": (
        "cloudfront:DeleteDistribution",
        "cloudfront:UpdateDistribution*",
    ),
    "s3:BypassGovernanceRetention": (
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectRetention",
    ),
    "s3:GetObjectVersionAnnotationForReplication": _REPLICATION,
    "s3:GetObjectVersionForReplication": _REPLICATION,
    "s3:ObjectOwnerOverrideToBucketOwner": _REPLICATION,
    "s3:ReplicateDelete": _REPLICATION,
    "s3:ReplicateObject": _REPLICATION,
    "s3:ReplicateObjectAnnotation": _REPLICATION,
    "s3:ReplicateTags": _REPLICATION,
    "s3:InitiateReplication": ("s3:CreateJob",),
}
"""Action that cannot be seen -> the calls, as patterns, that it takes effect in.

`@service` after a pattern: only calls that this service made for the principal.  From the
descriptions in the Service Authorization Reference.  What is not listed here and is no action's
dependent in the catalogue has no known trigger, and stays.  Not listed are those that take effect
under a role that a service assumes without a call of the role's own that is recorded
(`glue:UseMLTransforms` in a job's script).
"""

_GLOBAL_TABLES = ("dynamodb:CreateGlobalTable", "dynamodb:CreateTable", "dynamodb:Update*Table*")
"""Calls that make a table global, or another version of a global table."""


FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("*:AllowVendedLogDeliveryForResource", ("logs:*Delivery*",)),
    ("*:Link", ("oam:*Link",)),
    ("*:Inject*", ("fis:*",)),
    ("*:*WebACL*", ("waf*:*",)),
    ("*:DeleteResourcePolicy", ("ram:*",)),
    ("*:GetResourcePolicy", ("ram:*",)),
    ("*:PutResourcePolicy", ("ram:*",)),
    ("dynamodb:*Replica*", _GLOBAL_TABLES),
    ("dynamodb:*ForReplication", _GLOBAL_TABLES),
    ("dynamodb:ReplicateSettings", _GLOBAL_TABLES),
    ("dynamodb:*GlobalTableWitness", _GLOBAL_TABLES),
    ("dynamodb:UpdateGlobalTableVersion", _GLOBAL_TABLES),
    ("dynamodb:*AwsBackup*", ("backup:*",)),
    ("ec2:*ApplianceToNatGateway", ("network-firewall:*",)),
    ("ec2:*ApplianceFromNatGateway", ("network-firewall:*",)),
    ("ec2:*CoipPoolPermission", ("ram:*",)),
    ("ec2:*LocalGatewayRouteTablePermission*", ("ram:*",)),
    ("ec2:*OdbNetworkPeering", ("odb:*",)),
    ("ec2:ImportByoipCidrToIpam", ("ec2:*Byoip*", "ec2:*Ipam*")),
    ("ec2:PauseVolumeIO", ("fis:*",)),
    ("ec2:SendSpotInstanceInterruptions", ("fis:*",)),
    ("elasticache:InterruptClusterAzPower", ("fis:*",)),
    ("s3:PauseReplication", ("fis:*",)),
)
"""The same for families of actions without a call of their own, as patterns of their names."""


@lru_cache(maxsize=4096)
def triggers(action: str) -> tuple[str, ...]:
    """The calls, as patterns, that an action without one of its own takes effect in, if known."""
    own = TRIGGERS.get(action)
    if own is not None:
        return own
    return next(
        (calls for name, calls in FAMILIES if pattern.matches(name, action, ignore_case=True)), ()
    )


USERS_ONLY = frozenset({"logs:CallWithBearerToken", "bedrock:CallWithBearerToken"})
"""They take effect with a service-specific credential, which only IAM users have."""

FOLLOWS: dict[str, str] = {"logs:PutLogEvents": "logs:CreateLogStream"}
"""An action that is never recorded -> the recorded one that opens what it works on.

A writer of logs makes the streams that it writes to, so the groups in which a principal made
streams are those that it writes to.
"""

PASSED_TO: dict[str, str] = {
    "cloudformation:CreateChangeSet": "cloudformation.amazonaws.com",
    "cloudformation:CreateStack": "cloudformation.amazonaws.com",
    "cloudformation:UpdateStack": "cloudformation.amazonaws.com",
    "codebuild:CreateProject": "codebuild.amazonaws.com",
    "codebuild:UpdateProject": "codebuild.amazonaws.com",
    "codepipeline:CreatePipeline": "codepipeline.amazonaws.com",
    "codepipeline:UpdatePipeline": "codepipeline.amazonaws.com",
    "ec2:AssociateIamInstanceProfile": "ec2.amazonaws.com",
    "ec2:ReplaceIamInstanceProfileAssociation": "ec2.amazonaws.com",
    "ec2:RunInstances": "ec2.amazonaws.com",
    "ecs:RegisterTaskDefinition": "ecs-tasks.amazonaws.com",
    "ecs:RunTask": "ecs-tasks.amazonaws.com",
    "firehose:CreateDeliveryStream": "firehose.amazonaws.com",
    "glue:CreateCrawler": "glue.amazonaws.com",
    "glue:CreateJob": "glue.amazonaws.com",
    "glue:UpdateJob": "glue.amazonaws.com",
    "lambda:CreateFunction": "lambda.amazonaws.com",
    "lambda:UpdateFunctionConfiguration": "lambda.amazonaws.com",
    "sagemaker:CreateModel": "sagemaker.amazonaws.com",
    "sagemaker:CreateTrainingJob": "sagemaker.amazonaws.com",
    "scheduler:CreateSchedule": "scheduler.amazonaws.com",
    "scheduler:UpdateSchedule": "scheduler.amazonaws.com",
    "states:CreateStateMachine": "states.amazonaws.com",
    "states:UpdateStateMachine": "states.amazonaws.com",
}
"""Call -> the service principal that it passes a role to (`iam:PassedToService`)."""
