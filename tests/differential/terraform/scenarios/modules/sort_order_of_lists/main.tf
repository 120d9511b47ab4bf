data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["b:B", "a:a", "A:A", "é:é", "z:Z", "a:A", "_:_"]
    resources = ["arn:aws:s3:::b/10", "arn:aws:s3:::b/9", "arn:aws:s3:::b/1"]
  }
}
locals { parsed = jsondecode(data.aws_iam_policy_document.this.json) }
resource "aws_iam_policy" "this" {
  name   = "sorted"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = local.parsed.Statement[0].Action[1], Resource = local.parsed.Statement[0].Resource[2] }] })
}
resource "aws_iam_policy" "keys" {
  name   = "keys"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = [for k in keys(local.parsed.Statement[0]) : "k:${k}"], Resource = sort(["b", "a", "Z"]) }] })
}
