variable "name" { type = string }
resource "aws_dynamodb_table" "this" {
  name     = var.name
  hash_key = "id"
}
data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.this.arn, "${aws_dynamodb_table.this.arn}/index/*"]
  }
}
output "arn" { value = aws_dynamodb_table.this.arn }
output "policy" { value = data.aws_iam_policy_document.this.json }
