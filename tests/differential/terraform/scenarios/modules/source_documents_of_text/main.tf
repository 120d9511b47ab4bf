data "aws_iam_policy_document" "this" {
  source_policy_documents = [
    file("${path.module}/base.json"),
    jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = true }, NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 } } }] }),
    null,
  ]
  override_policy_documents = [
    <<-JSON
      {"statement": [{"sid": "B", "effect": "Deny", "action": ["sns:DeleteTopic", "sns:AddPermission"], "principal": {"AWS": ["2", "1"]}, "Comment": "dropped"}]}
    JSON
  ]
}
resource "aws_sns_topic" "t" { name = "t" }
resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.t.arn
  policy = data.aws_iam_policy_document.this.json
}
