"""Intrinsic functions become literals where they can, typed holes where they can't."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import load
from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.site import ReadOptions
from iamlint.text import SourceText
from iamlint.tree import Either, MapNode, Node, Scalar, Text, Unknown, plain

HEAD = """
Parameters:
  Free: {Type: String}
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Named: {Type: String, Default: app}
  Maybe: {Type: String, Default: ""}
  Only: {Type: String, AllowedValues: [one]}
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Arns: {Type: String, AllowedValues: ["arn:a", "arn:b"]}
  Many: {Type: CommaDelimitedList, Default: "a, b"}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}
Mappings:
  Regions:
    us-east-1: {Name: east}
    us-west-2: {Name: west, Same: same}
    eu-west-1: {Same: same}
  Accounts:
    012345670123: {Name: octal}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  NotProd: !Not [!Condition IsProd]
  Always: !Equals [a, a]
  Never: !And [!Condition IsProd, !Equals [a, b]]
  HasMaybe: !Not [!Equals [!Ref Maybe, ""]]
  ByDefault: !Equals [!Ref Named, app]
  Loop: !Condition Loop
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  NamedBucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "${AWS::AccountId}-x"}}
  FreeBucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Free}}
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: r, Path: /p/}}
  Topic: {Type: "AWS::SNS::Topic"}
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /a/b}}
  Fn: {Type: "AWS::Lambda::Function"}
  Other: {Type: "AWS::Glue::Job"}
  Custom: {Type: "Custom::Thing"}
  CycleA: {Type: "AWS::IAM::Role", Properties: {RoleName: !Ref CycleB}}
  CycleB: {Type: "AWS::IAM::Role", Properties: {RoleName: !Ref CycleA}}
  Subject: {Type: "AWS::X::Y", Properties: {V: %s}}
