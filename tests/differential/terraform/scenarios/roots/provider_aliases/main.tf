provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}
provider "aws" {
  alias  = "other"
  region = "us-east-1"
}
data "aws_caller_identity" "here" {}
module "there" {
  source    = "./there"
  providers = { aws = aws.other, aws.main = aws }
}
resource "aws_iam_role" "r" {
  provider           = aws.other
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = data.aws_caller_identity.here.account_id } }] })
}
