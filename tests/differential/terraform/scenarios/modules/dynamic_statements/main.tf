variable "statements" {
  default = [
    { sid = "One", actions = ["s3:GetObject"], resources = ["*"], conditions = [] },
    {
      sid       = "Two"
      actions   = ["s3:PutObject", "s3:DeleteObject"]
      resources = ["arn:aws:s3:::b/*"]
      conditions = [
        { test = "StringEquals", variable = "aws:SourceVpc", values = ["vpc-1", "vpc-2"] },
        { test = "Bool", variable = "aws:SecureTransport", values = ["true"] },
      ]
    },
  ]
}
data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.statements
    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources
      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}
resource "aws_iam_policy" "this" {
  name   = "dynamic"
  policy = data.aws_iam_policy_document.this.json
}
