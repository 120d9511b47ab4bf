locals {
  raw      = "s3:GetObject, s3:PutObject ,,sqs:*"
  actions  = [for a in split(",", local.raw) : trimspace(a) if trimspace(a) != ""]
  services = distinct([for a in local.actions : regex("^[a-z0-9]+", a)])
  by_svc   = { for s in local.services : s => [for a in local.actions : a if startswith(a, "${s}:")] }
  table    = zipmap(local.services, ["arn:aws:s3:::b/*", "arn:aws:sqs:*:*:q"])
  version  = join("-", ["2012", "10", "17"])
}
resource "aws_iam_policy" "this" {
  name = replace("a b c", "/\\s/", "-")
  policy = jsonencode({
    Version   = local.version
    Statement = [for s, actions in local.by_svc : { Sid = upper(s), Effect = "Allow", Action = length(actions) == 1 ? [actions[0]] : reverse(actions), Resource = local.table[s] }]
  })
}
