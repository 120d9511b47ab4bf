variable "cidrs" {
  type    = set(string)
  default = ["10.0.0.0/8", "192.168.0.0/16"]
}
data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = toset(["read", "write"])
    content {
      sid         = "${statement.key}${length(statement.value)}"
      effect      = statement.key == "read" ? "Allow" : "Deny"
      not_actions = statement.key == "read" ? null : ["s3:Get*"]
      actions     = statement.key == "read" ? ["s3:Get*", "s3:List*"] : null
      resources   = ["*"]
      dynamic "condition" {
        for_each = [for c in var.cidrs : c]
        content {
          test     = statement.key == "read" ? "IpAddress" : "NotIpAddress"
          variable = "aws:SourceIp"
          values   = [condition.value]
        }
      }
    }
  }
}
resource "aws_iam_policy" "this" {
  name   = "dynamic-set"
  policy = data.aws_iam_policy_document.this.json
}
