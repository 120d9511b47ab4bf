"""IAM008 condition-type-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Condition,
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    tricky,
    typed,
    wellformed,
)


class ConditionTypeMismatch(Rule):
    """The operator, the key and the value of a condition are not of one type.

    ## What it does
    Reports values that the operator cannot read (`NumericLessThan` with `one hour`, `IpAddress` with
    a name), operators of another type than the key's (`StringEquals` with a range of addresses for
    `aws:SourceIp`), and a `*` under `StringEquals`, which is compared letter by letter. String
    operators on keys that hold ARNs are in order: AWS documents them. Reported are, too, values that
    can be none of the key (`eu-west1` as region, `vpc-1` as VPC), both Booleans at once, policy
    variables where the operator knows none, a range with bits beyond its mask, and a key that holds
    a set of values without `ForAnyValue` or `ForAllValues`. Where the text happens to
    compare to the same, as with `StringEquals` on `aws:SecureTransport`, it counts less.

    ## Why it matters
    Such a condition is never true, or with a negated operator always: the Allow grants nothing, the
    Deny stops everyone, or the exception that it should make does not exist.

    ## Use instead
    The operator of the key's type: `StringLike` or `ArnLike` for wildcards, `IpAddress` for ranges,
    `Bool`, `Numeric…` and `Date…` for what their names say.

    ## Fix safety
    There is no fix: a condition that begins to hold changes who gets in.

    ## References
    - [Condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)
    - [Policy checks: type mismatch](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)
    """

    code, name = "IAM008", "condition-type-mismatch"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for statement in site.policy.statements:
            for condition in statement.conditions:
                found = typed.mismatch(condition)
                if found is not None and found.at.possible and not str(found.at):
                    continue  # the empty default of a variable that is set elsewhere
                if found is not None and not _is_mfa(condition):
                    yield self._of(found, condition, statement, site)
                elif found is None:
                    yield from self._of_values(condition, statement, site)

    def _of_values(
        self, condition: Condition, statement: Statement, site: PolicySite
    ) -> Iterator[Finding]:
        for value, message in wellformed.of_values(condition):
            yield self.finding(
                value,
                message,
                site=site,
                statement=statement,
                severity=Severity.LOW
                if "stands for" in message or wellformed.is_placeholder(str(value))
                else None,
                confidence="possible" if wellformed.is_placeholder(str(value)) else None,
                element=f"{condition.operator} {condition.key} {value}",
            )
        if wellformed.lacks_qualifier(condition):
            own = (condition.key.literal or "").lower().startswith("aws:")
            yield self.finding(
                condition.operator,
                f"`{condition.key}` holds a set of values, and `{condition.operator}` compares one",
                site=site,
                statement=statement,
                severity=None if own else Severity.LOW,
                confidence="certain" if own else "possible",
                advice=f"write `ForAnyValue:{condition.operator}` or `ForAllValues:{condition.operator}`",
                element=f"{condition.operator} {condition.key}",
            )

    def _of(
        self, found: typed.Mismatch, condition: Condition, statement: Statement, site: PolicySite
    ) -> Finding:
        operator, key = f"`{condition.operator}`", f"`{condition.key}`"
        if found.fault == "value":
            message = f"{operator} compares with {found.type}, which `{found.at}` is not"
        elif found.fault == "wildcard":
            message = f"{operator} takes the `*` in `{found.at}` for a mere character"
        elif found.fault == "key":
            message = f"{operator} cannot compare {key}, which holds {found.type}"
        else:
            message = f"{operator} compares {key}, which holds {found.type}, by its text"
        meant = found.fault == "value" and wellformed.is_placeholder(str(found.at))
        return self.finding(
            found.at,
            message,
            site=site,
            statement=statement,
            severity=Severity.LOW if found.fault == "loose-key" or meant else None,
            confidence="possible" if meant else None,
            advice=f"write `{found.instead}`" if found.instead else "",
            element=f"{condition.operator} {condition.key} {found.at}",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "deploy" {
              name = "deploy"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
                  Action    = "sts:AssumeRoleWithWebIdentity"
                  Condition = {
                    StringEquals = {
                      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
                      "token.actions.githubusercontent.com:sub" = "repo:acme/shop:*"
                    }
                  }
                }]
              })
            }
            """,
            Expected(at='"repo:acme/shop:*"', message="takes the `*`", severity="medium"),
            title="nobody can assume the role",
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Office:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Deny
                        Action: "*"
                        Resource: "*"
                        Condition:
                          StringNotEquals: {"aws:SourceIp": [203.0.113.0/24]}
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition:
                          NumericLessThan: {"aws:MultiFactorAuthAge": 1h}
            """,
            Expected(at="StringNotEquals", message="cannot compare `aws:SourceIp`"),
            Expected(at="1h", message="compares with a number, which `1h` is not"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Regions:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: ec2:CreateTags
                        Resource: arn:aws:ec2:*:*:instance/*
                        Condition:
                          StringEquals: {"aws:RequestedRegion": eu-west1, "aws:TagKeys": team}
                          IpAddress: {"aws:SourceIp": 203.0.113.5/24}
                          Bool: {"aws:ViaAWSService": ["true", "false"]}
            """,
            Expected(at="eu-west1", message="`eu-west1` is no region"),
            Expected(at="StringEquals", message="`aws:TagKeys` holds a set of values"),
            Expected(at="203.0.113.5/24", message="stands for `203.0.113.0/24`", severity="low"),
            Expected(at='"false"', message="together ask nothing"),
            title="what can be no value of the key",
        ),
        good(
            "cloudformation",
            """
            Resources:
              Office:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Deny
                        Action: "*"
                        Resource: "*"
                        Condition:
                          NotIpAddress: {"aws:SourceIp": [203.0.113.0/24]}
                          Bool: {"aws:ViaAWSService": "false"}
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition:
                          NumericLessThan: {"aws:MultiFactorAuthAge": 3600}
            """,
        ),
        good(
            "terraform",
            """
            resource "aws_sqs_queue_policy" "orders" {
              queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Service = "sns.amazonaws.com" }
                  Action    = "sqs:SendMessage"
                  Resource  = "*"
                  Condition = {
                    StringLike      = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:111122223333:orders-*" }
                    "StringEquals"  = { "aws:SourceAccount" = "111122223333" }
                  }
                }]
              })
            }
            """,
            title="AWS documents string operators for keys that hold ARNs",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Bucket:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: app-data
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Deny
                        Principal: "*"
                        Action: s3:*
                        Resource: arn:aws:s3:::app-data/*
                        Condition: {StringEquals: {"aws:SecureTransport": "false"}}
            """,
            Expected(at="StringEquals", message="by its text", severity="low"),
            title="the text compares to the same",
        ),
        tricky(
            "cloudformation",
            """
            Parameters:
              Range: {Type: String}
            Resources:
              Certificates:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: acm:RequestCertificate
                        Resource: "*"
                        Condition:
                          ForAllValues:StringEquals: {"acm:DomainNames": ["*.shop.example.com"]}
                          IpAddress: {"aws:SourceIp": !Ref Range}
                          DateLessThan: {"aws:CurrentTime": "2027-01-01T00:00:00Z"}
                          NumericGreaterThan: {"aws:EpochTime": "1700000000"}
                          StringLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:PrincipalTag/team}-*"}
                          "Null": {"aws:PrincipalOrgID": false}
                          Bool: {"aws:ViaAWSService": False}
            """,
            title="a certificate for a wildcard domain, and values that only the deployment knows",
        ),
    )


def _is_mfa(condition: Condition) -> bool:
    """True for the key that IAM203 looks at."""
    return (condition.key.literal or "").lower() == "aws:multifactorauthpresent"
