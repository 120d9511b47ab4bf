data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::only/*"]
  }
}
locals {
  a = "overridden"
}
