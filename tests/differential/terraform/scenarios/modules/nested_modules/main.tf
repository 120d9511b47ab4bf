module "app" {
  source = "./app"
  name   = "shop"
  tables = ["orders", "customers"]
}
resource "aws_iam_user" "auditor" { name = "auditor" }
resource "aws_iam_user_policy_attachment" "auditor" {
  user       = aws_iam_user.auditor.name
  policy_arn = module.app.policy_arn
}
resource "aws_iam_user_policy" "auditor" {
  user = aws_iam_user.auditor.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:Scan", Resource = values(module.app.table_arns) }]
  })
}
