variable "environments" {
  type    = list(string)
  default = ["dev", "stage", "prod"]
}
data "aws_caller_identity" "current" {}
resource "aws_iam_role" "deploy" {
  count = length(var.environments)
  name  = "deploy-${var.environments[count.index]}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
    }]
  })
}
resource "aws_iam_role_policy" "deploy" {
  count = length(aws_iam_role.deploy)
  name  = "deploy"
  role  = aws_iam_role.deploy[count.index].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Deploy${title(var.environments[count.index])}"
      Effect   = var.environments[count.index] == "prod" ? "Deny" : "Allow"
      Action   = ["ecs:UpdateService", "ecs:DescribeServices"]
      Resource = "arn:aws:ecs:*:*:service/${var.environments[count.index]}-${count.index}/*"
    }]
  })
}
resource "aws_iam_role_policy_attachment" "read_only" {
  count      = 2
  role       = element(aws_iam_role.deploy[*].name, count.index)
  policy_arn = "arn:aws:iam::aws:policy/${count.index == 0 ? "ReadOnlyAccess" : "job-function/ViewOnlyAccess"}"
}
