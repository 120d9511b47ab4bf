resource "aws_kms_key" "k" {}
locals { strict = aws_kms_key.k.key_id != "x" }
data "aws_iam_policy_document" "strict" {
  statement {
    sid       = "Same"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::only/*"]
  }
}
data "aws_iam_policy_document" "this" {
  override_policy_documents = local.strict ? [data.aws_iam_policy_document.strict.json] : []
  statement {
    sid       = "Same"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "this" {
  name   = "p"
  policy = data.aws_iam_policy_document.this.json
}
data "aws_iam_policy_document" "labels" {
  override_policy_documents = [data.aws_iam_policy_document.strict.json]
  statement {
    sid       = local.strict ? "Same" : "Other"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "labels" {
  name   = "labels"
  policy = data.aws_iam_policy_document.labels.json
}
data "aws_iam_policy_document" "holes" {
  override_policy_documents = [data.aws_iam_policy_document.strict.json]
  statement {
    sid       = "Sam${substr(sha1(aws_kms_key.k.key_id), 0, 0)}e"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "holes" {
  name   = "holes"
  policy = data.aws_iam_policy_document.holes.json
}
data "aws_iam_policy_document" "sources" {
  source_policy_documents = local.strict ? [data.aws_iam_policy_document.strict.json] : []
  statement {
    sid       = "Same"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "sources" {
  name   = "sources"
  policy = data.aws_iam_policy_document.sources.json
}
