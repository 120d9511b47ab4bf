resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
module "m" {
  source   = "./m"
  for_each = { (aws_s3_bucket.b.id) = ["s3:GetObject"] }
  bucket   = each.key
  actions  = each.value
}
