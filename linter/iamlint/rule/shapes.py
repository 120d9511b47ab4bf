"""Where the types that run code, or are launched from, have their roles and their network."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """Where the properties of a type stand: paths, as Resource.values takes them."""

    what: str
    profile: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    template: tuple[str, ...] = ()


_INSTANCE = Shape(
    "the instance",
    profile=("iam_instance_profile",),
    subnets=("subnet_id",),
    groups=("vpc_security_group_ids", "security_groups"),
    address=("associate_public_ip_address",),
    interfaces=(
        "network_interface.network_interface_id",
        "primary_network_interface.network_interface_id",
    ),
    template=("launch_template.id", "launch_template.name"),
)
SHAPES = {
    "aws_instance": _INSTANCE,
    "aws_spot_instance_request": _INSTANCE,
    "aws_launch_template": Shape(
        "an instance of the launch template",
        profile=("iam_instance_profile.name", "iam_instance_profile.arn"),
        subnets=("network_interfaces.subnet_id",),
        groups=("vpc_security_group_ids", "network_interfaces.security_groups"),
        address=("network_interfaces.associate_public_ip_address",),
    ),
    "aws_launch_configuration": Shape(
        "an instance of the launch configuration",
        profile=("iam_instance_profile",),
        groups=("security_groups",),
        address=("associate_public_ip_address",),
    ),
    "aws_autoscaling_group": Shape(
        "an instance of the group",
        subnets=("vpc_zone_identifier",),
        template=(
            "launch_template.id",
            "launch_template.name",
            "launch_configuration",
            "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id",
        ),
    ),
    "aws_ecs_service": Shape(
        "a task of the service",
        subnets=("network_configuration.subnets",),
        groups=("network_configuration.security_groups",),
        address=("network_configuration.assign_public_ip",),
        template=("task_definition",),
    ),
    "aws_ecs_task_definition": Shape("the task", role=("task_role_arn",)),
    "aws_lambda_function": Shape("the function", role=("role",)),
    "aws_apprunner_service": Shape(
        "the service",
        role=("instance_configuration.instance_role_arn",),
        address=("network_configuration.ingress_configuration.is_publicly_accessible",),
    ),
    "AWS::EC2::Instance": Shape(
        "the instance",
        profile=("IamInstanceProfile",),
        subnets=("SubnetId", "NetworkInterfaces.SubnetId"),
        groups=("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces.GroupSet"),
        address=("NetworkInterfaces.AssociatePublicIpAddress",),
        interfaces=("NetworkInterfaces.NetworkInterfaceId",),
        template=("LaunchTemplate.LaunchTemplateId", "LaunchTemplate.LaunchTemplateName"),
    ),
    "AWS::EC2::LaunchTemplate": Shape(
        "an instance of the launch template",
        profile=(
            "LaunchTemplateData.IamInstanceProfile.Name",
            "LaunchTemplateData.IamInstanceProfile.Arn",
        ),
        subnets=("LaunchTemplateData.NetworkInterfaces.SubnetId",),
        groups=(
            "LaunchTemplateData.SecurityGroupIds",
            "LaunchTemplateData.NetworkInterfaces.Groups",
        ),
        address=("LaunchTemplateData.NetworkInterfaces.AssociatePublicIpAddress",),
    ),
    "AWS::AutoScaling::LaunchConfiguration": Shape(
        "an instance of the launch configuration",
        profile=("IamInstanceProfile",),
        groups=("SecurityGroups",),
        address=("AssociatePublicIpAddress",),
    ),
    "AWS::AutoScaling::AutoScalingGroup": Shape(
        "an instance of the group",
        subnets=("VPCZoneIdentifier",),
        template=(
            "LaunchTemplate.LaunchTemplateId",
            "LaunchTemplate.LaunchTemplateName",
            "LaunchConfigurationName",
            "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId",
        ),
    ),
    "AWS::ECS::Service": Shape(
        "a task of the service",
        subnets=("NetworkConfiguration.AwsvpcConfiguration.Subnets",),
        groups=("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",),
        address=("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",),
        template=("TaskDefinition",),
    ),
    "AWS::ECS::TaskDefinition": Shape("the task", role=("TaskRoleArn",)),
    "AWS::Lambda::Function": Shape("the function", role=("Role",)),
    "AWS::Serverless::Function": Shape("the function", role=("Role",)),
    "AWS::AppRunner::Service": Shape(
        "the service",
        role=("InstanceConfiguration.InstanceRoleArn",),
        address=("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",),
    ),
}
