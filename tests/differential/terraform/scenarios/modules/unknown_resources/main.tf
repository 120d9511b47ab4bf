resource "aws_sqs_queue" "jobs" { name = "jobs" }
resource "aws_sns_topic" "events" { name_prefix = "events-" }
resource "aws_kms_key" "main" {}
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
resource "aws_iam_policy" "worker" {
  name = "worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage"], Resource = aws_sqs_queue.jobs.arn },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = [aws_kms_key.main.arn], Condition = { StringEquals = { "kms:ViaService" = "sqs.${data.aws_region.here.name}.amazonaws.com" } } },
      { Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::jobs-${data.aws_caller_identity.me.account_id}-${data.aws_region.here.name}/*" },
    ]
  })
}
resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.url
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "jobs"
    Statement = [{
      Sid       = "Topic"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.jobs.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
    }]
  })
}
