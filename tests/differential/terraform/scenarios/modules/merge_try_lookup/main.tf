locals {
  defaults = { effect = "Allow", actions = ["logs:CreateLogGroup"], resource = "*" }
  entries = {
    a = {}
    b = { actions = ["kms:Decrypt"], resource = "arn:aws:kms:*:*:key/b" }
    c = { effect = "Deny", note = null }
  }
  full   = { for k, v in local.entries : k => merge(local.defaults, v) }
  matrix = { dev = { read = true }, prod = { read = true, write = true } }
}
resource "aws_iam_policy" "this" {
  for_each = local.full
  name     = "entry-${each.key}"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      { Effect = each.value.effect, Action = each.value.actions, Resource = each.value.resource },
      each.key == "a" ? {} : { Sid = upper(each.key) },
    )]
  })
}
resource "aws_iam_policy" "env" {
  for_each = local.matrix
  name     = each.key
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = ["s3:Get*"], Resource = "*" }],
      try(each.value.write, false) ? [{ Effect = "Allow", Action = ["s3:Put*"], Resource = lookup({ prod = "arn:aws:s3:::prod/*" }, each.key, "*") }] : [],
      lookup(each.value, "admin", false) ? [{ Effect = "Allow", Action = ["*"], Resource = "*" }] : [],
    )
  })
}
