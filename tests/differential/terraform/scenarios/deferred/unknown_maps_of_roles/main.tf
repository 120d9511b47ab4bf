resource "aws_kms_key" "k" {}
locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  roles = merge({ fixed = ["s3:GetObject"] }, { (aws_kms_key.k.key_id) = ["s3:*"] })
}
resource "aws_iam_role" "r" {
  for_each           = local.roles
  name               = "role-${each.key}"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "r" {
  for_each = aws_iam_role.r
  role     = each.value.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = local.roles[each.key], Resource = "*" }] })
}
