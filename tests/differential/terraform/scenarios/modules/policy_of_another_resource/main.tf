resource "aws_sqs_queue" "q" {
  name = "q"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:*:*:q", Condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-1", "o-2"] } } }]
  })
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-east-1.s3"
  policy       = replace(aws_sqs_queue.q.policy, "sqs", "s3")
}
resource "aws_sns_topic" "t" {
  name   = "t"
  policy = format("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"%s\"},\"Action\":\"sns:Publish\",\"Resource\":\"*\"}]}", "111122223333")
}
