resource "aws_s3_bucket" "b" { bucket = "single" }
variable "maybe" {
  type    = object({ actions = list(string) })
  default = null
}
resource "aws_iam_policy" "this" {
  name = "splat"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for b in aws_s3_bucket.b[*] : { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${b.bucket}/*" }],
      [for m in var.maybe[*] : { Effect = "Allow", Action = m.actions, Resource = "*" }],
    )
  })
}
data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.maybe[*]
    content {
      actions   = statement.value.actions
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = aws_s3_bucket.b[*]
    content {
      sid       = "Index${statement.key}"
      actions   = ["s3:ListBucket"]
      resources = ["arn:aws:s3:::${statement.value.bucket}"]
    }
  }
}
resource "aws_iam_policy" "document" {
  name   = "splat-document"
  policy = data.aws_iam_policy_document.this.json
}
