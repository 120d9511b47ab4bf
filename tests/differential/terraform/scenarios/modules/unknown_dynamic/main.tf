resource "aws_sns_topic" "t" {
  count = 2
  name  = "t${count.index}"
}
resource "aws_sqs_queue" "q" { name = "q" }
data "aws_iam_policy_document" "q" {
  dynamic "statement" {
    for_each = aws_sns_topic.t[*].arn
    content {
      sid       = "Topic${statement.key}"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.q.arn]
      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value]
      }
    }
  }
}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy    = data.aws_iam_policy_document.q.json
}
