locals {
  inline = {
    logs = ["logs:PutLogEvents", "logs:CreateLogStream"]
    kms  = ["kms:Decrypt"]
  }
}
resource "aws_kms_key" "k" {}
resource "aws_iam_role" "lambda" {
  name                = "lambda"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", aws_iam_policy.extra.arn]
  dynamic "inline_policy" {
    for_each = local.inline
    content {
      name = inline_policy.key
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = inline_policy.value, Resource = inline_policy.key == "kms" ? aws_kms_key.k.arn : "*" }]
      })
    }
  }
}
resource "aws_iam_policy" "extra" {
  name_prefix = "extra-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "xray:PutTraceSegments", Resource = "*" }] })
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    }
  }
}
