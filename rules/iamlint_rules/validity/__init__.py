"""Rules about files and documents that AWS would reject or that could not be judged."""
