locals {
  buckets = toset(["logs", "assets", "logs"])
}
resource "aws_s3_bucket" "this" {
  for_each = local.buckets
  bucket   = "acme-${each.key}"
}
data "aws_iam_policy_document" "this" {
  for_each = local.buckets
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.this[each.key].arn, "${aws_s3_bucket.this[each.key].arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333", "444455556666"]
    }
  }
}
resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id
  policy   = data.aws_iam_policy_document.this[each.key].json
}
