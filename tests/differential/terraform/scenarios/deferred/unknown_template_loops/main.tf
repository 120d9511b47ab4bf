resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
locals {
  parts = split("-", aws_s3_bucket.b.id)
  on    = aws_s3_bucket.b.id != ""
}
resource "aws_iam_policy" "heredoc" {
  name   = "heredoc"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        %{for p in local.parts}, {"Effect": "Allow", "Action": "s3:${p}", "Resource": "*"}%{endfor}
      ]
    }
  EOT
}
resource "aws_iam_policy" "conditional" {
  name   = "conditional"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${local.on ? "arn:aws:s3:::b/*" : "*"}"}
        %{if local.on}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}%{endif}
      ]
    }
  EOT
}
resource "aws_iam_role_policy_attachment" "a" {
  count      = local.on ? 2 : 0
  role       = "existing"
  policy_arn = local.on ? ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"][count.index] : "arn:aws:iam::aws:policy/AdministratorAccess"
}
