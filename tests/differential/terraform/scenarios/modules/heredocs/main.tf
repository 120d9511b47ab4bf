variable "bucket" { default = "plain" }
variable "extra" { default = ["sqs:*", "sns:*"] }
resource "aws_iam_policy" "interpolated" {
  name   = "heredoc"
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::${var.bucket}/$${aws:username}/*" }
  ]
}
EOF
}
resource "aws_iam_policy" "directives" {
  name   = "directives"
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        %{for i, action in var.extra~}
        %{if i > 0}, %{endif}{ "Sid": "S${i}", "Effect": "Allow", "Action": "${action}", "Resource": "*" }
        %{endfor~}
      ]
    }
  POLICY
}
