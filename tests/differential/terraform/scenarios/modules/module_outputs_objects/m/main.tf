variable "config" {
  type = object({
    roles = map(object({
      services = list(string)
      extra    = optional(string)
    }))
  })
  validation {
    condition     = length(var.config.roles) > 0
    error_message = "At least one role."
  }
}
resource "aws_iam_role" "r" {
  for_each = var.config.roles
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { Service = [for s in each.value.services : "${s}.amazonaws.com"] } }]
  })
}
output "roles" { value = { for k, r in aws_iam_role.r : k => { name = r.name, extra = var.config.roles[k].extra } } }
output "policies" {
  value = {
    pass = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = [for r in aws_iam_role.r : r.arn], Condition = { StringEquals = { "iam:PassedToService" = distinct(flatten([for r in var.config.roles : formatlist("%s.amazonaws.com", r.services)])) } } }] })
  }
  sensitive = false
}
