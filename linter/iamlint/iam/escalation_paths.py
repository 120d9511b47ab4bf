"""The known ways in which a principal gains rights that it was not given, as data.

Sources: pathfinding.cloud (Datadog, Apache-2.0, all 65 paths of its state of 2025-12-17, under
its ids); Rhino Security Labs' list of methods (2018 to 2023) for the two that it lacks, under
`rhino-` and Rhino's number (its three on CodeStar are gone with that service, the one on
DynamoDB triggers is lambda-002); `role-` are variants in which the role is created first.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Category = Literal["self-escalation", "principal-access", "new-passrole", "existing-passrole"]

Subject = Literal["self", "policy", "role", "user", "group", "new-role", "resource"]
"""What a path turns on.

`self`: the principal itself.  `policy`: a customer managed policy attached to it.  `role`,
`user`, `group`: another principal.  `new-role`: a role created on the way.  `resource`: something
that runs with a role already (a function, an instance, a stack).
"""

Need = Literal["", "any", "privileged", "trusting"]
"""What the subject must be: any one, one with more rights, or one that trusts the principal."""


class Path(msgspec.Struct, frozen=True):
    """One way to escalate: all of `actions` must be allowed, on the subject where they are about it.

    `kind` is what the subject is (`role`, `user`, `group`, `policy`), `services` are the service
    principals to which a role is passed, any of which will do.
    """

    id: str
    category: Category
    subject: Subject
    kind: str
    need: Need
    actions: tuple[str, ...]
    services: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        if self.id.startswith("rhino-"):
            return "Rhino Security Labs"
        return "iamlint" if self.id.startswith("role-") else "pathfinding.cloud"

    @property
    def listed(self) -> bool:
        """True if it is one of the published lists."""
        return self.source != "iamlint"


_SERVICES = {
    "apprunner": ("tasks.apprunner.amazonaws.com",),
    "bedrock-agentcore": ("bedrock-agentcore.amazonaws.com",),
    "cloudformation": ("cloudformation.amazonaws.com",),
    "codebuild": ("codebuild.amazonaws.com",),
    "datapipeline": (
        "datapipeline.amazonaws.com",
        "elasticmapreduce.amazonaws.com",
        "ec2.amazonaws.com",
    ),
    "ec2": ("ec2.amazonaws.com",),
    "ecs": ("ecs-tasks.amazonaws.com",),
    "glue": ("glue.amazonaws.com",),
    "lambda": ("lambda.amazonaws.com",),
    "sagemaker": ("sagemaker.amazonaws.com",),
}

SERVICES: frozenset[str] = frozenset(name for names in _SERVICES.values() for name in names)
"""The services that run what others write with a role that was passed to them."""

_ON_PRINCIPALS = """
iam-001   self-escalation   policy    policy  -           CreatePolicyVersion
rhino-002 self-escalation   policy    policy  -           SetDefaultPolicyVersion
iam-005   self-escalation   self      role    -           PutRolePolicy
iam-007   self-escalation   self      user    -           PutUserPolicy
iam-008   self-escalation   self      user    -           AttachUserPolicy
iam-009   self-escalation   self      role    -           AttachRolePolicy
iam-010   self-escalation   self      group   -           AttachGroupPolicy
iam-011   self-escalation   self      group   -           PutGroupPolicy
iam-013   self-escalation   group     group   privileged  AddUserToGroup
role-001  principal-access  new-role  role    -           CreateRole AttachRolePolicy
role-002  principal-access  new-role  role    -           CreateRole PutRolePolicy
iam-019   principal-access  role      role    any         AttachRolePolicy UpdateAssumeRolePolicy
iam-021   principal-access  role      role    any         PutRolePolicy UpdateAssumeRolePolicy
iam-020   principal-access  role      role    any         CreatePolicyVersion UpdateAssumeRolePolicy
iam-014   principal-access  role      role    trusting    AttachRolePolicy sts:AssumeRole
iam-017   principal-access  role      role    trusting    PutRolePolicy sts:AssumeRole
iam-016   principal-access  role      role    trusting    CreatePolicyVersion sts:AssumeRole
iam-015   principal-access  user      user    any         AttachUserPolicy CreateAccessKey
iam-018   principal-access  user      user    any         PutUserPolicy CreateAccessKey
iam-012   principal-access  role      role    privileged  UpdateAssumeRolePolicy
iam-002   principal-access  user      user    privileged  CreateAccessKey
iam-003   principal-access  user      user    privileged  CreateAccessKey DeleteAccessKey
iam-004   principal-access  user      user    privileged  CreateLoginProfile
iam-006   principal-access  user      user    privileged  UpdateLoginProfile
sts-001   principal-access  role      role    privileged  sts:AssumeRole
"""

_NEW_PASSROLE = """
lambda-001 lambda:CreateFunction lambda:InvokeFunction
lambda-002 lambda:CreateFunction lambda:CreateEventSourceMapping
lambda-006 lambda:CreateFunction lambda:AddPermission
ec2-001 ec2:RunInstances
ec2-003 ec2:RequestSpotInstances
ecs-001 ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService
ecs-002 ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask
ecs-003 ecs:RegisterTaskDefinition ecs:CreateService
ecs-004 ecs:RegisterTaskDefinition ecs:RunTask
ecs-005 ecs:RegisterTaskDefinition ecs:StartTask
codebuild-001 codebuild:CreateProject codebuild:StartBuild
codebuild-004 codebuild:CreateProject codebuild:StartBuildBatch
cloudformation-001 cloudformation:CreateStack
cloudformation-003 cloudformation:CreateStackSet cloudformation:CreateStackInstances
cloudformation-004 cloudformation:UpdateStackSet
glue-001 glue:CreateDevEndpoint
glue-003 glue:CreateJob glue:StartJobRun
glue-004 glue:CreateJob glue:CreateTrigger
glue-005 glue:UpdateJob glue:StartJobRun
glue-006 glue:UpdateJob glue:CreateTrigger
sagemaker-001 sagemaker:CreateNotebookInstance
sagemaker-002 sagemaker:CreateTrainingJob
sagemaker-003 sagemaker:CreateProcessingJob
apprunner-001 apprunner:CreateService
bedrock-001 bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter
datapipeline-001 datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
"""

_EXISTING = """
lambda-004 lambda:UpdateFunctionCode lambda:InvokeFunction
lambda-005 lambda:UpdateFunctionCode lambda:AddPermission
lambda-003 lambda:UpdateFunctionCode
rhino-026 lambda:UpdateFunctionConfiguration
ssm-002 ssm:SendCommand
ssm-001 ssm:StartSession
ec2instanceconnect-003 ec2-instance-connect:SendSSHPublicKey ec2:DescribeInstances
ec2-002 ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances
ec2-004 ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate
cloudformation-002 cloudformation:UpdateStack
cloudformation-005 cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet
codebuild-002 codebuild:StartBuild
codebuild-003 codebuild:StartBuildBatch
glue-002 glue:UpdateDevEndpoint
sagemaker-004 sagemaker:CreatePresignedNotebookInstanceUrl
sagemaker-005 sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance
apprunner-002 apprunner:UpdateService
bedrock-002 bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter
"""


def _paths() -> tuple[Path, ...]:
    found: list[Path] = []
    for line in _ON_PRINCIPALS.split("\n"):
        if line:
            name, category, subject, kind, need, *actions = line.split()
            full = tuple(a if ":" in a else f"iam:{a}" for a in actions)
            needed = "" if need == "-" else need
            found.append(msgspec.convert((name, category, subject, kind, needed, full), _Row).path)
    for line in _NEW_PASSROLE.split("\n"):
        if line:
            name, *actions = line.split()
            services = _SERVICES[actions[0].partition(":")[0]]
            full = ("iam:PassRole", *actions)
            found.append(Path(name, "new-passrole", "role", "role", "privileged", full, services))
    for line in _EXISTING.split("\n"):
        if line:
            name, *actions = line.split()
            found.append(Path(name, "existing-passrole", "resource", "", "", tuple(actions)))
    return tuple(found)


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """A line of the first table, checked."""

    id: str
    category: Category
    subject: Subject
    kind: str
    need: Need
    actions: tuple[str, ...]

    @property
    def path(self) -> Path:
        return Path(self.id, self.category, self.subject, self.kind, self.need, self.actions)


PATHS: tuple[Path, ...] = _paths()
"""All paths, the worst first: they are told in this order."""

PROBES: dict[str, tuple[str, ...]] = {
    "ssm:SendCommand": (
        "arn:*:ec2:*:*:instance/i-{}",
        "arn:*:ssm:*:*:document/AWS-RunShellScript",
    ),
    "ssm:StartSession": ("arn:*:ec2:*:*:instance/i-{}",),
    "ec2:ModifyInstanceAttribute": ("arn:*:ec2:*:*:instance/i-{}",),
    "ec2:StartInstances": ("arn:*:ec2:*:*:instance/i-{}",),
    "bedrock-agentcore:StartCodeInterpreterSession": (
        "arn:*:bedrock-agentcore:*:*:code-interpreter-custom/{}",
    ),
    "bedrock-agentcore:InvokeCodeInterpreter": (
        "arn:*:bedrock-agentcore:*:*:code-interpreter-custom/{}",
    ),
    "sagemaker:CreateNotebookInstanceLifecycleConfig": (),
}
"""The resources that stand for any existing one, where an action names several kinds of them."""

SAME: tuple[frozenset[str], ...] = (
    frozenset({"lambda:CreateFunction", "lambda:InvokeFunction", "lambda:AddPermission"}),
    frozenset({"codebuild:CreateProject", "codebuild:StartBuild", "codebuild:StartBuildBatch"}),
    frozenset({"glue:CreateJob", "glue:UpdateJob", "glue:StartJobRun"}),
    frozenset({"ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:StartTask"}),
    frozenset({"iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"}),
)
"""Actions that must be allowed on one and the same resource to make a path."""

DOES: dict[str, str] = {
    "apprunner:CreateService": "starts a service that runs with it",
    "apprunner:UpdateService": "gives any service an image of its own",
    "bedrock-agentcore:CreateCodeInterpreter": "makes a code interpreter that runs with it",
    "bedrock-agentcore:InvokeCodeInterpreter": "runs code in it",
    "bedrock-agentcore:StartCodeInterpreterSession": "opens a session of the code interpreter",
    "cloudformation:CreateChangeSet": "writes a change of any stack",
    "cloudformation:CreateStack": "creates a stack, whose resources are made with it",
    "cloudformation:CreateStackInstances": "rolls the stack set out, with that role",
    "cloudformation:CreateStackSet": "creates a stack set that is administered with it",
    "cloudformation:ExecuteChangeSet": "has it carried out with the role of the stack",
    "cloudformation:UpdateStack": "gives any stack a template of its own, carried out with the role of the stack",
    "cloudformation:UpdateStackSet": "gives a stack set a template of its own and that role",
    "codebuild:CreateProject": "creates a build project that runs with it",
    "codebuild:StartBuild": "starts the build, with commands of its own",
    "codebuild:StartBuildBatch": "starts the batch build, with commands of its own",
    "datapipeline:ActivatePipeline": "runs it",
    "datapipeline:CreatePipeline": "creates a pipeline",
    "datapipeline:PutPipelineDefinition": "gives it commands and that role",
    "ec2-instance-connect:SendSSHPublicKey": "puts its SSH key on any instance",
    "ec2:CreateLaunchTemplateVersion": "writes a new version of any launch template",
    "ec2:DescribeInstances": "finds the instances",
    "ec2:ModifyInstanceAttribute": "changes the user data of any instance, which runs as root",
    "ec2:ModifyLaunchTemplate": "makes it the one that new instances start from",
    "ec2:RequestSpotInstances": "starts a spot instance with it",
    "ec2:RunInstances": "starts an instance with it",
    "ec2:StartInstances": "starts it again, and the user data runs",
    "ec2:StopInstances": "stops it",
    "ecs:CreateCluster": "creates a cluster",
    "ecs:CreateService": "runs it as a service",
    "ecs:RegisterTaskDefinition": "registers a task that runs with it",
    "ecs:RunTask": "runs the task",
    "ecs:StartTask": "starts the task on an instance",
    "glue:CreateDevEndpoint": "makes a development endpoint with it, which takes SSH",
    "glue:CreateJob": "creates a job that runs with it",
    "glue:CreateTrigger": "has a trigger start the job",
    "glue:StartJobRun": "runs the job",
    "glue:UpdateDevEndpoint": "puts its SSH key on any development endpoint",
    "glue:UpdateJob": "gives a job a script of its own and that role",
    "iam:AddUserToGroup": "joins a group that has more rights",
    "iam:AttachGroupPolicy": "attaches AdministratorAccess to the group",
    "iam:AttachRolePolicy": "attaches AdministratorAccess to the role",
    "iam:AttachUserPolicy": "attaches AdministratorAccess to the user",
    "iam:CreateAccessKey": "makes an access key of the user, and acts as that user",
    "iam:CreateLoginProfile": "gives a user a password, and signs in as that user",
    "iam:CreatePolicyVersion": "writes a version of the policy that allows everything",
    "iam:CreateRole": "creates a role that trusts it",
    "iam:DeleteAccessKey": "removes an old key to make room for a new one",
    "iam:PassRole": "passes the role to a service",
    "iam:PutGroupPolicy": "writes an inline policy of the group that allows everything",
    "iam:PutRolePolicy": "writes an inline policy of the role that allows everything",
    "iam:PutUserPolicy": "writes an inline policy of the user that allows everything",
    "iam:SetDefaultPolicyVersion": "brings back an older version of the policy that allows more",
    "iam:UpdateAssumeRolePolicy": "makes the role trust it, and so assumes it",
    "iam:UpdateLoginProfile": "sets the password of a user, and signs in as that user",
    "lambda:AddPermission": "lets itself invoke the function",
    "lambda:CreateEventSourceMapping": "has an event source start the function",
    "lambda:CreateFunction": "creates a function that runs with it",
    "lambda:InvokeFunction": "runs the function",
    "lambda:UpdateFunctionCode": "gives any function code of its own",
    "lambda:UpdateFunctionConfiguration": "puts a layer with code of its own into any function",
    "sagemaker:CreateNotebookInstance": "makes a notebook that runs with it",
    "sagemaker:CreateNotebookInstanceLifecycleConfig": "writes a start script for notebooks",
    "sagemaker:CreatePresignedNotebookInstanceUrl": "opens any notebook",
    "sagemaker:CreateProcessingJob": "runs a processing job with it",
    "sagemaker:CreateTrainingJob": "runs a training job with it",
    "sagemaker:StartNotebookInstance": "starts it, and the script runs",
    "sagemaker:StopNotebookInstance": "stops any notebook",
    "sagemaker:UpdateNotebookInstance": "gives it the script",
    "ssm:SendCommand": "runs commands as root on any managed instance",
    "ssm:StartSession": "opens a shell on any managed instance",
    "sts:AssumeRole": "assumes the role",
}
"""What the principal does with each action, after its name in a step."""
