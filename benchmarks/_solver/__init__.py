"""Comparisons as questions to the SMT solver cvc5, which knows nothing of iamlint."""
