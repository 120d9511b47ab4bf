resource "aws_s3_bucket" "data" { bucket_prefix = "data" }
resource "aws_iam_policy" "this" {
  name = "templated"
  policy = templatefile("${path.module}/policy.json.tftpl", {
    actions = ["s3:GetObject", "s3:PutObject"]
    buckets = { one = "first-bucket", two = "second-bucket" }
    delete  = true
    region  = "eu-central-1"
  })
}
resource "aws_iam_policy" "without" {
  name = "templated-without"
  policy = templatefile("${path.module}/policy.json.tftpl", {
    actions = []
    buckets = { data = aws_s3_bucket.data.bucket }
    delete  = false
    region  = null == null ? "*" : "x"
  })
}
