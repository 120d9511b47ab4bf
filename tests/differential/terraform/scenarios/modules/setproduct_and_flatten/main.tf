locals {
  accounts = ["111122223333", "444455556666"]
  roles    = ["reader", "writer"]
  pairs    = [for p in setproduct(local.accounts, local.roles) : { account = p[0], role = p[1] }]
  members = flatten([
    for group, users in { admins = ["ada"], devs = ["bob", "cy"] } : [
      for user in users : { group = group, user = user }
    ]
  ])
}
resource "aws_iam_group" "g" {
  for_each = toset(distinct(local.members[*].group))
  name     = each.value
}
resource "aws_iam_user" "u" {
  for_each = { for m in local.members : m.user => m }
  name     = each.key
}
resource "aws_iam_group_policy" "assume" {
  for_each = aws_iam_group.g
  group    = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for account in distinct([for p in local.pairs : p.account]) : {
      Sid      = "A${account}"
      Effect   = "Allow"
      Action   = "sts:AssumeRole"
      Resource = [for p in local.pairs : "arn:aws:iam::${p.account}:role/${each.key}-${p.role}" if p.account == account]
    }]
  })
}
resource "aws_iam_group_policy_attachment" "view" {
  for_each   = { for p in setproduct(keys(aws_iam_group.g), ["ReadOnlyAccess", "IAMUserChangePassword"]) : join("-", p) => p }
  group      = aws_iam_group.g[each.value[0]].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value[1]}"
}
