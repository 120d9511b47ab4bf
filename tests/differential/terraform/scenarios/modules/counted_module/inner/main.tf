variable "index" { type = number }
resource "aws_iam_role" "r" {
  name               = "inner-${var.index + 1}"
  assume_role_policy = data.aws_iam_policy_document.t.json
}
data "aws_iam_policy_document" "t" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = [format("%012d", var.index)]
    }
  }
}
output "arn" { value = aws_iam_role.r.arn }
output "action" { value = "sts:${var.index % 2 == 0 ? "Even" : "Odd"}" }
