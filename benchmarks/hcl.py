"""What parsing HCL costs, ours against python-hcl2's raw tree on the same generated files (limit: a tenth)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

LIMIT = 10.0

FILE = """\
# Policies of team {n}.
locals {{
  prefix_{n} = "arn:${{data.aws_partition.current.partition}}:s3:::team-{n}"
  actions_{n} = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"] # what it needs
}}

data "aws_iam_policy_document" "team_{n}" {{
  statement {{
    sid       = "Objects"
    actions   = local.actions_{n}
    resources = ["${{local.prefix_{n}}}/*", aws_s3_bucket.team_{n}.arn]

    condition {{
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = [for team in var.teams : lower(team) if team != "{n}"]
    }}
  }}
}}

resource "aws_iam_role_policy" "team_{n}" {{
  count  = var.enabled && length(var.teams) > {n} ? 1 : 0
  role   = aws_iam_role.team_{n}[count.index].name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${{var.region}}:${{local.account}}:log-group:/team/{n}:*"
      }},
    ]
  }})
  tags = merge(var.tags, {{ Name = "team-{n}", Cost = var.costs["team-{n}"] }})
}}
"""


def run() -> Iterator[str]:
    """Kilobytes a second of CPU time of both parsers, and their ratio."""
    import hcl2

    from iamlint.sources.terraform import parser
    from iamlint.text import SourceText

    texts = [FILE.format(n=number) * 3 for number in range(60)]
    hcl2.parses_to_tree(texts[0])  # loads its grammar
    theirs = _least(hcl2.parses_to_tree, texts, 1)
    mine = _least(lambda text: parser.parse(SourceText("main.tf", text)), texts, 5)
    size = sum(map(len, texts)) / 1000
    yield f"{len(texts)} files, {size:.0f} kB"
    yield f"iamlint      {size / mine:8.0f} kB/s"
    yield f"python-hcl2  {size / theirs:8.0f} kB/s"
    yield f"ratio        {theirs / mine:8.1f}  (limit: at least {LIMIT:.0f})"


def _least(parse: Callable[[str], object], texts: list[str], runs: int) -> float:
    least = float("inf")
    for _ in range(runs):
        before = time.process_time()
        for text in texts:
            parse(text)
        least = min(least, time.process_time() - before)
    return least
