resource "aws_s3_bucket" "a" { bucket_prefix = "a" }
resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
locals {
  arns     = [aws_s3_bucket.a.arn, aws_s3_bucket.b.arn]
  objects  = formatlist("%s/*", local.arns)
  by_name  = { a = aws_s3_bucket.a, b = aws_s3_bucket.b }
  upper    = upper(aws_s3_bucket.a.bucket)
  splitted = split(":", aws_s3_bucket.a.arn)
}
data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = local.arns
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = sort(local.objects)
  }
  statement {
    actions   = ["s3:PutObject"]
    resources = [for k, b in local.by_name : format("arn:aws:s3:::%s/%s/*", b.id, k)]
  }
  statement {
    actions   = ["s3:DeleteObject"]
    resources = concat(["arn:aws:s3:::fixed"], flatten([local.arns, [local.upper]]), ["${element(local.splitted, 5)}-x"])
  }
  statement {
    actions   = ["s3:GetObjectAcl"]
    resources = distinct(compact([aws_s3_bucket.a.arn, "", null, "arn:aws:s3:::fixed", trimsuffix(aws_s3_bucket.b.arn, "/")]))
  }
}
resource "aws_iam_policy" "this" {
  name   = "functions"
  policy = data.aws_iam_policy_document.this.json
}
