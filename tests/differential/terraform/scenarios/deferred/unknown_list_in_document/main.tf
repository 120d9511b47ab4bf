resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
locals {
  split = split("-", aws_s3_bucket.b.id)
  extra = aws_s3_bucket.b.id != "" ? ["s3:PutObject"] : ["s3:DeleteObject"]
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = concat(["s3:GetObject"], local.extra)
    resources = [for s in local.split : "arn:aws:s3:::${s}"]
  }
  dynamic "statement" {
    for_each = toset(local.split)
    content {
      sid       = "Each"
      actions   = ["s3:ListBucket"]
      resources = ["arn:aws:s3:::${statement.key}"]
    }
  }
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.d.json
}
resource "aws_iam_user_policy_attachment" "u" {
  for_each   = toset([for a in local.split : "arn:aws:iam::aws:policy/${a}"])
  user       = "someone"
  policy_arn = each.key
}
