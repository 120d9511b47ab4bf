"""Terraform's functions over the evaluator's values; `call` is the way in."""

from __future__ import annotations

from iamlint.sources.terraform.functions.call import Call, Host, call, names

__all__ = ["Call", "Host", "call", "names"]
