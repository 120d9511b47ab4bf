"""Rules that compare grants with what CloudTrail saw used."""
