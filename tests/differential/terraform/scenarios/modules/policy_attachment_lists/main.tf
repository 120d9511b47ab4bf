resource "aws_iam_role" "r" {
  count              = 2
  name               = "r${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_policy_attachment" "all" {
  name       = "all"
  roles      = aws_iam_role.r[*].name
  users      = [aws_iam_user.u.name]
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_role_policy_attachments_exclusive" "r0" {
  role_name   = aws_iam_role.r[0].name
  policy_arns = [aws_iam_policy.p.arn, "arn:aws:iam::aws:policy/AmazonEC2FullAccess"]
}
