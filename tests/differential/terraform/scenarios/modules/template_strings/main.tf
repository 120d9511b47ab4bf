variable "names" { default = ["a", "b", "c"] }
locals {
  csv    = "%{for i, n in var.names}%{if i != 0},%{endif}${n}%{endfor}"
  nested = "%{if length(var.names) > 2}%{if contains(var.names, "b")}both%{else}one%{endif}%{else}none%{endif}"
  trim   = <<-EOT
    %{~for n in var.names~}
    ${n}-
    %{~endfor~}
  EOT
  quoted = jsonencode("a\"b")
}
resource "aws_iam_policy" "this" {
  name   = "strings"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Sid": "${local.nested}",
        "Effect": "Allow",
        "Action": ["${join("\", \"", formatlist("s3:Get%s", var.names))}"],
        "Resource": ${jsonencode([for n in split(",", local.csv) : "arn:aws:s3:::${n}/${trimspace(local.trim)}"])},
        "Condition": {"StringLike": {"aws:userid": ${local.quoted}, "s3:prefix": ${jsonencode({ x = ["$${aws:username}/*"] }.x)}}}
      }]
    }
  EOT
}
