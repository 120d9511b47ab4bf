variable "team" { type = string }
variable "policies" {
  type = map(object({
    actions = list(string)
    effect  = optional(string, "Allow")
  }))
}
variable "count_of" { type = number }
resource "aws_iam_policy" "this" {
  for_each = var.policies
  name     = "${var.team}-${each.key}"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = each.value.effect, Action = each.value.actions, Resource = "arn:aws:s3:::${var.team}/*" }] })
}
resource "aws_iam_role" "this" {
  count              = var.count_of
  name               = "${var.team}-${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
