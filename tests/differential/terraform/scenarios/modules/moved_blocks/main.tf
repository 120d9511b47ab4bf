moved {
  from = aws_iam_policy.old
  to   = aws_iam_policy.new
}
moved {
  from = aws_iam_policy.listed
  to   = aws_iam_policy.listed[0]
}
resource "aws_iam_policy" "new" {
  name   = "new"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description]
  }
}
resource "aws_iam_policy" "listed" {
  count  = 1
  name   = "listed"
  policy = aws_iam_policy.new.policy
}
