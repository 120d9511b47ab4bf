"""Plans and states, as `terraform show -json` gives them, into the same sites as the source."""
