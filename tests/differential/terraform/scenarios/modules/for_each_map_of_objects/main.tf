variable "services" {
  type = map(object({
    actions   = optional(list(string), ["s3:GetObject"])
    resources = optional(list(string))
    managed   = optional(set(string), [])
    boundary  = optional(bool, false)
  }))
  default = {
    api    = { managed = ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"] }
    worker = { actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources = ["arn:aws:sqs:eu-west-1:111122223333:jobs"] }
    admin  = { actions = ["*"], resources = null, boundary = true }
  }
}
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "sqs:*"], Resource = "*" }] })
}
resource "aws_iam_role" "service" {
  for_each             = var.services
  name                 = "svc-${each.key}"
  permissions_boundary = each.value.boundary ? aws_iam_policy.boundary.arn : null
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }
  })
}
resource "aws_iam_policy" "service" {
  for_each = var.services
  name     = "svc-${each.key}"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.value.actions
      Resource = coalescelist(each.value.resources == null ? [] : each.value.resources, ["*"])
    }]
  })
}
resource "aws_iam_role_policy_attachment" "own" {
  for_each   = aws_iam_policy.service
  role       = aws_iam_role.service[each.key].name
  policy_arn = each.value.arn
}
resource "aws_iam_role_policy_attachment" "managed" {
  for_each = merge([
    for name, service in var.services : {
      for arn in service.managed : "${name}-${basename(arn)}" => { role = name, arn = arn }
    }
  ]...)
  role       = aws_iam_role.service[each.value.role].name
  policy_arn = each.value.arn
}
