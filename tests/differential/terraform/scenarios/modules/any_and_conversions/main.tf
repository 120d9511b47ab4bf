variable "config" {
  type = any
  default = {
    statements = [
      { actions = "s3:GetObject", resources = ["*"] },
      { actions = ["s3:PutObject"], resources = "*", effect = "Deny" },
    ]
    numbers = [1, "2", true]
  }
}
resource "aws_iam_policy" "this" {
  name = "any"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for i, s in var.config.statements : {
      Sid      = format("S%02d", i)
      Effect   = try(s.effect, "Allow")
      Action   = flatten([s.actions])
      Resource = try(tolist(s.resources), [s.resources])
    }]
  })
}
data "aws_iam_policy_document" "this" {
  statement {
    actions   = toset([for s in var.config.statements : try(s.actions[0], s.actions)])
    resources = [for n in var.config.numbers : "arn:aws:s3:::bucket-${n}"]
    condition {
      test     = "NumericEquals"
      variable = "s3:max-keys"
      values   = var.config.numbers
    }
  }
}
resource "aws_iam_policy" "document" {
  name   = "any-document"
  policy = data.aws_iam_policy_document.this.json
}
