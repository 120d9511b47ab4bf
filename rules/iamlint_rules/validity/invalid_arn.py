"""IAM005 invalid-arn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    tricky,
    wellformed,
)


class InvalidArn(Rule):
    """A resource is no ARN, or an attached AWS managed policy does not exist.

    ## What it does
    Reports resources of identity policies that are no ARN, ARNs with an unknown partition, a region
    or account that is none, a service in capitals or too few parts, and attachments of AWS managed policies that the catalogue does not
    know, with the nearest name.

    ## Why it matters
    IAM rejects the one, and matches nothing with the other. An attachment with a wrong path, such as
    `policy/AWSLambdaBasicExecutionRole` for `policy/service-role/AWSLambdaBasicExecutionRole`,
    fails at deployment.

    ## Use instead
    The ARN as the service authorization reference gives it.

    ## Fix safety
    The nearest name is a guess; there is no fix that is applied without you.

    ## References
    - [ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
    - [AWS managed policies](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html)
    """

    code, name = "IAM005", "invalid-arn"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.arn is not None and site.policy is None:
            yield from self._of_attachment(site, ctx)
        if site.kind != "identity" or site.policy is None:
            return
        for statement in site.policy.statements:
            for resource in statement.resources:
                message = _fault(resource)
                if message is not None:
                    made = str(resource) not in resource.place.text
                    if made and resource.place.text.lstrip('"').startswith("${"):
                        continue  # what it begins with came out empty: the module was not called so
                    meant = wellformed.is_placeholder(str(resource))
                    yield self.finding(
                        resource,
                        message,
                        site=site,
                        statement=statement,
                        severity=Severity.LOW if meant else None,
                        confidence="possible" if made or meant else None,
                        notes=(_PLACEHOLDER,) if meant else (),
                    )

    def _of_attachment(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        name = ctx.unknown_managed_policy(site)
        if name is None:
            return
        near = ctx.managed_suggestion(name)
        yield self.finding(
            site.place,
            f"no AWS managed policy `{name}` is known",
            site=site,
            severity=None if near else Severity.LOW,
            confidence="certain" if near else "possible",
            advice=f"did you mean `{near}`?" if near else "",
            notes=(f"the catalogue is of {ctx.data_date}",),
            element=name,
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "logs" {
              role       = "function"
              policy_arn = "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"',
                message="no AWS managed policy `AWSLambdaBasicExecutionRole` is known",
                confidence="certain",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: [app-data/*, "arn:asw:s3:::app-data/*", "arn:aws:sqs:eu-west-1:1234:orders", "arn:aws:S3:::data", "arn:aws:sqs:eu-west1:111122223333:orders"]
            """,
            Expected(at="app-data/*", message="`app-data/*` is no ARN"),
            Expected(at='"arn:asw:s3:::app-data/*"', message="`asw` is no partition"),
            Expected(at='"arn:aws:sqs:eu-west-1:1234:orders"', message="`1234` is no account"),
            Expected(at='"arn:aws:S3:::data"', message="the service is written `s3`"),
            Expected(
                at='"arn:aws:sqs:eu-west1:111122223333:orders"', message="`eu-west1` is no region"
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "logs" {
              role       = "function"
              policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
            }
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:REGION:ACCOUNT_ID:orders"}]
            }
            """,
            Expected(
                at='"arn:aws:sqs:REGION:ACCOUNT_ID:orders"',
                severity="low",
                confidence="possible",
                notes="looks like a placeholder",
            ),
            title="a placeholder",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [{
                "Effect": "Allow",
                "Action": "*",
                "Resource": [
                  "arn:aws:s3:::${aws:PrincipalTag/bucket}/*", "arn:aws-us-gov:s3:::a", "arn:*:s3:::b",
                  "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:s3*", "arn:aws:ec2:*:*:instance/*",
                  "arn:aws:iam::cloudfront:user/x", "arn:aws:sqs:*:${aws:PrincipalAccount}:q",
                  "arn:aws:apigateway:eu-west-1::/restapis/*"
                ]
              }]
            }
            """,
            title="forms that are in order",
        ),
    )


_PARTITION = r"aws(-cn|-us-gov|-iso(-[a-z])?|-eusc)?"
_ACCOUNT = r"[0-9]{12}|aws|aws-managed|cloudfront|third-party|thirdparty|aws-marketplace|amazon|awsmarketplace|"


def _fault(resource: Element) -> str | None:
    text = resource.literal
    if not text or text[0] in "*?$":
        return None
    if not text.startswith("arn:"):
        return (
            None
            if set("*?") & set(text[:4])
            else f"`{text}` is no ARN, as `arn:aws:s3:::bucket/*` is"
        )
    parts = text.split(":", 5)
    if len(parts) == 6 and parts[2] != parts[2].lower():
        return f"the service is written `{parts[2].lower()}`, not `{parts[2]}`"
    if len(parts) == 6 and parts[3] and not _fits(parts[3], wellformed.REGION):
        return f"`{parts[3]}` is no region, as `eu-west-1` is"
    if any(sign in part for part in parts[1:5] for sign in "*?$"):
        parts = [*parts, *[""] * (6 - len(parts))]
    elif len(parts) < 6:
        return f"`{text}` has {len(parts)} parts, an ARN has six"
    if not _fits(parts[1], _PARTITION):
        return f"`{parts[1]}` is no partition, as `aws` is"
    if not _fits(parts[4], _ACCOUNT):
        return f"`{parts[4]}` is no account: twelve digits"
    return None


def _fits(part: str, pattern: str) -> bool:
    return bool(set("*?$") & set(part)) or re.fullmatch(pattern, part) is not None


_PLACEHOLDER = "it looks like a placeholder that is filled in before deployment"
