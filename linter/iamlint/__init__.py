"""iamlint: an IAM policy linter for Terraform and CloudFormation that knows what was used."""

__version__ = "0.1.0"
