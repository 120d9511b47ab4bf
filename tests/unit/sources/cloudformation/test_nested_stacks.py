"""Templates that contain one another, import from one another, and stand inside one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.cloudformation.read import read_all
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
"""
CHILD = """
Parameters:
  Bucket: {Type: String}
  Stage: {Type: String, Default: dev}
  Names: {Type: CommaDelimitedList, Default: a}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 's3:*', Resource: !Ref Bucket}
          - {Effect: Allow, Action: 'sqs:*', Resource: !Sub 'arn:aws:sqs:*:*:${Stage}-*'}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !If [IsProd, prod, !Ref 'AWS::NoValue']
Outputs:
  Policy: {Value: !Ref Policy}
  Role: {Value: !Ref Role}
  Both: {Value: !Sub '${Bucket}/${Stage}/*'}
  First: {Value: !Select [0, !Ref Names]}
  Mapped: {Value: !If [IsProd, p, q]}
"""


def project(folder: Path, /, *, only: str | None = None, **texts: str) -> Project:
    """What is read of files given by name without extension; `only` names the one that is asked for."""
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sandbox = Sandbox(folder, cwd=folder)
    sources = [
        source
        for name in ([only] if only else texts)
        if isinstance(source := sandbox.read(f"{name}.yaml"), SourceText)
    ]
    return read_all(sources, sandbox, ReadOptions())


def stack(name: str, url: str, parameters: str = "{}", more: str = "") -> str:
    return (
        f"  {name}:\n    Type: AWS::CloudFormation::Stack\n{more}"
        f"    Properties: {{TemplateURL: {url}, Parameters: {parameters}}}\n"
    )


def document(kind: str, resource: str, more: str = "") -> str:
    return (
        f"  P:\n    Type: {kind}\n    Properties:\n{more}      PolicyDocument: {{Statement: ["
        f"{{Effect: Allow, Action: 's3:*', Resource: {resource}}}]}}\n"
    )


def resources(found: Project, key: str) -> list[tuple[str, str | None]]:
    (site,) = [each for each in found.sites if each.key == key]
    assert site.policy is not None
    return [
        (str(each), each.possible)
        for statement in site.policy.statements
        for each in statement.resources
    ]


def reasons(found: Project) -> list[tuple[str, str]]:
    return sorted((each.address, each.reason) for each in found.unresolved)


def test_what_a_stack_passes_is_known_in_its_template(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        parent="Resources:\n  Data: {Type: AWS::S3::Bucket}\n"
        + stack("Inner", "./child.yaml", "{Bucket: !GetAtt Data.Arn, Stage: prod}"),
        child=CHILD,
    )
    assert resources(found, "child.yaml#Policy.PolicyDocument") == [
        ("‹Bucket›", None),
        ("arn:aws:sqs:*:*:prod-*", None),
    ]
    (bucket, _) = (
        each.policy.statements[0].resources[0].text.holes[0] if each.policy else None
        for each in [*found.sites, found.sites[0]]
        if each.address == "Policy"
    )
    assert bucket is not None
    assert (bucket.kind, bucket.scope) == ("resource", "child.yaml")
    assert str(found.owners["child.yaml#Role"].name) == "prod"
    assert found.unresolved == []


def test_without_its_parent_a_template_has_its_defaults(tmp_path: Path) -> None:
    found = project(tmp_path, only="child", child=CHILD)
    assert resources(found, "child.yaml#Policy.PolicyDocument")[1] == (
        "arn:aws:sqs:*:*:dev-*",
        "by default of parameter `Stage`",
    )


def test_a_template_that_was_not_asked_for_is_read_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(CHILD, encoding="utf-8")
    found = project(
        tmp_path, only="parent", parent="Resources:\n" + stack("Inner", "child.yaml", "{Bucket: b}")
    )
    assert [site.key for site in found.sites] == ["child.yaml#Policy.PolicyDocument"]
    assert set(found.sources) == {"parent.yaml", "child.yaml"}


def test_outputs_are_what_the_stack_hands_out(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        parent="Resources:\n  Data: {Type: AWS::S3::Bucket}\n"
        + stack("Inner", "./child.yaml", "{Bucket: !GetAtt Data.Arn, Names: 'x,y'}")
        + document(
            "AWS::IAM::ManagedPolicy",
            "[!GetAtt Inner.Outputs.Both, !Sub '${Inner.Outputs.First}', "
            "!GetAtt Inner.Outputs.Mapped, !GetAtt Inner.Outputs.Policy, !GetAtt Inner.Outputs.None]",
        ),
        child=CHILD,
    )
    assert resources(found, "parent.yaml#P.PolicyDocument") == [
        ("‹Bucket›/dev/*", "by default of parameter `Stage` of `child.yaml`"),
        ("x", None),
        ("p", "if `IsProd` of `child.yaml` holds"),
        ("q", "if `IsProd` of `child.yaml` does not hold"),
        ("‹Inner.Outputs.Policy›", None),
        ("‹Inner.Outputs.None›", None),
    ]


