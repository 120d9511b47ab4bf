variable "bucket" {}
variable "actions" {}
resource "aws_s3_bucket_policy" "p" {
  bucket = var.bucket
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = var.actions, Resource = "arn:aws:s3:::${var.bucket}/*" }] })
}
