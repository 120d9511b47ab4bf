resource "aws_kms_key" "k" {}
variable "strict" { default = true }
data "aws_iam_policy_document" "strict" {
  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.k.arn]
  }
}
data "aws_iam_policy_document" "this" {
  override_policy_documents = var.strict ? [data.aws_iam_policy_document.strict.json] : []
  statement {
    sid       = "Decrypt"
    actions   = ["kms:*"]
    resources = ["*"]
  }
  statement {
    sid       = "Unknown${aws_kms_key.k.key_id == "x" ? "A" : "B"}"
    actions   = ["kms:ListKeys"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "this" {
  name   = "override-unknown"
  policy = data.aws_iam_policy_document.this.json
}