def test_two_stacks_of_one_template_are_told_apart(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        parent="Resources:\n"
        + stack("One", "child.yaml", "{Bucket: 'arn:aws:s3:::one', Stage: s}")
        + stack("Two", "child.yaml", "{Bucket: 'arn:aws:s3:::two', Stage: s}")
        + document(
            "AWS::IAM::ManagedPolicy", "[!GetAtt One.Outputs.Both, !GetAtt Two.Outputs.Both]"
        ),
        child=CHILD,
    )
    assert resources(found, "child.yaml#Policy.PolicyDocument") == [
        ("arn:aws:s3:::one", "in stack `One` of `parent.yaml`"),
        ("arn:aws:s3:::two", "in stack `Two` of `parent.yaml`"),
        ("arn:aws:sqs:*:*:s-*", None),
    ]
    assert resources(found, "parent.yaml#P.PolicyDocument") == [
        ("arn:aws:s3:::one/s/*", None),
        ("arn:aws:s3:::two/s/*", None),
    ]


def test_policies_serve_principals_of_other_stacks(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        parent="Resources:\n"
        + ROLE
        + "      ManagedPolicyArns: [!GetAtt Inner.Outputs.Policy]\n"
        + stack("Inner", "child.yaml", "{Bucket: b}")
        + stack("Grant", "grant.yaml", "{To: !Ref Role}")
        + document("AWS::IAM::Policy", "'*'", "      Roles: [!GetAtt Inner.Outputs.Role]\n"),
        child=CHILD,
        grant="Parameters: {To: {Type: String}}\nResources:\n"
        + document("AWS::IAM::Policy", "'*'", "      Roles: [!Ref To]\n"),
    )
    served = {site.key: site.owners for site in found.sites if site.kind != "trust"}
    assert served == {
        "parent.yaml#Role.ManagedPolicyArns[0]": ("parent.yaml#Role",),
        "parent.yaml#P.PolicyDocument": ("child.yaml#Role",),
        "child.yaml#Policy.PolicyDocument": ("parent.yaml#Role",),
        "grant.yaml#P.PolicyDocument": ("parent.yaml#Role",),
    }
    (attached,) = [site for site in found.sites if site.kind == "managed-attachment"]
    assert attached.policy is not None
    assert str(attached.policy.statements[0].actions[0]) == "s3:*"


def test_a_stack_under_a_condition_passes_what_holds_there(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        parent="Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"
        "Conditions: {IsProd: !Equals [!Ref Env, prod]}\nResources:\n"
        + stack("Inner", "child.yaml", "{Bucket: !Ref Env}", "    Condition: IsProd\n"),
        child=CHILD,
    )
    assert resources(found, "child.yaml#Policy.PolicyDocument")[0] == ("prod", None)


def test_applications_and_assets_of_the_cdk_are_stacks(tmp_path: Path) -> None:
    application = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n"
        "    Type: AWS::Serverless::Application\n"
        "    Properties: {Location: child.yaml, Parameters: {Bucket: 'arn:aws:s3:::app'}}\n"
    )
    asset = (
        "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: !Sub 'https://s3.amazonaws.com/cdk/${AWS::Region}.json'\n"
        "      Parameters: {Bucket: 'arn:aws:s3:::app'}\n"
        "    Metadata: {'aws:asset:path': child.yaml, 'aws:asset:property': TemplateURL}\n"
    )
    for parent in (application, asset):
        found = project(tmp_path, parent=parent, child=CHILD)
        expected = ("arn:aws:s3:::app", None)
        assert resources(found, "child.yaml#Policy.PolicyDocument")[0] == expected


