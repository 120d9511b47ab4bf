"""Rules about rights that can be gained beyond those that were given."""
