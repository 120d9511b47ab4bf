locals {
  account = "123456789012"
  arns    = [for n in ["a", "b"] : "arn:aws:iam::${local.account}:role/${n}"]
}
resource "aws_ecr_repository" "r" { name = "app" }
resource "aws_ecr_repository_policy" "r" {
  repository = aws_ecr_repository.r.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = local.arns }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