@pytest.mark.parametrize(
    ("properties", "argument", "reason"),
    [
        (
            "{TemplateURL: 'https://example.com/x.yaml'}",
            "TemplateURL",
            "the template of the nested stack at `https://example.com/x.yaml` "
            "is not part of this project",
        ),
        (
            "{TemplateURL: !Sub 'https://${B}/x'}",
            "TemplateURL",
            "the template of the nested stack is not part of this project",
        ),
        (
            "{TemplateURL: no/such.yaml}",
            "TemplateURL",
            "the template of the nested stack, `no/such.yaml`, does not exist",
        ),
        (
            "{TemplateURL: ../outside.yaml}",
            "TemplateURL",
            "the template of the nested stack, `../outside.yaml`, lies outside of the scanned root",
        ),
        (
            "{TemplateURL: list.yaml}",
            "TemplateURL",
            "`list.yaml`, which should be the nested stack's template, is none",
        ),
        (
            "{TemplateBody: !Ref B}",
            "TemplateBody",
            "the template in `TemplateBody` is known to the deployment only",
        ),
        ("{TemplateBody: 'x: y'}", "TemplateBody", "the text in `TemplateBody` is no template"),
    ],
)
def test_a_template_that_is_not_there_is_said(
    tmp_path: Path, properties: str, argument: str, reason: str
) -> None:
    (tmp_path / "list.yaml").write_text("[a]", encoding="utf-8")
    kind = "AWS::CloudFormation::Stack"
    found = project(
        tmp_path, parent=f"Resources:\n  N: {{Type: {kind}, Properties: {properties}}}\n"
    )
    assert reasons(found) == [(f"N.{argument}", reason)]


def test_circular_stacks_are_said_and_end(tmp_path: Path) -> None:
    def template(other: str) -> str:
        return (
            "Parameters: {P: {Type: String}}\nResources:\n"
            + stack("Next", other, "{P: !GetAtt Next.Outputs.O}")
            + document("AWS::IAM::ManagedPolicy", "!GetAtt Next.Outputs.O")
            + "Outputs: {O: {Value: !Sub '${P}${Next.Outputs.O}'}}\n"
        )

    found = project(
        tmp_path,
        a=template("b.yaml"),
        b=template("a.yaml"),
        own=template("own.yaml"),
    )
    again = "the nested stack's template, `{}`, contains this template again"
    assert [reason for _, reason in reasons(found)] == [
        again.format("a.yaml"),
        again.format("b.yaml"),
        again.format("own.yaml"),
    ]
    assert len(found.sites) == 3


def test_a_long_chain_of_stacks_ends(tmp_path: Path) -> None:
    texts = {
        f"t{number}": "Parameters: {P: {Type: String}}\nResources:\n"
        + stack("Next", f"t{number + 1}.yaml", "{P: !Sub '${P}'}")
        + "Outputs: {O: {Value: !Sub '${Next.Outputs.O}'}}\n"
        for number in range(150)
    }
    last = "Parameters: {P: {Type: String}}\nResources:\n" + document(
        "AWS::IAM::ManagedPolicy", "!Ref P"
    )
    found = project(
        tmp_path,
        **texts,
        t150=last,
        top="Resources:\n"
        + stack("Next", "t0.yaml", "{P: p}")
        + document("AWS::IAM::ManagedPolicy", "!GetAtt Next.Outputs.O"),
    )
    assert len(found.sites) == 2


EXPORTER = "Resources:\n  Role: {Type: AWS::IAM::Role}\n  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}\n"


@pytest.mark.parametrize(
    ("exported", "imported", "expected"),
    [
        ("shared", "shared", ("arn:‹AWS::Partition›:s3:::data", None)),
        (
            "!Sub 'x-${AWS::Region}'",
            "!Sub 'x-${AWS::Region}'",
            ("arn:‹AWS::Partition›:s3:::data", None),
        ),
        ("shared", "other", ("‹Fn::ImportValue other›", None)),
        ("!Sub '${AWS::StackName}-x'", "!Sub '${Stack}-x'", ("‹Fn::ImportValue ‹Stack›-x›", None)),
        (
            "!Sub '${Env}-x'",
            "dev-x",
            ("arn:‹AWS::Partition›:s3:::data", "by default of parameter `Env`"),
        ),
    ],
)
def test_exports_of_the_run_are_imported(
    tmp_path: Path, exported: str, imported: str, expected: tuple[str, str | None]
) -> None:
    found = project(
        tmp_path,
        user="Parameters: {Stack: {Type: String}}\nResources:\n"
        + document("AWS::IAM::ManagedPolicy", f"!ImportValue {imported}")
        if not imported.startswith("!")
        else "Parameters: {Stack: {Type: String}}\nResources:\n"
        + document("AWS::IAM::ManagedPolicy", f"{{Fn::ImportValue: {imported}}}"),
        maker="Parameters: {Env: {Type: String, Default: dev}}\n"
        + EXPORTER
        + f"Outputs: {{O: {{Value: !GetAtt Data.Arn, Export: {{Name: {exported}}}}}}}\n",
    )
    assert resources(found, "user.yaml#P.PolicyDocument") == [expected]


