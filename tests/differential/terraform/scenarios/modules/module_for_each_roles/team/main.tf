variable "name" {}
variable "policies" { type = list(string) }
variable "trusted" {}
resource "aws_iam_role" "this" {
  name = "team-${var.name}"
  path = "/teams/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.trusted == "*" ? ["*"] : [var.trusted, "arn:aws:iam::${var.trusted}:root"] } }]
  })
}
resource "aws_iam_role_policy_attachment" "this" {
  count      = length(var.policies)
  role       = aws_iam_role.this.name
  policy_arn = var.policies[count.index]
}
output "role" { value = aws_iam_role.this.name }
output "arn" { value = aws_iam_role.this.arn }
