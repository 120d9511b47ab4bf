module "m" {
  source = "./m"
  config = {
    roles = { app = { services = ["ec2"] }, batch = { services = ["batch", "ecs-tasks"], extra = "arn:aws:iam::aws:policy/CloudWatchFullAccess" } }
  }
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = { for k, v in module.m.roles : k => v if v.extra != null }
  role       = each.value.name
  policy_arn = each.value.extra
}
resource "aws_iam_policy" "pass" {
  name   = "pass"
  policy = module.m.policies.pass
}
