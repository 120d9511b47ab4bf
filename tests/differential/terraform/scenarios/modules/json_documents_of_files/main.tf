locals {
  folder = "${path.module}/policies"
  all    = { for f in fileset(local.folder, "**/*.json") : replace(trimsuffix(f, ".json"), "/", "-") => jsondecode(file("${local.folder}/${f}")) }
}
resource "aws_iam_policy" "each" {
  for_each = local.all
  name     = each.key
  policy   = jsonencode(each.value)
}
resource "aws_iam_policy" "union" {
  name = "union"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = flatten(values(local.all)[*].Statement)
  })
}
data "aws_iam_policy_document" "union" {
  source_policy_documents = [for p in local.all : jsonencode(p)]
}
resource "aws_iam_policy" "document" {
  name   = "union-document"
  policy = data.aws_iam_policy_document.union.json
}
