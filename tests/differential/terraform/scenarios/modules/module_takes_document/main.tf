resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
data "aws_iam_policy_document" "extra" {
  statement {
    sid       = "Extra"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b.arn}/*"]
  }
}
module "role" {
  source   = "./role"
  name     = "fed"
  policy   = data.aws_iam_policy_document.extra.json
  policies = { extra = data.aws_iam_policy_document.extra.json }
  trust    = [{ type = "Service", identifiers = ["glue.amazonaws.com"] }]
}