"""


def resolve(expression: str, **options: Any) -> Node | None:
    document = parse(SourceText("t.yaml", HEAD % expression))
    assert isinstance(document, Document), document
    root = document.roots[0]
    assert isinstance(root, MapNode)
    template = load(document, root)
    properties = template.resources["Subject"].properties
    assert isinstance(properties, MapNode)
    value = properties.get("V")
    assert value is not None
    return Resolver(template, ReadOptions(**options)).resolve(value)


def shown(expression: str, **options: Any) -> object:
    node = resolve(expression, **options)
    return None if node is None else plain(node)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref AWS::AccountId", "‹AWS::AccountId›"),
        ("!Ref Free", "‹Free›"),
        ("!Ref Named", "app"),
        ("!Ref Only", "one"),
        ("!Ref Many", ["a", "b"]),
        ("!Ref Secret", "‹Secret›"),
        ("!Ref Bucket", "‹Bucket›"),
        ("!Ref NamedBucket", "‹AWS::AccountId›-x"),
        ("!Ref FreeBucket", "‹FreeBucket›"),
        ("!Ref Topic", "‹Topic›"),
        ("!GetAtt Bucket.Arn", "‹Bucket.Arn›"),
        ("!GetAtt NamedBucket.Arn", "arn:‹AWS::Partition›:s3:::‹AWS::AccountId›-x"),
        ("!GetAtt Role.Arn", "arn:‹AWS::Partition›:iam::‹AWS::AccountId›:role/p/r"),
        (
            "!GetAtt Logs.Arn",
            "arn:‹AWS::Partition›:logs:‹AWS::Region›:‹AWS::AccountId›:log-group:/a/b:*",
        ),
        ("!GetAtt CycleA.Arn", "arn:‹AWS::Partition›:iam::‹AWS::AccountId›:role/‹CycleA›"),
        ('!Sub "${Bucket.Arn}/${Stage}/${!Lit}/${Named}"', "‹Bucket.Arn›/‹Stage›/${Lit}/app"),
        ('!Sub ["${A}-${B}", {A: !Ref Named, B: !Ref Free}]', "app-‹Free›"),
        ('!Join [":", [arn, !Ref "AWS::Partition", "iam::aws"]]', "arn:‹AWS::Partition›:iam::aws"),
        ('!Join [",", !Ref Many]', "a,b"),
        ('!Select [1, !Split ["-", "a-b-c"]]', "b"),
        ('!Select [4, !Split [":", !GetAtt Role.Arn]]', "‹AWS::AccountId›"),
        (
            '!Select [4, !Split ["-", !Select [2, !Split ["/", !Ref AWS::StackId]]]]',
            "‹AWS::StackId[4]›",
        ),
        ('!Select [1, !Split ["/", !Ref AWS::StackId]]', "‹AWS::StackName›"),
        ('!Select [3, !Split [":", !GetAtt Fn.Arn]]', "‹AWS::Region›"),
        ('!Select [6, !Split [":", !GetAtt Fn.Arn]]', "‹Fn›"),
        ('!Select [5, !Split [":", !GetAtt Bucket.Arn]]', "‹Bucket›"),
        ('!Select [3, !Split [":", !GetAtt Bucket.Arn]]', ""),
        ('!Select [5, !Split [":", !Ref Topic]]', "‹Topic›"),
        ("!FindInMap [Regions, us-east-1, Name]", "east"),
        ("!FindInMap [Accounts, 012345670123, Name]", "octal"),
        ('!FindInMap [Accounts, "012345670123", Name]', "octal"),
        ("!FindInMap [Regions, !Ref AWS::Region, Same]", "same"),
        ("!FindInMap [Regions, nowhere, Name, {DefaultValue: x}]", "x"),
        ("!If [Always, a, b]", "a"),
        ("!If [Never, a, b]", "b"),
        ("[a, !Ref AWS::NoValue, !If [Never, b, !Ref AWS::NoValue]]", ["a"]),
        ("{k: !Ref AWS::NoValue, l: 1}", {"l": 1}),
        ("!ImportValue shared", "‹Fn::ImportValue shared›"),
        ('"x{{resolve:ssm:/a}}y"', "x‹{{resolve:ssm:/a}}›y"),
        ("!ToJsonString {a: !Ref Named}", {"a": "app"}),
        ("{Fn::Length: [a, b]}", 2),
        ("{Fn::Length: !Ref Only}", "‹Fn::Length›"),
        ('{Fn::Length: !Split [",", "a,b,c"]}', 3),
        ("!FindInMap [None, a, b, {DefaultValue: x}]", "‹Fn::FindInMap›"),
        ("!FindInMap [Regions, !Ref Free, Same, {DefaultValue: same}]", "same"),
        ("!ToJsonString [a, !Ref AWS::NoValue, {b: !Sub '${Named}'}]", ["a", {"b": "app"}]),
        ("!Ref {Ref: Only}", "‹one›"),
        ("!GetAtt [!Sub 'Ro${Only}', Arn]", "‹Roone.Arn›"),
        (
            '{"Fn::ForEach::L": [X, [Bucket, Fn], {"Of${X}": [!GetAtt "${X}.Arn", "&{X}-${aws:x}", !Ref "${X}"]}]}',
            {
                "OfBucket": ["‹Bucket.Arn›", "Bucket-${aws:x}", "‹Bucket›"],
                "OfFn": ["‹Fn.Arn›", "Fn-${aws:x}", "‹Fn›"],
            },
        ),
        (
            '{"Fn::ForEach::L": [X, !Ref Many, {"K${X}": !Ref X}]}',
            {"K‹X›": "‹X›"},
        ),
        (
            '{"Fn::ForEach::L": [X, [a], {"Fn::ForEach::M": [Y, [b], {"${X}${Y}": !Sub "${X}/${Y}"}]}]}',
            {"ab": "a/b"},
        ),
        (
            '{"Fn::ForEach::L": [X, [a, b], {"Key${X}": !Sub "${X}-${Named}"}]}',
            {"Keya": "a-app", "Keyb": "b-app"},
        ),
    ],
)
def test_values(expression: str, value: object) -> None:
    assert shown(expression) == value


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("!Ref AWS::Region", "region"),
        ("!Ref Free", "unknown"),
        ("!Ref Vpc", "name"),
        ("!Ref Bucket", "name"),
        ("!Ref Topic", "resource"),
        ("!GetAtt Bucket.Arn", "resource"),
        ("!GetAtt Custom.Arn", "unknown"),
        ("!Ref Custom", "unknown"),
        ("!ImportValue x", "unknown"),
        ("!GetAtt Generated.Arn", "unknown"),
    ],
)
def test_kinds_of_holes(expression: str, kind: str) -> None:
    node = resolve(expression)
    assert isinstance(node, Scalar)
    assert isinstance(node.value, Text)
    (hole,) = node.value.holes
    assert (hole.kind, hole.scope) == (kind, "t.yaml")


def reasons(expression: str, **options: Any) -> list[tuple[object, str | None]]:
    node = resolve(expression, **options)
    assert node is not None
    branches = node.branches if isinstance(node, Either) else (node,)
    return [(plain(branch), branch.possible) for branch in branches]


def test_values_that_are_only_possible_say_why() -> None:
    default = "by default of parameter `Named`"
    assert reasons("!Ref Named") == [("app", default)]
    assert reasons('!Sub "${Named}-x"') == [("app-x", default)]
    assert reasons("!Ref Arns") == [
        ("arn:a", "if parameter `Arns` is `arn:a`"),
        ("arn:b", "if parameter `Arns` is `arn:b`"),
    ]
    assert reasons("!If [IsProd, a, b]") == [
        ("a", "if `IsProd` holds"),
        ("b", "if `IsProd` does not hold"),
    ]
    assert reasons("!If [IsProd, a, !Ref AWS::NoValue]") == [
        ("a", "if `IsProd` holds"),
        (None, "if `IsProd` does not hold"),
    ]
    assert reasons("!If [ByDefault, a, b]")[0] == ("a", "if `ByDefault` holds")
    assert reasons("!FindInMap [Regions, !Ref AWS::Region, Name]") == [
        ("east", "for the key `us-east-1`"),
        ("west", "for the key `us-west-2`"),
    ]


def test_a_condition_is_the_same_in_all_its_places() -> None:
    assert reasons("!If [IsProd, !If [IsProd, a, b], !If [NotProd, c, d]]") == [
        ("a", "if `IsProd` holds"),
        ("c", "if `IsProd` does not hold"),
    ]
    assert reasons('!Join ["", [!If [IsProd, a, b], !If [IsProd, c, d]]]') == [
        ("ac", "if `IsProd` holds"),
        ("bd", "if `IsProd` does not hold"),
    ]


def test_a_value_that_its_condition_excludes_is_none() -> None:
    assert reasons("!If [HasMaybe, !Ref Maybe, !Ref AWS::NoValue]") == [
        ("‹Maybe›", "if `HasMaybe` holds"),
        (None, "if `HasMaybe` does not hold"),
    ]
    assert reasons("!If [IsProd, !Ref Stage, none]") == [
        ("prod", "if `IsProd` holds"),
        ("none", "if `IsProd` does not hold"),
    ]


def test_what_the_user_tells_is_certain() -> None:
    told = {"parameters": {"Free": "f", "Stage": "prod", "Named": "n"}}
    assert reasons("!If [IsProd, !Ref Free, b]", **told) == [("f", None)]
    assert reasons('!Sub "${Named}"', **told) == [("n", None)]
    account = {"account": "111122223333", "region": "cn-north-1"}
    assert shown("!GetAtt Role.Arn", **account) == "arn:aws-cn:iam::111122223333:role/p/r"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("!Ref Nothing", "`Nothing` is neither a parameter nor a resource of this template"),
        ("!Select [9, [a]]", "the index of `Fn::Select` is out of range"),
        ('!Split [":", !Ref Free]', "`Fn::Split` of a string that is not known"),
        ('!Split ["-", !Ref AWS::Region]', "`Fn::Split` of a string that is not known"),
        ('!Split ["-", !Ref AWS::StackName]', "`Fn::Split` of a string that is not known"),
        ('!Split [":", !Ref Other]', "`Fn::Split` of a string that is not known"),
        ('!Split ["/", !GetAtt Fn.Arn]', "`Fn::Split` of a string that is not known"),
        ('!Split [":", !GetAtt Logs2.Arn]', "`Fn::Split` of a string that is not known"),
        ("{Fn::Transform: {Name: M}}", "`Fn::Transform` of `M` is known to the deployment only"),
        ("!Cidr [a, 1, 2]", "`Fn::Cidr` is not evaluated"),
        ("!If [One, two]", "`Fn::If` needs a condition and two values"),
        ("!FindInMap [None, a, b]", "there is no mapping `None`"),
    ],
)
def test_unknown_values_say_why(expression: str, reason: str) -> None:
    node = resolve(expression)
    assert isinstance(node, Unknown)
    assert node.reason == reason


def test_too_many_combinations_are_unknown() -> None:
    pieces = ", ".join(f"!If [C{number}, a, b]" for number in range(9))
    node = resolve(f'!Join ["", [{pieces}]]')
    assert isinstance(node, Unknown)
    assert node.reason == "more than 16 combinations of conditions"
