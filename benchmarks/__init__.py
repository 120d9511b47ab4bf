"""Speed, side by side with a limit or a peer; see `__main__`."""
