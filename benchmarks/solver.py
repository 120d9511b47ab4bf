"""Compares random policies with `compare` and with the SMT solver cvc5, and counts agreement.

Needs `pip install cvc5` in an environment of its own (development only), in which iamlint is
importable.  The policies are those of the differential test, without policy variables and set
operators, which the encoding here leaves out.

    PYTHONPATH=linter python benchmarks/solver.py [--pairs N] [--limit MILLISECONDS] [--seed N]
"""

from __future__ import annotations

import argparse
import importlib.util
import ipaddress
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from iamlint.iam.compare import within
from iamlint.iam.decode import from_json

try:
    import cvc5.pythonic as smt
except ImportError:  # then `run` says so
    smt = None

TESTS = Path(__file__).parent.parent / "tests/differential/iam/test_engine_against_naive.py"


def generator() -> Any:
    """The differential test's module, for its random policies."""
    spec = importlib.util.spec_from_file_location("naive", TESTS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def not_colon() -> Any:
    return smt.Union(smt.Range(" ", "9"), smt.Range(";", "~"))


def text(value: str) -> Any:
    return smt.Re(smt.StringVal(value))


def glob(pattern: str, *, segments: bool = False, fold: bool = False, wild: bool = True) -> Any:
    """A regular expression of the solver."""
    if segments and pattern != "*":
        pattern += ":*" * (5 - pattern.count(":"))
    parts, colons = [text("")], 0
    for character in pattern:
        colons += character == ":"
        inner = segments and colons < 5 and pattern != "*"
        one = not_colon() if inner else smt.AllChar()
        if wild and character == "*":
            parts.append(smt.Star(one))
        elif wild and character == "?":
            parts.append(one)
        elif fold and character.isalpha():
            parts.append(smt.Union(text(character.lower()), text(character.upper())))
        else:
            parts.append(text(character))
    parts.append(text(""))
    return smt.Concat(*parts)


def any_of(terms: list[Any]) -> Any:
    return smt.Or(*terms, smt.BoolVal(False))


class Encoding:
    """One question: the unknowns of a request and what policies say of it."""

    def __init__(self, naive: Any) -> None:
        self.naive = naive
        self.action, self.resource = smt.String("action"), smt.String("resource")
        self.keys: dict[str, tuple[Any, Any]] = {}
        colon, filled, segment = text(":"), smt.Plus(not_colon()), smt.Star(not_colon())
        arn = smt.Concat(text("arn:"), filled, colon, filled, colon, segment, colon, segment, colon, smt.Plus(smt.AllChar()))  # fmt: skip
        self.domain = [
            smt.InRe(self.action, smt.Concat(filled, colon, filled)),
            smt.Or(self.resource == smt.StringVal("*"), smt.InRe(self.resource, arn)),
        ]

    def key(self, name: str, make: Any) -> tuple[Any, Any]:
        name = name.lower()
        if name not in self.keys:
            self.keys[name] = (smt.Bool("has " + name), make(name))
        return self.keys[name]

    def address(self, value: str) -> tuple[int, int]:
        block = ipaddress.ip_network(value, False)
        shift = 0 if block.version == 4 else 1 << 40
        return int(block[0]) + shift, int(block[-1]) + shift

    def atom(self, operator: str, name: str, values: list[Any]) -> Any:
        base = operator.lower()
        texts = [str(v).lower() if isinstance(v, bool) else str(v) for v in values]
        if base == "null":
            has = smt.Bool("has " + name.lower())
            return any_of([smt.Not(has) if v == "true" else has for v in texts])
        if_exists = base.endswith("ifexists")
        base = base.removesuffix("ifexists")
        negated = base in self.naive.NEGATED
        base = self.naive.NEGATED.get(base, base)
        if base.startswith(("string", "arn", "binary")):
            has, value = self.key(name, smt.String)
            found = any_of([smt.InRe(value, self._regex(base, v)) for v in texts])
        elif base == "bool":
            has, flag = self.key(name, smt.Bool)
            found = any_of([flag if v == "true" else smt.Not(flag) for v in texts])
        elif base == "ipaddress":
            has, value = self.key(name, smt.Int)
            self.domain.append(smt.And(value >= 0, value < (1 << 40) + (1 << 128)))
            self.domain.append(smt.Or(value < 1 << 32, value >= 1 << 40))
            bounds = [self.address(v) for v in texts]
            found = any_of([smt.And(value >= low, value <= high) for low, high in bounds])
        else:
            has, value = self.key(name, smt.Real)
            found = any_of([self._order(base, value, self.naive.when(v)) for v in texts])
        if negated:
            found = smt.Not(found)
        return smt.Or(smt.Not(has), found) if negated or if_exists else smt.And(has, found)

    def _regex(self, base: str, value: str) -> Any:
        if base.startswith("arn"):
            return glob(value, segments=True)
        return glob(value, wild=base == "stringlike", fold=base == "stringequalsignorecase")

    def _order(self, base: str, value: Any, bound: float) -> Any:
        number = smt.RealVal(str(bound))
        kind = base.replace("numeric", "").replace("date", "")
        return {
            "equals": lambda: value == number,
            "lessthan": lambda: value < number,
            "lessthanequals": lambda: value <= number,
            "greaterthan": lambda: value > number,
            "greaterthanequals": lambda: value >= number,
        }[kind]()

    def applies(self, statement: dict[str, Any]) -> Any:
        many = self.naive.many
        terms = []
        for element, unknown, fold in (("Action", self.action, True), ("Resource", self.resource, False)):  # fmt: skip
            values = many(statement.get(element, statement.get("Not" + element)))
            found = any_of([smt.InRe(unknown, glob(v, fold=fold)) for v in values])
            terms.append(found if element in statement else smt.Not(found))
        for operator, keys in statement.get("Condition", {}).items():
            terms += [self.atom(operator, key, many(values)) for key, values in keys.items()]
        return smt.And(*terms, smt.BoolVal(True))

    def allows(self, document: dict[str, Any]) -> Any:
        def of(effect: str) -> Any:
            found = [s for s in document["Statement"] if s["Effect"] == effect]
            return any_of([self.applies(statement) for statement in found])

        return smt.And(of("Allow"), smt.Not(of("Deny")))


def plain(document: dict[str, Any]) -> bool:
    """True if the encoding covers the document."""
    shown = str(document)
    return "${" not in shown and "ForA" not in shown


def run() -> Iterator[str]:
    """A hundred pairs, where cvc5 is installed."""
    if smt is None:
        yield "not run: cvc5 is not installed"
        return
    yield from compared(100, 1000, 1)


def compared(pairs: int, limit: int, seed: int) -> Iterator[str]:
    """Each disagreement, then the counts; `limit` is the solver's, in milliseconds a pair."""
    naive, source = generator(), Random(seed)
    counts: Counter[str] = Counter()
    spent = {"compare": 0.0, "cvc5": 0.0}
    while sum(counts.values()) < pairs:
        new, old = naive.pair(source)
        if not (plain(new) and plain(old)):
            continue
        start = time.process_time()
        answer = within([from_json(new, "new")], [from_json(old, "old")], witnesses="any")
        spent["compare"] += time.process_time() - start
        encoding = Encoding(naive)
        solver = smt.Solver()
        solver.setOption("tlimit-per", str(limit))
        solver.setOption("strings-exp", "true")
        start = time.process_time()
        question = [encoding.allows(new), smt.Not(encoding.allows(old))]
        solver.add(*question, *encoding.domain)
        said = str(solver.check())
        spent["cvc5"] += time.process_time() - start
        expected = {True: "unsat", False: "sat", None: "?"}[answer.contained]
        if said == "unknown":
            counts["solver undecided"] += 1
        elif expected == "?":
            counts["compare undecided: " + str(answer.reason).partition(":")[0]] += 1
        elif said == expected:
            counts[f"agree: {said}"] += 1
        else:
            counts["DISAGREE"] += 1
            yield f"DISAGREE: compare {answer.contained}, solver {said}: {new} against {old}"
    yield f"{dict(counts)}, " + ", ".join(f"{name} {used:.1f} s" for name, used in spent.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--limit", type=int, default=3000, help="the solver's, in milliseconds")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    lines = list(compared(args.pairs, args.limit, args.seed))
    print("\n".join(lines))
    return 1 if len(lines) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
