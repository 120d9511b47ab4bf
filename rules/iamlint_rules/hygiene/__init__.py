"""Rules of good order: what is attached where, and secrets in the text."""
