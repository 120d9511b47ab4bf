"""IAM606 compute-without-role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    MapNode,
    Node,
    Place,
    Resource,
    Rule,
    Scalar,
    Severity,
    Unknown,
    bad,
    good,
    secrets,
    tricky,
)
from iamlint_rules.hygiene.masking import masked


class ComputeWithoutRole(Rule):
    """An instance, task or function is given an access key instead of a role.

    ## What it does
    Looks for access keys in the environment of Lambda functions, ECS tasks, CodeBuild projects, App
    Runner services and Batch jobs, and in the user data of instances and launch templates:
    variables such as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` with any value, also one from a
    secret, references to an access key that the project makes, and keys that are written in the
    text. Values that cannot be keys (`test`, as for emulators) are passed over. Keys are masked in
    what iamlint prints.

    ## Why it matters
    A role's credentials change by themselves every few hours. A key that is handed over lasts until
    somebody changes it, and is shown to whoever may describe the function, task or instance.

    ## Use instead
    The role of the instance profile, task or function: AWS's SDKs find it by themselves.

    ## Fix safety
    There is no fix: the rights of the key's user must first be given to the role.

    ## References
    - [Use temporary credentials with workloads](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles)
    - [Task IAM roles](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)
    """

    code, name = "IAM606", "compute-without-role"
    severity, since = Severity.MEDIUM, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for resource in ctx.project.resources_of(*_MAPS, *_LISTS, *_USER_DATA):
            found = [*_environment(resource, ctx), *_user_data(resource, ctx)]
            for given in found[:1]:
                known = [each.secret for each in found if each.secret]
                reasons = [each for each in (given.possible, resource.possible) if each]
                yield self.finding(
                    masked(given.place, known),
                    f"`{resource.address}` is given {given.what} by its {given.where}",
                    address=resource.address,
                    advice="give it a role, and take the key away",
                    notes=[f"only {reason}" for reason in reasons],
                    confidence="possible" if reasons else "certain",
                    element=f"{resource.address} {given.where}",
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_lambda_function" "sync" {
              function_name = "sync"
              role          = "arn:aws:iam::111122223333:role/sync"
              environment {
                variables = {
                  REGION                = "eu-west-1"
                  S3_SECRET_ACCESS_KEY  = aws_iam_access_key.sync.secret
                }
              }
            }
            resource "aws_iam_access_key" "sync" {
              user = "sync"
            }
            """,
            Expected(
                at="aws_iam_access_key.sync.secret",
                message="`aws_lambda_function.sync` is given an access key by its environment",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Host:
                Type: AWS::EC2::Instance
                Properties:
                  ImageId: ami-0abcdef1234567890
                  UserData:
                    Fn::Base64: |
                      #!/bin/bash
                      export AWS_ACCESS_KEY_ID=AKIAZZ4QABCDEFGHIJ42
                      export AWS_SECRET_ACCESS_KEY=abcdefghij0123456789ABCDEFGHIJ0123456789
              Task:
                Type: AWS::ECS::TaskDefinition
                Properties:
                  ContainerDefinitions:
                    - Name: app
                      Image: app
                      Environment:
                        - {Name: AWS_ACCESS_KEY_ID, Value: !Ref KeyId}
            Parameters:
              KeyId: {Type: String}
            """,
            Expected(
                at="AKIA****************", message="`Host` is given an access key by its user data"
            ),
            Expected(at="!Ref KeyId", message="`Task` is given an access key by its environment"),
        ),
        good(
            "terraform",
            """
            resource "aws_ecs_task_definition" "app" {
              family        = "app"
              task_role_arn = "arn:aws:iam::111122223333:role/app"
              container_definitions = jsonencode([{
                name        = "app"
                image       = "app"
                environment = [{ name = "AWS_REGION", value = "eu-west-1" }]
              }])
            }
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_ecs_task_definition" "emulated" {
              family = "emulated"
              container_definitions = jsonencode([{
                name        = "app"
                image       = "localstack"
                environment = [
                  { name = "AWS_ACCESS_KEY_ID", value = "test" },
                  { name = "AWS_SECRET_ACCESS_KEY", value = "test" },
                ]
              }])
            }
            resource "aws_instance" "host" {
              user_data = <<-EOF
                #!/bin/bash
                creds=$(curl http://169.254.169.254/latest/meta-data/iam/security-credentials/app)
                export AWS_ACCESS_KEY_ID=$(echo $creds | jq -r .AccessKeyId)
              EOF
            }
            """,
            title="keys of an emulator, and those of the role itself",
        ),
        tricky(
            "terraform",
            """
            resource "aws_ecs_task_definition" "app" {
              family = "app"
              container_definitions = jsonencode([{
                name    = "app"
                image   = "app"
                secrets = [{ name = "AWS_SECRET_ACCESS_KEY", valueFrom = "arn:aws:ssm:eu-west-1:111122223333:parameter/key" }]
              }])
            }
            variable "secret" {
              sensitive = true
            }
            resource "aws_launch_template" "host" {
              user_data = base64encode(<<-EOF
                #!/bin/bash
                aws configure set aws_secret_access_key ${var.secret}
              EOF
              )
            }
            """,
            Expected(
                at='"arn:aws:ssm:eu-west-1:111122223333:parameter/key"',
                message="is given an access key from a secret by its environment",
            ),
            Expected(
                at="${var.secret}", message="`aws_launch_template.host` is given an access key"
            ),
            title="a key in a secret is still a key",
        ),
    )


_MAPS = {
    "aws_lambda_function": "environment.variables",
    "AWS::Lambda::Function": "Environment.Variables",
    "AWS::Serverless::Function": "Environment.Variables",
    "aws_apprunner_service": "source_configuration.image_repository.image_configuration.runtime_environment_variables",
}
"""Types whose environment is a map of names and values."""

_LISTS = {
    "aws_ecs_task_definition": (
        "container_definitions.environment",
        "container_definitions.secrets",
    ),
    "aws_batch_job_definition": (
        "container_properties.environment",
        "container_properties.secrets",
    ),
    "aws_codebuild_project": ("environment.environment_variable",),
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions.Environment",
        "ContainerDefinitions.Secrets",
    ),
    "AWS::Batch::JobDefinition": ("ContainerProperties.Environment", "ContainerProperties.Secrets"),
    "AWS::CodeBuild::Project": ("Environment.EnvironmentVariables",),
    "AWS::AppRunner::Service": (
        "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables",
    ),
}
"""Types whose environment is a list of maps with a name and a value."""

_USER_DATA = {
    "aws_instance": ("user_data", "user_data_base64"),
    "aws_spot_instance_request": ("user_data", "user_data_base64"),
    "aws_launch_template": ("user_data",),
    "aws_launch_configuration": ("user_data", "user_data_base64"),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData.UserData",),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
}

_KEYS = ("aws_iam_access_key", "AWS::IAM::AccessKey")
_NAME = r"""(?ix)^(?!(?:ALI|B2|CLOUDFLARE|DO_|GCS|HCLOUD|LINODE|MINIO|OCI|R2|SCW|SPACES|WASABI|YANDEX))
    (?:(?:.*_)?(?:access_?key_?id|secret_?access_?key)|aws_?(?:access|secret)_?key)$"""
"""What variables with keys of AWS are called; the excepted are those of other makers."""
_LIKE_A_KEY = r"[A-Z0-9]{16,128}|[A-Za-z0-9/+=]{40}"
_SET = r"""(?i)\b(?:aws_access_key_id|aws_secret_access_key)\b["']?\s*(?:[=:]|\s)\s*["']?([^\s"';,]+)"""


class Given:
    """A key that is handed over: where it is written, what it is, and the text to mask."""

    __slots__ = ("place", "possible", "secret", "what", "where")

    def __init__(
        self, place: Place, what: str, where: str, secret: str, possible: str | None
    ) -> None:
        self.place = place
        self.what = what
        self.where = where
        self.secret = secret
        self.possible = possible


def _environment(resource: Resource, ctx: Context) -> Iterator[Given]:
    path = _MAPS.get(resource.type)
    for variables in resource.values(path) if path else ():
        if isinstance(variables, MapNode):
            for entry in variables.entries:
                yield from _variable(str(entry.key.value), entry.value, resource, ctx)
    for path in _LISTS.get(resource.type, ()):
        for variable in resource.values(path):
            if not isinstance(variable, MapNode):
                continue
            fields = {str(e.key.value).lower().replace("_", ""): e.value for e in variable.entries}
            name, value = fields.get("name"), fields.get("value")
            kept = value is None or _text(fields.get("type")) in (
                "SECRETS_MANAGER",
                "PARAMETER_STORE",
            )
            value = value if value is not None else fields.get("valuefrom")
            if name is not None and value is not None:
                for given in _variable(_text(name), value, resource, ctx, secret=kept):
                    given.possible = given.possible or variable.possible
                    yield given


def _variable(
    name: str, value: Node, resource: Resource, ctx: Context, *, secret: bool = False
) -> Iterator[Given]:
    """An environment variable, if it hands a key over."""
    text = _text(value)
    literal = isinstance(value, Scalar) and isinstance(value.value, str)
    made = None
    # Mail by SMTP takes nothing but a key.
    if not literal and "ses_smtp" not in resource.block.text:
        made = ctx.project.resource_behind(value, resource, *_KEYS)
    named = re.match(_NAME, name) is not None
    if literal and not secret:
        if not (re.search(secrets.KEY_ID, text) or (named and re.fullmatch(_LIKE_A_KEY, text))):
            return
    elif made is None and not named:
        return
    if isinstance(value, Scalar) and value.value in (None, ""):
        return
    known = text if literal and not secret else ""
    what = "an access key from a secret" if secret else "an access key"
    yield Given(value.place, what, "environment", known, value.possible)


def _user_data(resource: Resource, ctx: Context) -> Iterator[Given]:
    for path in _USER_DATA.get(resource.type, ()):
        for node in resource.values(path):
            yield from _script(node, resource, ctx)


def _script(node: Node, resource: Resource, ctx: Context) -> Iterator[Given]:
    """The keys that a script sets: by what it is when evaluated, or else by how it is written."""
    text = written = node.place.text
    if isinstance(node, Scalar) and node.text is not None:
        text = _decoded(str(node.value))
    for match in re.finditer(_SET, text):
        value = match[1]
        literal = re.search(secrets.KEY_ID, value) or re.fullmatch(r"[A-Za-z0-9/+=]{40}", value)
        if literal or "‹" in value or _refers(value, node):
            yield _given(node, value, value if literal else "")
            return
    for key in ctx.project.resources_of(*_KEYS):
        beside = key.key.partition("#")[0] == resource.key.partition("#")[0]
        name = key.reference
        if beside and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", written):
            yield _given(node, name, "")
            return
    known = re.search(secrets.KEY_ID, text)
    if known is not None:
        yield _given(node, known[0], known[0])


def _given(node: Node, text: str, secret: str) -> Given:
    place = _within(node, text)
    if secret and secret not in place.text:
        secret = place.text  # it stands there in base64
    # What is written there is so whatever the rest of the script hangs on.
    certain = place.text != node.place.text.partition("\n")[0]
    return Given(place, "an access key", "user data", secret, None if certain else node.possible)


def _refers(value: str, node: Node) -> bool:
    """True for `${…}` of the template's own language, which Fn::Sub and Terraform fill in."""
    inner = re.match(r"\$\{([\w.:\"'\[\]-]+)\}", value)
    if inner is None or not isinstance(node, Unknown):
        return False
    terraform = inner[1].startswith(("var.", "local.", "data.", "aws_", "module."))
    return terraform or "Fn::Sub" in node.place.text or "!Sub" in node.place.text


def _decoded(text: str) -> str:
    """The text of user data that is given in base64."""
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True).decode() if len(text) > 15 else text
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def _within(node: Node, text: str) -> Place:
    """Where a text stands in a node; the beginning of the node if it is not written there."""
    place = node.place
    at = place.text.find(text)
    if at < 0 and "‹" in text:
        text = "${" + text.strip("‹›\"'") + "}"
        at = place.text.find(text)
    if at < 0:
        at, text = 0, place.text.partition("\n")[0]
    start = place.span.start + at
    return Place(place.source, type(place.span)(start, start + len(text)))


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, Scalar) else ""
