variable "admin" { default = false }
variable "actions" {
  type    = list(string)
  default = ["s3:GetObject"]
}
resource "aws_iam_role_policy" "p" {
  role = "existing"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = var.actions, Resource = "*" }],
      var.admin ? [{ Effect = "Allow", Action = ["*"], Resource = "*" }] : [],
    )
  })
}
resource "aws_iam_role_policy_attachment" "admin" {
  role       = "existing"
  policy_arn = var.admin ? "arn:aws:iam::aws:policy/AdministratorAccess" : "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
