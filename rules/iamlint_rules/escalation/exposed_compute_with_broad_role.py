"""IAM403 exposed-compute-with-broad-role."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    Rule,
    Severity,
    bad,
    exposure,
    good,
    tricky,
)
from iamlint_rules.escalation.broad import Broad, broad
from iamlint_rules.words import as_written


class ExposedComputeWithBroadRole(Rule):
    """What the internet can reach carries a role with more rights than it should.

    ## What it does
    Follows the ways from the internet to instances, launch templates, ECS services, functions and
    App Runner services of the project: a public address (of its own, of its subnet, an elastic
    one) with a security group that lets anyone in and a route to an internet gateway, a load
    balancer that faces the internet, a function URL without authorization or a permission that lets
    anyone invoke a function. If the role that is found there is administrator, can gain more rights,
    or may use a whole service or read all data on every resource, the way is told step by step, each
    step at its line.

    A finding is certain only if every step is in the source. Where a route, a subnet or the range
    of addresses let in is not shown, it is possible, and a note says what is missing. Nothing is
    said if no public address or nothing that lets the internet in is shown. Functions behind an
    API are not followed.

    ## Why it matters
    Whoever gets into the software there, or makes it fetch an address of his choice, reads the
    role's credentials from its metadata and has all of its rights.

    ## Use instead
    A role with the actions and resources that the software needs; a private subnet behind a load
    balancer; `AWS_IAM` as authorization of the URL.

    ## Fix safety
    There is no fix: what may be taken away depends on what is used.

    ## References
    - [IAM roles for Amazon EC2](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html)
    - [Use IMDSv2](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html)
    - [Control access to Lambda function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)
    """

    code, name = "IAM403", "exposed-compute-with-broad-role"
    severity, since = Severity.HIGH, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for compute in exposure.computes(ctx):
            for held in compute.roles:
                rights = broad(held.owner, ctx)
                ways = exposure.ways(compute, ctx) if rights is not None else ()
                if rights is not None and ways:
                    yield self._found(compute, held, rights, ways)

    def _found(
        self,
        compute: exposure.Compute,
        held: exposure.Held,
        rights: Broad,
        ways: tuple[exposure.Way, ...],
    ) -> Finding:
        way, resource = ways[0], compute.resource
        role = held.owner.address
        labels = [
            Label(step.place, f"step {number}: {step.message}")
            for number, step in enumerate(way.steps, 1)
        ]
        last = f"step {len(labels) + 1}: it acts as `{role}`, which {rights.message}"
        labels.append(Label(rights.place, last))
        why = f"only {resource.possible}" if resource.possible else ""
        doubts = [each for each in (*way.doubts, held.doubt, rights.doubt, why) if each]
        notes = list(dict.fromkeys(doubts))
        if len(ways) > 1:
            notes.append(f"{len(ways) - 1} more way(s) in")
        severity = Severity.HIGH if rights.severity == Severity.CRITICAL else Severity.MEDIUM
        return self.finding(
            resource.place,
            f"the internet {'may reach' if doubts else 'reaches'} {compute.what}"
            f" `{resource.address}`, whose role `{role}` {rights.message}",
            owner=held.owner,
            address=resource.address,
            advice="give it a role with what it needs, or take it off the internet",
            notes=notes,
            labels=labels,
            severity=severity if not doubts else Severity(severity - 1),
            confidence="possible" if doubts else "certain",
            element=f"{as_written(resource.address)} {as_written(role)}",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_instance" "web" {
              ami                         = "ami-0abcdef1234567890"
              instance_type               = "t3.micro"
              subnet_id                   = aws_subnet.public.id
              associate_public_ip_address = true
              vpc_security_group_ids      = [aws_security_group.web.id]
              iam_instance_profile        = aws_iam_instance_profile.web.name
            }
            resource "aws_security_group" "web" {
              ingress {
                from_port   = 22
                to_port     = 22
                protocol    = "tcp"
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            resource "aws_subnet" "public" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_route_table" "public" {
              vpc_id = aws_vpc.main.id
              route {
                cidr_block = "0.0.0.0/0"
                gateway_id = aws_internet_gateway.main.id
              }
            }
            resource "aws_route_table_association" "public" {
              subnet_id      = aws_subnet.public.id
              route_table_id = aws_route_table.public.id
            }
            resource "aws_internet_gateway" "main" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_iam_instance_profile" "web" {
              role = aws_iam_role.web.name
            }
            resource "aws_iam_role" "web" {
              assume_role_policy = file("trust.json")
            }
            resource "aws_iam_role_policy_attachment" "web" {
              role       = aws_iam_role.web.name
              policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            }
            """,
            Expected(
                at='"web"',
                nth=1,
                message="the internet reaches the instance `aws_instance.web`, whose role "
                "`aws_iam_role.web` is administrator",
                severity="high",
                confidence="certain",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Webhook:
                Type: AWS::Lambda::Function
                Properties:
                  Handler: index.handler
                  Runtime: python3.12
                  Code: {S3Bucket: code, S3Key: webhook.zip}
                  Role: !GetAtt Worker.Arn
              Url:
                Type: AWS::Lambda::Url
                Properties:
                  AuthType: NONE
                  TargetFunctionArn: !GetAtt Webhook.Arn
              Anyone:
                Type: AWS::Lambda::Permission
                Properties:
                  Action: lambda:InvokeFunctionUrl
                  FunctionName: !Ref Webhook
                  FunctionUrlAuthType: NONE
                  Principal: "*"
              Worker:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: lambda.amazonaws.com}
                        Action: sts:AssumeRole
                  Policies:
                    - PolicyName: data
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - {Effect: Allow, Action: "dynamodb:*", Resource: "*"}
            """,
            Expected(
                at="Webhook",
                message="the function `Webhook`, whose role `Worker` may use `dynamodb:*`",
                severity="medium",
                confidence="certain",
            ),
            title="a function URL that asks for nothing",
        ),
        good(
            "terraform",
            """
            resource "aws_lambda_function" "hook" {
              function_name = "hook"
              role          = aws_iam_role.hook.arn
            }
            resource "aws_lambda_function_url" "hook" {
              function_name      = aws_lambda_function.hook.function_name
              authorization_type = "NONE"
            }
            resource "aws_iam_role" "hook" {
              assume_role_policy = file("trust.json")
            }
            resource "aws_iam_role_policy" "hook" {
              role = aws_iam_role.hook.id
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "dynamodb:PutItem"
                  Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/hooks"
                }]
              })
            }
            """,
            title="a public URL, and a role with what is needed",
        ),
        tricky(
            "terraform",
            """
            resource "aws_instance" "worker" {
              subnet_id              = aws_subnet.private.id
              vpc_security_group_ids = [aws_security_group.worker.id]
              iam_instance_profile   = aws_iam_instance_profile.worker.name
            }
            resource "aws_instance" "nat" {
              subnet_id                   = aws_subnet.private.id
              associate_public_ip_address = true
              vpc_security_group_ids      = [aws_security_group.worker.id]
              iam_instance_profile        = aws_iam_instance_profile.worker.name
            }
            resource "aws_security_group" "worker" {
              ingress {
                from_port   = 443
                to_port     = 443
                protocol    = "tcp"
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            resource "aws_subnet" "private" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_route_table" "private" {
              vpc_id = aws_vpc.main.id
              route {
                cidr_block     = "0.0.0.0/0"
                nat_gateway_id = aws_nat_gateway.main.id
              }
            }
            resource "aws_route_table_association" "private" {
              subnet_id      = aws_subnet.private.id
              route_table_id = aws_route_table.private.id
            }
            resource "aws_iam_instance_profile" "worker" {
              role = aws_iam_role.worker.name
            }
            resource "aws_iam_role" "worker" {
              assume_role_policy  = file("trust.json")
              managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
            }
            """,
            title="a private subnet: no public address, or no way from the internet to it",
        ),
        tricky(
            "cloudformation",
            """
            Parameters:
              Subnet: {Type: AWS::EC2::Subnet::Id}
              From: {Type: String, Default: 0.0.0.0/0}
            Resources:
              Host:
                Type: AWS::EC2::Instance
                Properties:
                  ImageId: ami-0abcdef1234567890
                  IamInstanceProfile: !Ref Profile
                  NetworkInterfaces:
                    - DeviceIndex: "0"
                      AssociatePublicIpAddress: true
                      SubnetId: !Ref Subnet
                      GroupSet: [!Ref Open]
              Open:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: ssh
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref From}
              Profile:
                Type: AWS::IAM::InstanceProfile
                Properties: {Roles: [!Ref Admin]}
              Admin:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
            """,
            Expected(
                at="Host",
                message="the internet may reach",
                severity="medium",
                confidence="possible",
                notes="which subnet it is in is not shown",
            ),
            title="open by a default, in a subnet that is not shown",
        ),
        tricky(
            "cloudformation",
            """
            Parameters:
              Boundary: {Type: String}
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Hook:
                Type: AWS::Serverless::Function
                Properties:
                  FunctionUrlConfig: {AuthType: NONE}
                  Policies: [AdministratorAccess]
                  PermissionsBoundary: !Ref Boundary
              Inner:
                Type: AWS::Serverless::Function
                Properties:
                  FunctionUrlConfig: {AuthType: AWS_IAM}
                  Policies: [AdministratorAccess]
            """,
            Expected(
                at="Hook",
                message="the internet may reach the function `Hook`",
                confidence="possible",
                notes="what its permissions boundary lets through is not shown",
            ),
            title="a boundary that is not shown, and a URL that demands signing",
        ),
        tricky(
            "terraform",
            """
            resource "aws_ecs_service" "api" {
              name            = "api"
              task_definition = aws_ecs_task_definition.api.arn
              launch_type     = "FARGATE"
              network_configuration {
                subnets         = ["subnet-0abc"]
                security_groups = [aws_security_group.task.id]
              }
              load_balancer {
                target_group_arn = aws_lb_target_group.api.arn
                container_name   = "api"
                container_port   = 8080
              }
            }
            resource "aws_ecs_task_definition" "api" {
              family        = "api"
              task_role_arn = aws_iam_role.api.arn
            }
            resource "aws_security_group" "task" {}
            resource "aws_lb" "api" {
              internal        = false
              security_groups = [aws_security_group.lb.id]
            }
            resource "aws_security_group" "lb" {}
            resource "aws_vpc_security_group_ingress_rule" "https" {
              security_group_id = aws_security_group.lb.id
              cidr_ipv4         = "0.0.0.0/0"
              from_port         = 443
              to_port           = 443
              ip_protocol       = "tcp"
            }
            resource "aws_lb_target_group" "api" {
              port = 8080
            }
            resource "aws_lb_listener" "api" {
              load_balancer_arn = aws_lb.api.arn
              default_action {
                type             = "forward"
                target_group_arn = aws_lb_target_group.api.arn
              }
            }
            resource "aws_iam_role" "api" {
              assume_role_policy = file("trust.json")
            }
            resource "aws_iam_role_policy" "api" {
              role = aws_iam_role.api.id
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
              })
            }
            """,
            Expected(
                at='"api"',
                nth=1,
                message="a task of the service `aws_ecs_service.api`, whose role "
                "`aws_iam_role.api` can read all data",
                severity="medium",
                confidence="certain",
            ),
            title="through a load balancer",
        ),
    )
