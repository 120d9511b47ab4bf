variable "buckets" {
  type    = map(list(string))
  default = { logs = ["Get", "List"], backup = ["Put"], empty = [] }
}
resource "aws_iam_policy" "this" {
  name = "for"
  policy = jsonencode({
    "Version" : "2012-10-17",
    "Statement" : [
      for name, verbs in var.buckets : {
        "Effect" : "Allow",
        "Action" : [for v in verbs : "s3:${v}*"],
        "Resource" : formatlist("arn:aws:s3:::%s%s", name, ["", "/*"]),
        "Condition" : { for k in ["aws:SourceVpce", "aws:SourceVpc"] : "StringEquals${k == "aws:SourceVpc" ? "IfExists" : ""}" => { (k) = sort(["b", "a"]) } }
      } if length(verbs) > 0
    ]
  })
}
resource "aws_iam_policy" "grouped" {
  name = "grouped"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for effect, actions in { for a in ["+s3:Get", "-s3:Put", "+s3:List"] : (startswith(a, "+") ? "Allow" : "Deny") => substr(a, 1, -1)... } : {
      Effect = effect, Action = actions, Resource = "*"
    }]
  })
}
