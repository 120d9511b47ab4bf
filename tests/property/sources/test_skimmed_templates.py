"""Reading only what is asked for gives what reading the whole template gives, places included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.cloudformation import library
from iamlint.sources.cloudformation.read import read
from iamlint.sources.cloudformation.skim import skim
from iamlint.text import SourceText

BIG = "\n".join(f"      Tag{number}: some text of no interest" for number in range(40))
PLAIN = f"""\
AWSTemplateFormatVersion: 2010-09-09
# a comment
Metadata:
  Interface: [a, b]

Parameters:
  P: {{Type: String, Default: x}}
Resources:

  # the first
  Bucket:
    Type: AWS::S3::Bucket # plain
    Properties:
      BucketName: !Sub "${{P}}-b"
{BIG}
  Role:
    Type: "AWS::IAM::Role"
    Properties:
      RoleName: r
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {{Effect: Allow, Action: "s3:*", Resource: !GetAtt Bucket.Arn}}
  Odd:
    Type: Custom::Odd
    Condition: Never
    Properties:
{BIG}
      Doc:
        Statement: [{{Effect: Allow, Action: "*", Resource: "*"}}]
Conditions:
  Never: !Equals [a, b]
Outputs:
  O: {{Value: !Ref Bucket}}
"""


def told(text: str) -> object:
    found = read(SourceText("t", text))
    return (
        [
            (site.key, site.kind, site.place.span, site.block.span, site.owners, repr(site.policy))
            for site in found.sites
        ],
        [(owner.key, owner.block.span, str(owner.name)) for owner in found.owners.values()],
        [(each.place.span, each.address, each.reason) for each in found.unresolved],
        list(map(str, found.unreadable)),
    )


def whole(text: str) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "skim", lambda source: None)
        return told(text)


def test_a_plain_template_is_skimmed() -> None:
    template = skim(SourceText("t", PLAIN))
    assert template is not None
    assert {name: each.type for name, each in template.resources.items()} == {
        "Bucket": "AWS::S3::Bucket",
        "Role": "AWS::IAM::Role",
        "Odd": "Custom::Odd",
    }
    assert template.resources["Bucket"].block.text.startswith("Bucket:\n    Type")
    assert template.resources["Bucket"].block.text.endswith("of no interest")
    assert not template.resources["Bucket"].may_hold("Statement")
    assert told(PLAIN) == whole(PLAIN)
    assert told(PLAIN.replace("\n", "\r\n")) == whole(PLAIN.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    Type: AWS::S3::Bucket # plain", "    Type: |\n      AWS::S3::Bucket"),
        ("    Type: AWS::S3::Bucket # plain", '    Description: "a\n    Type: b"'),
        (
            "    Type: AWS::S3::Bucket # plain",
            '    D: "a\n    Type: AWS::X::Y\n    "\n    "Ty\\x70e": AWS::IAM::Role',
        ),
        ("  Odd:", '  Fake: "\n  Odd:'),
        ("  Odd:", "  Odd: {Type: AWS::S3::Bucket}\n  Odd:"),
        ("  Odd:", "  Role:"),
        ("  Odd:", "  'Odd':"),
        ("  Odd:", "  Fn::Transform:\n    Name: M\n  Odd:"),
        ("  Odd:", "  Odd: !Include x\n  Even:"),
        ("  Odd:", " Odd:"),
        ("  Odd:", "   Odd:"),
        ("  Odd:", "  ? Odd\n  :"),
        ("  Odd:", "  Odd: &x\n  Even:"),
        ("  Odd:", "---\n  Odd:"),
        ("  Odd:", "Resources:\n  Odd:"),
        ("# a comment", "# a comment\n---"),
        ("# a comment", "%YAML 1.1\n---"),
        ("      RoleName: r", "      RoleName: [r"),
        ("      Tag7: some text", '      Tag7: "some\ntext"'),
        ("      Tag7: some text", "      Tag7: [a,\n  b: c,\nd]"),
        ("      Tag7: some text", "      Tag7: |\n       Role:\n        Type: AWS::IAM::Role\n"),
        ("      Tag7: some text", "      Tag7: a\x85b"),
        ("      Tag7: some text", "      Tag7: \x01"),
        ("      Tag7: some text", "      \tTag7: a"),
        ("        Statement: [", '        "\\x53tatement": ['),
        ("    Condition: Never\n", "    Condition : Never\n"),
        ("    Condition: Never\n", '    "Condition": Never\n'),
        ("    Condition: Never\n", "    Properties: {}\n"),
        ("Resources:\n", "Resources: # all\n"),
        ("Resources:\n", "Resources: {}\nOther:\n"),
        ("Metadata:\n", "Metadata:\n- a\nX:\n"),
        ("AWSTemplateFormatVersion: 2010-09-09\n", ""),
        ("AWSTemplateFormatVersion: 2010-09-09\n", "  indented: x\n"),
    ],
)
def test_what_is_not_plain_is_read_all_the_same(old: str, new: str) -> None:
    assert old in PLAIN
    text = PLAIN.replace(old, new)
    assert told(text) == whole(text)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "  ", "    ", "      ", "        ", " ", "   "]),
        st.sampled_from(
            [
                *["Role:", "Type: AWS::IAM::Role", "Type: Custom::X", "Properties:", "Statement:"],
                *[
                    "- Effect: Allow",
                    "Action: '*'",
                    "- a",
                    "x: |",
                    "x: >-",
                    'x: "',
                    '"',
                    "'",
                    "[a,",
                ],
                *[
                    "]",
                    "{a: b}",
                    "# c",
                    "",
                    "&a",
                    "*a",
                    "<<: *a",
                    "---",
                    "Condition: C",
                    "RoleName: r",
                ],
                *[
                    "Resources:",
                    "Parameters:",
                    "x: !Ref Role",
                    "Bucket:",
                    "Type: 'AWS::S3::Bucket'",
                ],
            ]
        ),
    ),
    max_size=14,
).map(lambda lines: "\n".join(indent + line for indent, line in lines))


@given(LINES, LINES)
@settings(max_examples=400, deadline=None)
def test_any_lines_are_read_alike(first: str, last: str) -> None:
    text = (
        f"AWSTemplateFormatVersion: x\nResources:\n  A:\n    Type: Custom::A\n    Properties:\n{BIG}\n"
        f"{first}\n  Z:\n    Type: Custom::Z\n    Properties:\n{BIG}\n{last}\n"
    )
    assert told(text) == whole(text)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "AWS::IAM::Role", 1, None, "é😀", "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Type", "Properties", "Statement", "Effect", "Condition", "RoleName", "Ref"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["A", "B", "Fn::Transform", "Fn::ForEach::X"]), VALUES),
    st.dictionaries(st.sampled_from(["Parameters", "Conditions", "Transform", "Outputs"]), VALUES),
    st.sampled_from([None, 1]),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_alike(
    resources: dict[str, Any], sections: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    template = {"AWSTemplateFormatVersion": "x", "Resources": resources, **sections}
    text = json.dumps(template, indent=indent, ensure_ascii=ascii_only)
    assert told(text) == whole(text)


@pytest.mark.parametrize(
    "body",
    [
        '{"Type": "AWS::S3::Bucket", "Properties": NaN}',
        '{"Type": "AWS::S3::Bucket", "X": ' + "[" * 197 + "]" * 197 + "}",
        '{"Type": "AWS::S3::Bucket", "X": ' + "[" * 250 + "]" * 250 + "}",
        '{"Type": "AWS::S3::Bucket", "X": ' + "9" * 5000 + "}",
        '{"Type": "AWS::S3::Bucket", "Type": "AWS::IAM::Role"}',
        '{"Type": "AWS::S3::Bucket"} // c',
        '{"Type": "AWS::S3::Bucket",}',
        '{"Type": "AWS::S3::Bucket", "\\u0053tatement": 1}',
        '"a\nb"',
    ],
)
def test_json_that_is_not_plain_is_read_all_the_same(body: str) -> None:
    text = f'{{"Resources": {{"A": {body}}}, "AWSTemplateFormatVersion": "x"}}'
    assert told(text) == whole(text)
