data "aws_iam_policy_document" "one" {
  statement {
    sid       = "A"
    actions   = ["a:1"]
    resources = ["*"]
  }
  statement {
    sid       = "B"
    actions   = ["b:1"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "two" {
  source_policy_documents = [data.aws_iam_policy_document.one.json]
  statement {
    sid       = "B"
    actions   = ["b:2"]
    resources = ["*"]
  }
  statement {
    sid       = ""
    actions   = ["x:2"]
    resources = ["*"]
  }
  statement {
    actions   = ["y:2"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "three" {
  override_policy_documents = [
    data.aws_iam_policy_document.two.json,
    data.aws_iam_policy_document.one.json,
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "C", Effect = "Allow", Action = "c:3", Resource = "*" }, { Sid = "C", Effect = "Deny", Action = ["c:4"], Resource = ["*"] }] }),
  ]
  statement {
    sid       = "C"
    actions   = ["c:1"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "two" {
  name   = "two"
  policy = data.aws_iam_policy_document.two.json
}
resource "aws_iam_policy" "three" {
  name   = "three"
  policy = data.aws_iam_policy_document.three.json
}
