terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" { region = "us-east-1" }
data "aws_region" "r" {}
data "aws_partition" "p" {}
data "aws_caller_identity" "c" {}
data "aws_iam_role" "existing" { name = "existing" }
data "aws_s3_bucket" "logs" { bucket = "logs-bucket" }
data "aws_organizations_organization" "o" {}
resource "aws_iam_role_policy_attachment" "a" {
  role       = data.aws_iam_role.existing.name
  policy_arn = "arn:${data.aws_partition.p.partition}:iam::aws:policy/AWSLambda_FullAccess"
}
resource "aws_iam_policy" "p" {
  name = "p"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "logs:PutLogEvents", Resource = "arn:${data.aws_partition.p.partition}:logs:${data.aws_region.r.name}:${data.aws_caller_identity.c.account_id}:log-group:/app/*" },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${data.aws_s3_bucket.logs.arn}/*", Condition = { StringEquals = { "aws:PrincipalOrgID" = data.aws_organizations_organization.o.id } } },
      { Effect = "Allow", Action = "sts:AssumeRole", Resource = data.aws_iam_role.existing.arn },
    ]
  })
}
