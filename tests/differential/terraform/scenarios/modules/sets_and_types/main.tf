variable "ports" {
  type    = set(number)
  default = [443, 80, 443]
}
variable "flags" {
  type    = map(bool)
  default = { a = "true", b = false }
}
locals {
  tuple = [for p in var.ports : p]
  pick  = [for k, v in var.flags : k if v]
}
resource "aws_iam_policy" "this" {
  name = "sets"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for p in var.ports : {
      Sid       = "Port${p}"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroupIngress"]
      Resource  = "*"
      Condition = { NumericEquals = { "ec2:Port" = tostring(p) }, Bool = { "aws:ViaAWSService" = tostring(contains(local.pick, "a")) } }
    }]
  })
}
data "aws_iam_policy_document" "numbers" {
  statement {
    sid       = 1
    actions   = ["s3:Get*"]
    resources = [for i in range(3) : "arn:aws:s3:::b${i + 0.5}"]
    principals {
      type        = "AWS"
      identifiers = [111122223333]
    }
  }
}
resource "aws_s3_bucket_policy" "numbers" {
  bucket = "numbers"
  policy = data.aws_iam_policy_document.numbers.json
}
