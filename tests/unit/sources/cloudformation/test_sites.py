"""Templates become sites with owners, at the very strings that grant."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.cloudformation.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText


def project(text: str, **parameters: str) -> Project:
    source = SourceText("t.yaml", text)
    return read(source, Sandbox("."), ReadOptions(parameters=parameters))


def fixture(root: Path, name: str) -> Project:
    source = Sandbox(root, cwd=root).read(f"fixtures/cloudformation/{name}")
    assert isinstance(source, SourceText)
    return read(source, Sandbox(root, cwd=root), ReadOptions())


def site(found: Project, argument: str, address: str | None = None) -> PolicySite:
    (match,) = [
        each
        for each in found.sites
        if each.argument == argument and address in (None, each.address)
    ]
    return match


def resource(kind: str, properties: str) -> str:
    return f"Resources:\n  R:\n    Type: {kind}\n    Properties: {properties}\n"


DOCUMENT = "{Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}"


def test_the_patch_manager_role(root: Path) -> None:
    found = fixture(root, "patch-manager.yaml")
    full = "policy/CloudWatchLogsFullAccess"
    attached = [each for each in found.sites if each.kind == "managed-attachment"]
    assert [
        (each.argument[-3:], str(each.arn), each.place.text, each.possible) for each in attached
    ] == [
        (
            "[0]",
            "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
            "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
            None,
        ),
        ("[1]", f"arn:aws:iam::aws:{full}", f"arn:aws:iam::aws:{full}", None),
        (
            "[2]",
            f"arn:‹AWS::Partition›:iam::aws:{full}",
            f"arn:${{AWS::Partition}}:iam::aws:{full}",
            None,
        ),
        ("[3]", f"arn:‹AWS::Partition›:iam::aws:{full}", attached[3].place.text, None),
        (
            "[4]",
            f"arn:‹AWS::Partition›:iam::aws:{full}",
            f'"arn:${{AWS::Partition}}:iam::aws:{full}"',
            "if `IsProd` holds",
        ),
        ("[5]", "‹Logs›", "!Ref Logs", None),
    ]
    assert attached[3].place.text.startswith("Fn::Join:")
    key = "fixtures/cloudformation/patch-manager.yaml#PatchRole"
    assert all(each.owners == (key,) for each in attached)
    assert found.owners[key].kind == "role"
    assert str(found.owners[key].name) == "‹Stage›-patch"


def test_an_attachment_knows_its_item_and_list(root: Path) -> None:
    for name in ("patch-manager.yaml", "patch-manager.json"):
        found = fixture(root, name)
        last = [each for each in found.sites if each.kind == "managed-attachment"][1]
        assert last.attachment is not None
        assert last.attachment.form == "list-item"
        assert last.attachment.container is not None
        assert last.attachment.item.text in last.attachment.container.text
        assert "CloudWatchLogsFullAccess" in last.attachment.item.text
        assert last.attachment.block.text.lstrip('"').startswith("PatchRole")


def test_inline_policies_under_a_condition_are_possible(root: Path) -> None:
    found = fixture(root, "patch-manager.yaml")
    extra = site(found, "Policies[1].PolicyDocument")
    assert extra.possible == "if `IsProd` holds"
    assert extra.policy is not None
    (statement,) = extra.policy.statements
    assert [str(each) for each in statement.resources] == [
        "arn:aws:logs:*:‹AWS::AccountId›:log-group:/patching/prod:*",
        "‹Bucket.Arn›",
        "‹Bucket.Arn›/*",
    ]
    assert statement.resources[0].possible == "by default of parameter `Prefix`"
    assert statement.resources[1].place.text == "!GetAtt Bucket.Arn"


def test_json_text_in_a_string_keeps_its_places(root: Path) -> None:
    yaml = site(fixture(root, "patch-manager.yaml"), "PolicyDocument", "Inline")
    json = site(fixture(root, "patch-manager.json"), "PolicyDocument", "Queue")
    for each, action in ((yaml, '"s3:GetObject"'), (json, '\\"sqs:SendMessage\\"')):
        assert each.form == "text"
        assert each.policy is not None
        assert each.policy.statements[0].actions[0].place.text == action
    assert str(yaml.policy.statements[0].resources[0]) == "‹Bucket.Arn›/patching/*"  # type: ignore[union-attr]


def test_attached_policies_serve_the_roles_that_they_name(root: Path) -> None:
    for name in ("patch-manager.yaml", "patch-manager.json"):
        found = fixture(root, name)
        inline = site(found, "PolicyDocument", "Inline")
        assert inline.owners == (f"fixtures/cloudformation/{name}#PatchRole",)
        assert inline.kind == "identity"


def test_a_resource_whose_condition_fails_is_not_there(root: Path) -> None:
    source = Sandbox(root, cwd=root).read("fixtures/cloudformation/patch-manager.yaml")
    assert isinstance(source, SourceText)
    found = read(source, Sandbox(root), ReadOptions(parameters={"Stage": "dev"}))
    assert "Logs" not in {each.address for each in found.sites}
    assert (
        str(found.owners["fixtures/cloudformation/patch-manager.yaml#PatchRole"].name)
        == "dev-patch"
    )


@pytest.mark.parametrize(
    ("kind", "properties", "argument", "expected"),
    [
        ("AWS::S3::BucketPolicy", f"{{PolicyDocument: {DOCUMENT}}}", "PolicyDocument", "resource"),
        ("AWS::KMS::Key", f"{{KeyPolicy: {DOCUMENT}}}", "KeyPolicy", "resource"),
        ("AWS::SSO::PermissionSet", f"{{InlinePolicy: {DOCUMENT}}}", "InlinePolicy", "identity"),
        (
            "AWS::Organizations::Policy",
            f"{{Type: SERVICE_CONTROL_POLICY, Content: {DOCUMENT}}}",
            "Content",
            "scp",
        ),
        (
            "AWS::DynamoDB::GlobalTable",
            f"{{Replicas: [{{ResourcePolicy: {{PolicyDocument: {DOCUMENT}}}}}]}}",
            "Replicas[0].ResourcePolicy.PolicyDocument",
            "resource",
        ),
        ("Custom::Thing", f"{{Deep: [{{Er: {DOCUMENT}}}]}}", "Deep[0].Er", "identity"),
    ],
)
def test_policies_of_many_types(kind: str, properties: str, argument: str, expected: str) -> None:
    found = project(resource(kind, properties))
    (only,) = found.sites
    assert (only.argument, only.kind) == (argument, expected)
    assert only.key == f"t.yaml#R.{argument}"


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::WAFv2::WebACL", f"{{Rules: [{{Statement: {DOCUMENT}}}]}}"),
        ("AWS::Organizations::Policy", f"{{Type: TAG_POLICY, Content: {DOCUMENT}}}"),
        ("AWS::S3::Bucket", "{BucketName: x}"),
    ],
)
def test_what_is_no_iam_policy(kind: str, properties: str) -> None:
    assert project(resource(kind, properties)).sites == []


def test_what_is_not_known_is_said() -> None:
    text = "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}\n" + resource(
        "AWS::IAM::Role",
        "{ManagedPolicyArns: [!Ref P, !Cidr x], AssumeRolePolicyDocument: '{bad', "
        "Policies: !Ref L, PermissionsBoundary: !Ref P}",
    )
    found = project(text)
    assert sorted((each.address, each.reason) for each in found.unresolved) == [
        (
            "R.AssumeRolePolicyDocument",
            "the policy could not be evaluated: its JSON text can't be read: "
            "expected a key in double quotes, found `b` (line 5, column 84)",
        ),
        ("R.ManagedPolicyArns[0]", "the policy `‹P›` is not known"),
        ("R.ManagedPolicyArns[1]", "names a policy: `Fn::Cidr` is not evaluated"),
        ("R.PermissionsBoundary", "the policy `‹P›` is not known"),
        ("R.Policies", "parameter `L` has no default"),
    ]


def test_aliases_and_generated_templates_are_not_edited() -> None:
    shared = project(
        "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: &p\n      Policies:\n"
        f"        - PolicyDocument: {DOCUMENT}\n  B:\n    Type: AWS::IAM::Role\n    Properties: *p\n"
    )
    assert {each.editable for each in shared.sites} == {"a YAML alias uses the same text elsewhere"}
    generated = project(
        resource("AWS::SQS::QueuePolicy", f"{{PolicyDocument: {DOCUMENT}}}")
        + "    Metadata: {aws:cdk:path: a/b}\n"
    )
    reason = "the template is generated by the AWS CDK, construct `a/b`"
    assert generated.sites[0].editable == reason
    assert generated.sites[0].construct == "a/b"


def test_loops_give_one_site_for_each_turn() -> None:
    found = project(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Roles:\n    - Name\n"
        "    - [One, Two]\n    - 'Role${Name}':\n        Type: AWS::IAM::Role\n"
        "        Properties:\n          RoleName: !Sub 'r-${Name}'\n"
        f"          Policies: [{{PolicyDocument: {DOCUMENT}}}]\n"
    )
    assert [each.address for each in found.sites] == ["RoleOne", "RoleTwo"]
    assert [str(each.name) for each in found.owners.values()] == ["r-One", "r-Two"]


def test_a_macro_is_said() -> None:
    found = project(
        "Transform: [AWS::Serverless-2016-10-31, Mine]\n"
        + resource("AWS::SQS::QueuePolicy", f"{{PolicyDocument: {DOCUMENT}}}")
    )
    assert [each.reason for each in found.unresolved] == [
        "the macro `Mine` may change the template before it is deployed"
    ]


def test_a_broken_template_is_unreadable() -> None:
    found = project("AWSTemplateFormatVersion: 2010-09-09\nResources:\n  A: b: c\n")
    (broken,) = found.unreadable
    assert (broken.path, broken.line, broken.column) == ("t.yaml", 3, 7)


def test_several_templates_in_one_file() -> None:
    one = resource("AWS::SQS::QueuePolicy", f"{{PolicyDocument: {DOCUMENT}}}")
    found = project(f"{one}---\napiVersion: v1\n---\n{one}")
    assert len(found.sites) == 2


def test_declared_policies_and_groups_serve_those_behind_them() -> None:
    found = project(
        "Resources:\n"
        f"  P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DOCUMENT}}}}}\n"
        "  R: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref P]}}\n"
        "  G: {Type: AWS::IAM::Group, Properties: {GroupName: team,"
        f" Policies: [{{PolicyDocument: {DOCUMENT}}}]}}}}\n"
        "  U: {Type: AWS::IAM::User, Properties: {Groups: [!Ref G]}}\n"
        "  V: {Type: AWS::IAM::User}\n"
        "  A: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: team, Users: [!Ref V]}}\n"
    )
    assert {each.key: each.owners for each in found.sites} == {
        "t.yaml#P.PolicyDocument": ("t.yaml#R",),
        "t.yaml#R.ManagedPolicyArns[0]": ("t.yaml#R",),
        "t.yaml#G.Policies[0].PolicyDocument": ("t.yaml#G", "t.yaml#U", "t.yaml#V"),
    }


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ("!Include more.yaml", "the tag `!Include` is not known to CloudFormation"),
        ("{R: {Type: !Rain::Module x}}", "the tag `!Rain::Module` is not known to CloudFormation"),
        ("{R: !Rain::Module x}", "the tag `!Rain::Module` is not known to CloudFormation"),
        ("{Fn::Transform: {Name: AWS::Include}}", "`Fn::Transform` may add resources"),
    ],
)
def test_resources_that_are_not_shown_are_said(resources: str, reason: str) -> None:
    found = project(f"AWSTemplateFormatVersion: 2010-09-09\nResources: {resources}\n")
    assert [(each.address, each.reason) for each in found.unresolved] == [("Resources", reason)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", None),
        ("RoleName: ci", "ci"),
        ("RoleName: !Ref Default", "‹Default›"),
        ('RoleName: !Sub "${Default}-ci"', "‹Default›-ci"),
        ('RoleName: !Sub "${Stage}-ci"', "‹Stage›-ci"),
        ("RoleName: !If [C, a, b]", "‹R.RoleName›"),
        ("RoleName: !Ref AWS::NoValue", None),
    ],
)
def test_names_of_owners(name: str, expected: str | None) -> None:
    found = project(
        "Parameters: {Default: {Type: String, Default: d},"
        " Stage: {Type: String, AllowedValues: [dev, prod]}}\n"
        "Conditions: {C: !Equals [!Ref Default, x]}\n"
        + resource("AWS::IAM::Role", f"{{Description: x{', ' if name else ''}{name}}}")
    )
    owner = found.owners["t.yaml#R"]
    assert (str(owner.name) if owner.name is not None else None) == expected
    assert owner.name_prefix is None


def test_a_given_parameter_names_the_owner() -> None:
    text = "Parameters: {Name: {Type: String, Default: d}}\n" + resource(
        "AWS::IAM::Role", "{RoleName: !Ref Name}"
    )
    assert str(project(text, Name="ci").owners["t.yaml#R"].name) == "ci"


def test_documents_under_a_condition_of_types_that_are_not_listed() -> None:
    found = project(
        "Conditions: {C: !Equals [!Ref AWS::Region, x]}\n"
        + resource("Custom::Thing", f"{{P: !If [C, {DOCUMENT}, !Ref AWS::NoValue]}}")
    )
    (only,) = found.sites
    assert (only.argument, only.possible) == ("P", "if `C` holds")


def test_an_owner_whose_condition_fails_is_not_there() -> None:
    text = (
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n"
        "Resources: {R: {Type: AWS::IAM::Role, Condition: C}}\n"
    )
    assert project(text, P="y").owners == {}
    assert project(text).owners["t.yaml#R"].possible == "if `C` holds"


def test_permission_sets_name_policies_of_the_assigned_accounts() -> None:
    found = project(
        resource(
            "AWS::SSO::PermissionSet",
            "{Name: dev, ManagedPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],"
            " CustomerManagedPolicyReferences: [{Name: own, Path: /p/}],"
            " PermissionsBoundary: {CustomerManagedPolicyReference: {Name: edge}}}",
        )
    )
    assert [(each.kind, str(each.arn), each.place.text) for each in found.sites] == [
        (
            "managed-attachment",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "'arn:aws:iam::aws:policy/ReadOnlyAccess'",
        ),
        (
            "managed-attachment",
            "arn:‹AWS::Partition›:iam::‹the assigned account›:policy/p/own",
            "own",
        ),
        ("boundary", "arn:‹AWS::Partition›:iam::‹the assigned account›:policy/edge", "edge"),
    ]
    assert found.owners["t.yaml#R"].kind == "permission-set"
    assert {each.owners for each in found.sites} == {("t.yaml#R",)}


def test_a_list_that_a_parameter_gives_attaches_all_or_nothing() -> None:
    found = project(
        "Parameters: {L: {Type: CommaDelimitedList, Default: 'arn:a,arn:b'}}\n"
        + resource("AWS::IAM::Role", "{ManagedPolicyArns: !Ref L}")
    )
    assert [str(each.arn) for each in found.sites] == ["arn:a", "arn:b"]
    for each in found.sites:
        assert each.attachment is not None
        assert each.attachment.shared == "the same value attaches others too"
        assert each.possible == "by default of parameter `L`"


def test_what_is_given_twice_is_said() -> None:
    found = project(
        "Resources:\n"
        "  R: {Type: AWS::IAM::Role, Properties: {Description: one}}\n"
        "  R: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [a], ManagedPolicyArns: [b]}}\n"
    )
    assert [str(each.arn) for each in found.sites] == ["b"]
    assert [(each.address, each.reason, each.place.start.line) for each in found.unresolved] == [
        ("Resources", "`R` is given again below, which counts", 2),
        ("R.ManagedPolicyArns", "`ManagedPolicyArns` is given again below, which counts", 3),
    ]
