resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
resource "aws_dynamodb_table" "t" {
  count = 2
  name  = "t${count.index}"
}
resource "aws_iam_policy" "heredoc" {
  name   = "heredoc-unknown"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"]},
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": ${jsonencode(aws_dynamodb_table.t[*].arn)}}
      ]
    }
  EOT
}
resource "aws_iam_policy" "template" {
  name = "template-unknown"
  policy = templatefile("${path.module}/p.tftpl", {
    tables = [for t in aws_dynamodb_table.t : { arn = t.arn, name = t.name }]
    bucket = aws_s3_bucket.b.id
  })
}
