"""Rules about who may assume a role, and about MFA."""
