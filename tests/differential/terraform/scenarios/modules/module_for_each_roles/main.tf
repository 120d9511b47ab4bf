locals {
  teams = {
    data     = { policies = ["arn:aws:iam::aws:policy/AmazonAthenaFullAccess"], trusted = "111122223333" }
    platform = { policies = ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"], trusted = "*" }
  }
}
module "team" {
  source   = "./team"
  for_each = local.teams
  name     = each.key
  policies = each.value.policies
  trusted  = each.value.trusted
}
resource "aws_iam_role_policy" "all" {
  for_each = module.team
  role     = each.value.role
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = [for m in module.team : m.arn] }]
  })
}
