variable "service_accounts" {
  default = { "kube-system:autoscaler" = ["autoscaling:*"], "app:web" = ["s3:GetObject", "s3:ListBucket"] }
}
data "aws_caller_identity" "me" {}
data "aws_partition" "p" {}
locals {
  issuer   = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
  provider = "arn:${data.aws_partition.p.partition}:iam::${data.aws_caller_identity.me.account_id}:oidc-provider/${local.issuer}"
}
resource "aws_iam_role" "sa" {
  for_each = var.service_accounts
  name     = replace(each.key, ":", "-")
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${local.issuer}:sub" = "system:serviceaccount:${each.key}"
        "${local.issuer}:aud" = "sts.amazonaws.com"
      } }
    }]
  })
}
resource "aws_iam_role_policy" "sa" {
  for_each = aws_iam_role.sa
  name     = each.value.name
  role     = each.value.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = var.service_accounts[each.key], Resource = "*" }] })
}
