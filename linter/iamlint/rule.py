"""THE PUBLIC API for rule packs: a pack imports this module and nothing else of iamlint.

A rule is one class in one file: a docstring in fixed sections, examples, and a generator.  It
holds no state.  All IAM meaning is behind `Context`; a rule that matches wildcards itself is
wrong.
"""
