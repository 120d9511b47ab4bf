resource "aws_kms_key" "k" {}
resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
resource "aws_iam_policy" "conditional" {
  name = "conditional"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = aws_kms_key.k.key_id == "special" ? ["kms:*"] : ["kms:Decrypt"]
      Resource = "*"
    }]
  })
}
resource "aws_iam_policy" "whole" {
  name   = "whole"
  policy = aws_s3_bucket.b.bucket == "x" ? jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }) : jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }] })
}
resource "aws_iam_policy" "optional_statement" {
  name = "optional"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.b.arn}/*" }],
      aws_kms_key.k.key_id != "" ? [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.k.arn }] : [],
    )
  })
}
