resource "aws_sqs_queue" "q" {
  for_each    = toset(["in", "out"])
  name_prefix = "${each.key}-"
}
locals {
  static = { fixed = "arn:aws:sqs:us-east-1:123456789012:fixed" }
  arns   = merge(local.static, { for k, q in aws_sqs_queue.q : k => q.arn })
}
resource "aws_iam_policy" "each" {
  for_each = local.arns
  name     = "queue-${each.key}"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = each.value }] })
}
resource "aws_iam_policy" "lookup" {
  name = "lookup"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sqs:*", Resource = lookup(local.arns, "in", "*") },
      { Effect = "Deny", Action = "sqs:*", Resource = lookup(local.arns, "none", "*") },
      { Effect = "Allow", Action = "sqs:ListQueues", Resource = [for k in sort(keys(local.arns)) : local.arns[k] if k != "out"] },
      { Effect = "Allow", Action = "sqs:GetQueueUrl", Resource = coalesce(aws_sqs_queue.q["in"].arn, "*") },
      { Effect = "Allow", Action = "sqs:ListDeadLetterSourceQueues", Resource = try(aws_sqs_queue.q["none"].arn, aws_sqs_queue.q["out"].arn) },
    ]
  })
}
