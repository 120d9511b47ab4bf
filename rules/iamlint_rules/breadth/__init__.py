"""Rules about grants that are too broad."""
