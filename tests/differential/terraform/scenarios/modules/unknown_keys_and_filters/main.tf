resource "aws_s3_bucket" "b" {
  count         = 2
  bucket_prefix = "b${count.index}"
}
locals {
  table  = { a = "s3:GetObject", b = "s3:*" }
  picked = lookup(local.table, aws_s3_bucket.b[0].bucket, "s3:ListBucket")
  kept   = [for b in aws_s3_bucket.b : b.arn if b.bucket != "skip"]
  first  = element(["s3:GetObjectAcl", "s3:PutObjectAcl"], length(aws_s3_bucket.b[0].bucket))
  sets   = setunion(["s3:A"], [for b in aws_s3_bucket.b : "s3:${b.bucket}"])
}
resource "aws_iam_policy" "this" {
  name = "keys"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = local.picked, Resource = "*" },
      { Effect = "Allow", Action = "s3:GetObject", Resource = local.kept },
      { Effect = "Allow", Action = [local.first], Resource = "*" },
      { Effect = "Allow", Action = local.sets, Resource = "*" },
      { Effect = "Allow", Action = "s3:PutObject", Resource = distinct([aws_s3_bucket.b[0].arn, aws_s3_bucket.b[0].arn, "arn:aws:s3:::z"]) },
      { Effect = "Allow", Action = contains(local.kept, "arn:aws:s3:::known") ? "s3:Known" : "s3:Unknown", Resource = "*" },
      { Effect = "Allow", Action = "s3:ListBucket", Resource = join(",", [for b in aws_s3_bucket.b : b.arn]) },
      { Effect = "Allow", Action = "s3:GetBucketAcl", Resource = split("/", "${aws_s3_bucket.b[0].arn}/x")[0] },
      { Effect = "Allow", Action = "s3:PutBucketAcl", Resource = replace(aws_s3_bucket.b[0].arn, ":::", ":::x-") },
      { Effect = "Allow", Action = "s3:GetBucketTagging", Resource = "arn:aws:s3:::${substr(aws_s3_bucket.b[1].bucket, 0, 2)}*" },
    ]
  })
}
