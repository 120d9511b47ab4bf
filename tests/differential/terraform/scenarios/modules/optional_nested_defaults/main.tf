variable "roles" {
  type = list(object({
    name = string
    policy = optional(object({
      effect    = optional(string, "Allow")
      actions   = optional(set(string), ["sts:GetCallerIdentity"])
      resources = optional(list(string), ["*"])
      condition = optional(map(map(string)), {})
    }), {})
    attach = optional(map(string), { view = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess" })
  }))
  default = [
    { name = "plain" },
    { name = "special", policy = { actions = ["b:B", "a:A"], condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } } }, attach = {} },
    { name = "nulls", policy = { effect = null, resources = null }, attach = null },
  ]
}
resource "aws_iam_role" "this" {
  for_each           = { for r in var.roles : r.name => r }
  name               = each.key
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" } }] })
}
resource "aws_iam_role_policy" "this" {
  for_each = { for r in var.roles : r.name => r.policy }
  role     = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge({ Effect = each.value.effect, Action = each.value.actions, Resource = each.value.resources },
    length(each.value.condition) == 0 ? {} : { Condition = each.value.condition })]
  })
}
resource "aws_iam_role_policy_attachment" "this" {
  for_each   = merge([for r in var.roles : { for k, v in coalesce(r.attach, {}) : "${r.name}.${k}" => { role = r.name, arn = v } }]...)
  role       = aws_iam_role.this[each.value.role].name
  policy_arn = each.value.arn
}
