variable "name" { type = string }
variable "tables" { type = list(string) }
module "table" {
  source   = "./table"
  for_each = toset(var.tables)
  name     = "${var.name}-${each.value}"
}
resource "aws_iam_policy" "app" {
  name   = "${var.name}-app"
  policy = data.aws_iam_policy_document.app.json
}
data "aws_iam_policy_document" "app" {
  source_policy_documents = [for t in module.table : t.policy]
  statement {
    sid       = "Streams"
    actions   = ["dynamodb:GetRecords"]
    resources = [for k, t in module.table : "${t.arn}/stream/*"]
  }
}
output "policy_arn" { value = aws_iam_policy.app.arn }
output "table_arns" { value = { for k, t in module.table : k => t.arn } }
