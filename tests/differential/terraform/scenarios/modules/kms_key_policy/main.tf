variable "admins" {
  type    = set(string)
  default = ["arn:aws:iam::111122223333:role/admin"]
}
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
  dynamic "statement" {
    for_each = length(var.admins) > 0 ? [1] : []
    content {
      sid       = "Admins"
      actions   = ["kms:Create*", "kms:Describe*", "kms:Put*"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = var.admins
      }
    }
  }
  statement {
    sid       = "AnyService"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = [true]
    }
  }
}
resource "aws_kms_key" "this" {
  description = "key"
  policy      = data.aws_iam_policy_document.key.json
}
