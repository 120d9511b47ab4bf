locals {
  sets = {
    Admin    = { managed = ["arn:aws:iam::aws:policy/AdministratorAccess"], inline = null }
    Operator = { managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], inline = { actions = ["ssm:StartSession"] } }
  }
}
resource "aws_ssoadmin_permission_set" "this" {
  for_each     = local.sets
  name         = each.key
  instance_arn = "arn:aws:sso:::instance/ssoins-1"
}
resource "aws_ssoadmin_permission_set_inline_policy" "this" {
  for_each           = { for k, v in local.sets : k => v.inline if v.inline != null }
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  permission_set_arn = aws_ssoadmin_permission_set.this[each.key].arn
  inline_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.value.actions, Resource = ["*"] }]
  })
}
resource "aws_ssoadmin_managed_policy_attachment" "this" {
  for_each           = merge([for k, v in local.sets : { for a in v.managed : "${k}/${a}" => { set = k, arn = a } }]...)
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  permission_set_arn = aws_ssoadmin_permission_set.this[each.value.set].arn
  managed_policy_arn = each.value.arn
}
