count_of = "2"
policies = {
  two   = { actions = ["s3:PutObject"], effect = "Deny", surplus = true }
  three = { actions = [] }
}
