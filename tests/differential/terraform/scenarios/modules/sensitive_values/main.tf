variable "account" {
  default   = "111122223333"
  sensitive = true
}
resource "aws_iam_role" "r" {
  name               = "sensitive"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.account } }] })
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = nonsensitive(sensitive("s3:Get*")), Resource = "arn:aws:s3:::${sensitive("b")}" }] })
}
