variable "with_kms" { default = true }
variable "with_logs" { default = false }
data "aws_iam_policy_document" "kms" {
  count = var.with_kms ? 1 : 0
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "logs" {
  count = var.with_logs ? 1 : 0
  statement {
    actions   = ["logs:*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents = compact([
    one(data.aws_iam_policy_document.kms[*].json),
    join("", data.aws_iam_policy_document.logs.*.json),
    try(data.aws_iam_policy_document.logs[0].json, ""),
  ])
}
resource "aws_iam_policy" "all" {
  count  = anytrue([var.with_kms, var.with_logs]) ? 1 : 0
  name   = "all"
  policy = data.aws_iam_policy_document.all.json
}
resource "aws_iam_policy" "none" {
  count  = var.with_logs ? 1 : 0
  name   = "none"
  policy = data.aws_iam_policy_document.logs[0].json
}
output "arn" { value = try(aws_iam_policy.none[0].arn, aws_iam_policy.all[0].arn, null) }
