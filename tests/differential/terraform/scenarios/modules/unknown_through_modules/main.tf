resource "aws_sns_topic" "t" { name_prefix = "t" }
resource "aws_kms_key" "k" {}
module "m" {
  source = "./m"
  grants = {
    topic = { actions = ["sns:Publish"], resources = [aws_sns_topic.t.arn] }
    key   = { actions = ["kms:Decrypt"], resources = [aws_kms_key.k.arn, "arn:aws:kms:*:*:key/fixed"] }
  }
  trusted = aws_kms_key.k.key_id
}
resource "aws_iam_policy" "again" {
  name   = "again"
  policy = jsonencode({ Version = "2012-10-17", Statement = [for s in jsondecode(module.m.json).Statement : merge(s, { Effect = "Deny" })] })
}
