locals {
  grants = {
    reader = { principals = { AWS = ["111122223333"], Service = ["config.amazonaws.com"] }, actions = ["s3:Get*", "s3:List*"] }
    writer = { principals = { AWS = ["arn:aws:iam::444455556666:role/w", "222233334444"] }, actions = ["s3:Put*"] }
  }
}
data "aws_iam_policy_document" "bucket" {
  dynamic "statement" {
    for_each = local.grants
    iterator = grant
    content {
      sid       = title(grant.key)
      actions   = grant.value.actions
      resources = ["arn:aws:s3:::shared/${grant.key}/*"]
      dynamic "principals" {
        for_each = grant.value.principals
        iterator = who
        content {
          type        = who.key
          identifiers = who.value
        }
      }
    }
  }
  dynamic "statement" {
    for_each = length(local.grants) > 2 ? [1] : []
    content {
      effect    = "Deny"
      actions   = ["*"]
      resources = ["*"]
    }
  }
}
resource "aws_s3_bucket_policy" "shared" {
  bucket = "shared"
  policy = data.aws_iam_policy_document.bucket.json
}
