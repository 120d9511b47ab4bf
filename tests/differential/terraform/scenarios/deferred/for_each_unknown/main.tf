resource "aws_sns_topic" "t" { name_prefix = "t" }
resource "aws_iam_policy" "p" {
  for_each = toset([aws_sns_topic.t.arn])
  name     = "p"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = each.value }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = aws_iam_policy.p
  role       = "existing"
  policy_arn = each.value.arn
}
