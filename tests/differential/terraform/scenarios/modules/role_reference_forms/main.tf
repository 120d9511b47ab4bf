locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  allow = { for a in ["s3", "sqs"] : a => jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "${a}:*", Resource = "*" }] }) }
}
resource "aws_iam_role" "named" {
  name               = "named-by-text"
  assume_role_policy = local.trust
}
resource "aws_iam_role" "generated" { assume_role_policy = local.trust }
resource "aws_iam_role" "many" {
  for_each           = local.allow
  name               = "many-${each.key}"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "by_text" {
  role   = "named-by-text"
  policy = local.allow["s3"]
}
resource "aws_iam_role_policy" "by_split" {
  role   = split("/", aws_iam_role.named.arn)[1]
  policy = local.allow.sqs
}
resource "aws_iam_role_policy" "by_id" {
  role   = aws_iam_role.generated.id
  policy = local.allow["s3"]
}
resource "aws_iam_role_policy" "by_values" {
  count  = 2
  role   = values(aws_iam_role.many)[count.index].name
  policy = values(local.allow)[count.index]
}
resource "aws_iam_role_policy_attachment" "by_map" {
  for_each   = { for k, r in aws_iam_role.many : k => r.name }
  role       = each.value
  policy_arn = "arn:aws:iam::aws:policy/${title(each.key)}FullAccess"
}
resource "aws_iam_role_policy_attachment" "by_try" {
  role       = try(aws_iam_role.none[0].name, aws_iam_role.named.name)
  policy_arn = format("arn:%s:iam::aws:policy/%s", "aws", "SecurityAudit")
}
resource "aws_iam_role" "none" {
  count              = 0
  assume_role_policy = local.trust
}
