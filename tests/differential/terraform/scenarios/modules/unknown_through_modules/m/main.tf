variable "grants" {
  type = map(object({
    actions   = set(string)
    resources = list(string)
    effect    = optional(string, "Allow")
  }))
}
variable "trusted" { type = string }
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.grants
    content {
      sid       = title(statement.key)
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = [for r in statement.value.resources : r if r != ""]
    }
  }
}
resource "aws_iam_role" "r" {
  name = "through"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::${var.trusted}:root" }, Condition = { StringEquals = { "sts:ExternalId" = var.trusted } } }]
  })
}
resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.d.json
}
output "json" { value = data.aws_iam_policy_document.d.json }
