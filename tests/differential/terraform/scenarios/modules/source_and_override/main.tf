data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Keep"
    actions   = ["ec2:Describe*"]
    resources = ["*"]
  }
  statement {
    sid       = "Replace"
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "more" {
  version = "2008-10-17"
  statement {
    actions   = ["iam:PassRole"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "override" {
  policy_id = "fromOverride"
  statement {
    sid       = "Replace"
    effect    = "Deny"
    actions   = ["ec2:TerminateInstances"]
    resources = ["arn:aws:ec2:*:*:instance/*"]
    condition {
      test     = "StringNotEquals"
      variable = "aws:ResourceTag/owner"
      values   = ["&{aws:username}"]
    }
  }
  statement {
    sid       = "Own"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["arn:aws:s3:::home/&{aws:username}/*"]
  }
}
data "aws_iam_policy_document" "merged" {
  policy_id                 = "own"
  source_policy_documents   = [data.aws_iam_policy_document.base.json, data.aws_iam_policy_document.more.json]
  override_policy_documents = [data.aws_iam_policy_document.override.json]
  statement {
    sid       = "Own"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    not_actions   = ["iam:*", "sts:*"]
    not_resources = ["arn:aws:s3:::secret"]
  }
}
resource "aws_iam_policy" "merged" {
  name   = "merged"
  policy = data.aws_iam_policy_document.merged.json
}
resource "aws_iam_policy" "minified" {
  name   = "minified"
  policy = data.aws_iam_policy_document.merged.minified_json
}
