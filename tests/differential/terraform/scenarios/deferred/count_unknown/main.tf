resource "aws_kms_key" "k" {}
resource "aws_iam_policy" "p" {
  count  = aws_kms_key.k.arn == "" ? 0 : 1
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.k.arn }] })
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = aws_kms_key.k.key_id != "" ? [aws_kms_key.k.arn] : []
    content {
      actions   = ["kms:Encrypt"]
      resources = [statement.value]
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "d" {
  name   = "d"
  policy = data.aws_iam_policy_document.d.json
}
