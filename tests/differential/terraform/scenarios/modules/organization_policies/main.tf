locals {
  scps = { for f in fileset("${path.module}/scps", "*.json") : trimsuffix(f, ".json") => file("${path.module}/scps/${f}") }
}
resource "aws_organizations_policy" "this" {
  for_each = local.scps
  name     = each.key
  content  = each.value
}
resource "aws_organizations_policy" "decoded" {
  name    = "decoded"
  content = jsonencode(merge(jsondecode(local.scps["regions"]), { Id = "changed" }))
}
resource "aws_organizations_policy" "yaml" {
  name    = "yaml"
  content = jsonencode(yamldecode(file("${path.module}/scps/root.yaml")))
}