def test_what_several_templates_export_is_only_possible(tmp_path: Path) -> None:
    def maker(value: str) -> str:
        return EXPORTER + f"Outputs: {{O: {{Value: {value}, Export: {{Name: n}}}}}}\n"

    found = project(
        tmp_path,
        user="Resources:\n" + document("AWS::IAM::ManagedPolicy", "!ImportValue n"),
        one=maker("a"),
        two=maker("b"),
    )
    assert resources(found, "user.yaml#P.PolicyDocument") == [
        ("a", "if `one.yaml` exports it"),
        ("b", "if `two.yaml` exports it"),
    ]


def test_a_policy_may_be_attached_to_an_imported_role(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        user="Resources:\n"
        + document("AWS::IAM::Policy", "'*'", "      Roles: [!ImportValue role]\n"),
        maker=EXPORTER + "Outputs: {O: {Value: !Ref Role, Export: {Name: role}}}\n",
    )
    (site,) = found.sites
    assert site.owners == ("maker.yaml#Role",)


def test_exports_that_import_each_other_end(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        a="Resources:\n"
        + document("AWS::IAM::ManagedPolicy", "!ImportValue b")
        + "Outputs: {O: {Value: !ImportValue b, Export: {Name: a}}}\n",
        b="Resources: {X: {Type: AWS::S3::Bucket}}\n"
        "Outputs: {O: {Value: !ImportValue a, Export: {Name: b}}}\n",
    )
    assert resources(found, "a.yaml#P.PolicyDocument") == [("‹Fn::ImportValue b›", None)]


INNER = """\
Parameters:
  Name: {Type: String, Default: x}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref Name
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: "iam:*" # all of it
                Resource: !Sub "arn:aws:iam::${AWS::AccountId}:role/*"
"""


def stack_set(body: str) -> str:
    return (
        "Resources:\n  Role: {Type: AWS::IAM::Role, Properties: {RoleName: outer}}\n"
        "  Everywhere:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n"
        "      Parameters: [{ParameterKey: Name, ParameterValue: !Ref Role}]\n"
        f"      TemplateBody: {body}"
    )


def inner_site(found: Project) -> PolicySite:
    (site,) = [each for each in found.sites if each.kind == "identity"]
    return site


def test_the_template_of_a_stack_set_is_one_of_its_own(tmp_path: Path) -> None:
    block = "|\n" + "".join(f"        {line}\n" for line in INNER.splitlines())
    found = project(tmp_path, t=stack_set(block))
    site = inner_site(found)
    assert site.key == "t.yaml#Everywhere.TemplateBody#Role.Policies[0].PolicyDocument"
    assert site.owners == ("t.yaml#Everywhere.TemplateBody#Role",)
    assert site.editable == "its template is part of another template"
    assert site.policy is not None
    (statement,) = site.policy.statements
    assert statement.actions[0].place.text == '"iam:*"'
    (hole,) = statement.resources[0].text.holes
    assert (hole.kind, hole.scope) == ("account", "t.yaml#Everywhere.TemplateBody")
    assert str(found.owners["t.yaml#Everywhere.TemplateBody#Role"].name) == "outer"
    assert str(found.owners["t.yaml#Role"].name) == "outer"


@pytest.mark.parametrize("style", ["json", "map", "file", "sub"])
def test_templates_of_stack_sets_in_all_their_forms(tmp_path: Path, style: str) -> None:
    body = {
        "json": '\'{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": '
        '[{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "iam:*", '
        '"Resource": "*"}]}}]}}}}\'\n',
        "map": "\n" + "".join(f"        {line}\n" for line in INNER.splitlines()),
        "sub": "!Sub |\n"
        + "".join(
            f"        {line}\n" for line in INNER.replace("${AWS::AccountId}", "1").splitlines()
        ),
        "file": "",
    }[style]
    text = stack_set(body)
    if style == "file":
        (tmp_path / "inner.yaml").write_text(INNER, encoding="utf-8")
        text = text.replace("TemplateBody: ", "TemplateURL: inner.yaml")
    site = inner_site(project(tmp_path, only="t", t=text))
    assert site.policy is not None
    assert str(site.policy.statements[0].actions[0]) == "iam:*"
    assert site.place.path == ("inner.yaml" if style == "file" else "t.yaml")


def test_a_broken_template_inside_a_stack_set_is_said(tmp_path: Path) -> None:
    found = project(tmp_path, t=stack_set("|\n        Resources:\n          A: b: c\n"))
    assert reasons(found) == [
        (
            "Everywhere.TemplateBody",
            "the template in `TemplateBody` can't be read: "
            "mapping values are not allowed in this context (line 9, column 15)",
        )
    ]


def test_several_templates_of_one_file_have_owners_of_their_own(tmp_path: Path) -> None:
    one = "Resources:" + ROLE
    found = project(tmp_path, t=f"{one}---\n{one}")
    assert sorted(found.owners) == ["t.yaml#Role", "t.yaml[1]#Role"]
