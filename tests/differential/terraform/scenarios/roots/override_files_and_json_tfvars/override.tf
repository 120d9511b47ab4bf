resource "aws_iam_policy" "p" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = concat(each.value, ["iam:*"]), Resource = "*" }] })
}
