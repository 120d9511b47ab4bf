resource "aws_iam_policy" "this" {
  name = "unicode"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Ünï", Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::b/<>&\"\\/é\u00e9\t*" }]
  })
}
data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/&{aws:PrincipalTag/a}/<x>/$${literal}/%%{x}"]
  }
}
resource "aws_iam_policy" "document" {
  name   = "document"
  policy = data.aws_iam_policy_document.this.json
}
