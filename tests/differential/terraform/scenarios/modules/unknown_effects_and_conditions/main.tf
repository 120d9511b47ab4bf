resource "aws_kms_key" "k" {}
locals {
  on = aws_kms_key.k.key_id != "off"
}
resource "aws_iam_policy" "object" {
  name = "unknown-effect"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = local.on ? "Allow" : "Deny", Action = "s3:GetObject", Resource = "*" },
      { Effect = "Allow", Action = "s3:PutObject", Resource = local.on ? "arn:aws:s3:::a/*" : "*" },
      { Effect = "Allow", Action = ["s3:ListBucket", local.on ? "s3:GetBucketAcl" : "s3:*"], Resource = "*" },
      merge({ Effect = "Allow", Action = "s3:DeleteObject", Resource = "*" }, local.on ? { Condition = { Bool = { "aws:SecureTransport" = "true" } } } : {}),
    ]
  })
}
data "aws_iam_policy_document" "d" {
  statement {
    effect    = local.on ? "Allow" : "Deny"
    actions   = local.on ? ["s3:GetObject"] : ["s3:*"]
    resources = ["*"]
    condition {
      test     = local.on ? "StringLike" : "StringEquals"
      variable = "aws:userid"
      values   = [local.on ? "a" : "b"]
    }
    dynamic "condition" {
      for_each = local.on ? [1] : []
      content {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["true"]
      }
    }
  }
}
resource "aws_iam_policy" "document" {
  name   = "unknown-effect-document"
  policy = data.aws_iam_policy_document.d.json
}
