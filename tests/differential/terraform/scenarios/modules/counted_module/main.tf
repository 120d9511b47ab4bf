variable "enabled" { default = true }
module "on" {
  source = "./inner"
  count  = var.enabled ? 2 : 0
  index  = count.index
}
module "off" {
  source = "./inner"
  count  = var.enabled ? 0 : 1
  index  = 9
}
resource "aws_iam_policy" "outer" {
  name = "outer"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "iam:PassRole", Resource = concat(module.on[*].arn, module.off[*].arn) },
      { Effect = "Allow", Action = try(module.off[0].action, module.on[1].action), Resource = "*" },
    ]
  })
}
