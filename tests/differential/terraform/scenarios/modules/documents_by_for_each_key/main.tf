locals { envs = { dev = ["a", "b"], prod = ["c"] } }
data "aws_iam_policy_document" "env" {
  for_each = local.envs
  statement {
    sid       = "Env${title(each.key)}"
    actions   = [for x in each.value : "sqs:${upper(x)}"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "combined" {
  source_policy_documents = values(data.aws_iam_policy_document.env)[*].json
  statement {
    sid       = "EnvDev"
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "combined" {
  name   = "combined"
  policy = data.aws_iam_policy_document.combined.json
}
resource "aws_iam_policy" "decoded" {
  name = "decoded"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = flatten([for d in data.aws_iam_policy_document.env : jsondecode(d.json).Statement])
  })
}
