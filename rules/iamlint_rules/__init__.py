"""The built-in rule pack, loaded through the same entry point as any third party's."""
