"""Whether an action is a call about resources or about what is in them, told by its name.

CloudTrail calls the former management events, which trails record, and the latter data events
(CloudTrail User Guide, cloudtrail-concepts: management operations are control plane operations,
"resource operations performed on or in a resource" are data plane operations).
"""

from __future__ import annotations

import re

from iamlint.iam.catalog import Action

_ABOUT_CONTENT = re.compile(
    r"^(?:Invoke|Send|Receive|Publish|Query|Scan|Batch|Execute|Run|Connect|Retrieve|Search|Select"
    r"|Upload[A-Za-z]*(?:Archive|Data|Documents?|Files?|Objects?|Part)|Download|Stream|Subscribe|Poll|Ack|Checkpoint|Resume|Suspend|Converse|Generate"
    r"|Encrypt|Decrypt|Sign|Verify|Read|Write|Open|Use|Access|Assume|Chat|Predict|Infer|Detect"
    r"|Analyze|Classify|Recognize|Translate|Synthesize|Submit|Record|Report|Redeem|Complete|Post"
    r"|Start[A-Za-z]*(?:Session|Stream|Query|Execution)"
    r"|Put[A-Za-z]*(?:Records?|Events?|Data|Messages?|Items?|Objects?|Metrics?|Traces?|Segments?"
    r"|Files?|Media|Feedback|Values?)$"
    r"|Get[A-Za-z]*(?:Records?|Events?|Data|Messages?|Items?|Objects?|Metrics?|Traces?|Content"
    r"|Results?|Tokens?|Credentials?|Sessions?|Secrets?|Values?|Media|Files?|Streams?|Documents?"
    r"|Images?|Url|URL|Endpoint|Access|Answers?|Recommendations?|Predictions?)$"
    r"|(?:Update|Delete|Create)[A-Za-z]*(?:Records?|Messages?|Items?|Objects?|Tokens?|Sessions?)$)"
)


_S3_CONTROL = frozenset({"s3:GetDataAccess", "s3:SubmitMultiRegionAccessPointRoutes"})
"""Calls of S3's control plane whose names sound otherwise; CloudTrail captures all of its calls."""


def about_resources(action: Action) -> bool:
    """True if an action manages resources, so that a trail of management events would show it."""
    if action.level in ("Permissions management", "Tagging") or action.name in _S3_CONTROL:
        return True
    return not _ABOUT_CONTENT.match(action.name.partition(":")[2])
