variable "name" {}
variable "policy" {
  type    = string
  default = null
}
variable "policies" { type = map(string) }
variable "trust" { type = list(any) }
data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = var.trust
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = statement.value.type
        identifiers = statement.value.identifiers
      }
    }
  }
}
data "aws_iam_policy_document" "all" {
  override_policy_documents = [var.policy]
  statement {
    sid       = "Extra"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    sid       = "Base"
    actions   = ["glue:*"]
    resources = ["*"]
  }
}
resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "all" {
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.all.json
}
resource "aws_iam_role_policy" "each" {
  for_each = var.policies
  role     = aws_iam_role.this.id
  policy   = each.value
}
