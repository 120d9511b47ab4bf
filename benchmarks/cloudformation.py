"""What reading CloudFormation costs, side by side with cfn-lint on the same generated templates.

Decoding alone (goal: a fifth of cfn-lint's), as a scan does it, where the body of a resource is
checked and made into a tree only when it is asked for, and into the whole tree; what a scan makes
of the templates in all; and a whole run over 50 of them (limit: a twentieth of cfn-lint's).
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import cpu_of, iamlint, python
from iamlint.text import SourceText

TEMPLATES = 50
GOAL, LIMIT = 5.0, 20.0

ROLE = """\
  Role{n}:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub ${{AWS::StackName}}-role-{n}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: lambda.amazonaws.com}}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
      Policies:
        - PolicyName: data # what the job reads and writes
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [s3:GetObject, s3:PutObject]
                Resource: !Sub ${{Bucket{n}.Arn}}/*
              - Effect: Allow
                Action:
                  - dynamodb:GetItem
                  - dynamodb:Query
                Resource: !Sub arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{n}
  Bucket{n}:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {{SSEAlgorithm: AES256}}
      LifecycleConfiguration:
        Rules:
          - {{Id: old, Status: Enabled, ExpirationInDays: 30, Prefix: !Sub "${{AWS::StackName}}/"}}
  Job{n}:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      Timeout: 30
      Role: !GetAtt Role{n}.Arn
      Environment:
        Variables:
          BUCKET: !Ref Bucket{n}
          TABLE: !Sub table-{n}
      Code:
        ZipFile: |
          import os

          def handler(event, context):
              return os.environ["BUCKET"]
  Alarm{n}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: the job fails
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions:
        - {{Name: FunctionName, Value: !Ref Job{n}}}
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
  Group{n}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the job
      SecurityGroupEgress:
        - {{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}}
"""


def template(number: int) -> str:
    """A template of some kilobytes."""
    head = "AWSTemplateFormatVersion: 2010-09-09\nResources:\n"
    return head + "".join(ROLE.format(n=f"{number}x{each}") for each in range(3))


def run() -> Iterator[str]:
    from cfnlint.decode import decode_str

    from iamlint.sources.cloudformation.read import read
    from iamlint.sources.cloudformation.skim import skim
    from iamlint.sources.document.document import Document
    from iamlint.sources.document.parse import parse
    from iamlint.tree import plain

    texts = [template(number) for number in range(TEMPLATES)]
    as_json = []
    for text in texts:
        document = parse(SourceText("t", text))
        assert isinstance(document, Document)
        as_json.append(json.dumps(plain(document.roots[0]), indent=2))
    for name, files in (("YAML", texts), ("JSON", as_json)):
        size = sum(map(len, files)) / 1e6
        theirs = best(decode_str, files)
        yield f"{name}: cfn-lint decodes {size / theirs:.1f} MB/s"
        works: tuple[tuple[str, Callable[[SourceText], object]], ...] = (
            (f"decoded as a scan does it (goal {GOAL:.0f}x)", skim),
            ("decoded into the whole tree", parse),
            ("decoded, resolved and all policies found", read),
        )
        for what, work in works:
            ours = best(partial(_of_text, work), files)
            yield f"  {what}: {size / ours:.1f} MB/s, {theirs / ours:.1f}x"
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            Path(folder, f"t{number}.yaml").write_text(text, encoding="utf-8")
        paths = sorted(map(str, Path(folder).glob("*.yaml")))
        ours = cpu_of(iamlint("scan", folder, "--no-config", "--no-progress"), runs=3)
        theirs = cpu_of(python("-c", "from cfnlint.runner import main; main()", *paths), runs=1)
    verdict = "within" if theirs / ours >= LIMIT else "OVER"
    yield (
        f"{TEMPLATES} templates, whole run: {ours:.2f} s CPU, cfn-lint {theirs:.2f} s: "
        f"1/{theirs / ours:.0f} ({verdict} the limit of 1/{LIMIT:.0f})"
    )


def _of_text(work: Callable[[SourceText], object], text: str) -> object:
    return work(SourceText("t", text))


def best(work: Callable[[str], object], texts: list[str], runs: int = 3) -> float:
    """CPU seconds of the fastest of several runs over all texts."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        for text in texts:
            work(text)
        found.append(time.process_time() - start)
    return min(found)
