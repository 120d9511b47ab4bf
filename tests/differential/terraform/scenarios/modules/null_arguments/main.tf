variable "sid" { default = null }
variable "resources" {
  type    = list(string)
  default = null
}
variable "principals" {
  type    = list(object({ type = string, identifiers = list(string) }))
  default = null
}
data "aws_iam_policy_document" "this" {
  version   = null
  policy_id = null
  statement {
    sid           = var.sid
    effect        = null
    actions       = ["s3:GetObject"]
    not_actions   = null
    resources     = coalesce(var.resources, ["*"])
    not_resources = []
    dynamic "principals" {
      for_each = coalesce(var.principals, [])
      content {
        type        = principals.value.type
        identifiers = principals.value.identifiers
      }
    }
  }
  source_policy_documents   = null
  override_policy_documents = []
}
resource "aws_iam_policy" "this" {
  name   = "nulls"
  policy = data.aws_iam_policy_document.this.json
}
resource "aws_iam_role" "r" {
  name                 = null
  permissions_boundary = null
  managed_policy_arns  = null
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ for k, v in { Effect = "Allow", Sid = var.sid, Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } } : k => v if v != null }]
  })
}
resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.this.json
}
