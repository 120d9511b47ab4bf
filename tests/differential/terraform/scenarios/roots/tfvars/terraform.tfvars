team     = "red"
count_of = 1
policies = { one = { actions = ["s3:GetObject"] } }
