"""The arguments of each command, in a module for each kind of them."""
