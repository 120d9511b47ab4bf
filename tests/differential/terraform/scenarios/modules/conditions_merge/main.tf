data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["ec2:RunInstances", "ec2:RunInstances"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:InstanceType"
      values   = ["t3.micro"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["us-east-1", "eu-west-1"]
    }
    condition {
      test     = "StringEquals"
      variable = "ec2:InstanceType"
      values   = ["t3.nano"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "ec2:VolumeSize"
      values   = [100]
    }
    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = [false]
    }
  }
}
resource "aws_iam_policy" "this" {
  name   = "conditions"
  policy = data.aws_iam_policy_document.this.json
}
