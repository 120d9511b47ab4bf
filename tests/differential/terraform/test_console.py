"""iamlint's evaluator against the real `terraform console`: equal values, equal refusals."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform.folder import Folder
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.parser import parse_expression
from iamlint.sources.terraform.rendering import json_text
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.values import failures, wholly_known
from iamlint.text import SourceText

ERROR = "‹error›"
HERE = Path(__file__).parent

terraform = shutil.which("terraform")
needs_terraform = pytest.mark.skipif(terraform is None, reason="terraform is not installed")


def console(expressions: list[str], folder: Path) -> list[object]:
    """What terraform makes of the expressions, in one process; ERROR where it refuses."""
    wrapped = ",".join(f'try({{ v = {one} }}.v, "{ERROR}")' for one in expressions)
    (folder / "terraformrc").write_text("")
    done = subprocess.run(
        [str(terraform), "console"],
        input=f"jsonencode([{wrapped}])\n",
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        env={
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(folder / "terraformrc"),
            "CHECKPOINT_DISABLE": "1",
        },
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    # The console prints a string as an HCL literal.
    text = done.stdout.strip()[1:-1].replace("$${", "${").replace("%%{", "%{")
    found: list[object] = json.loads(json.loads(f'"{text}"'))
    return found


def ours(expression: str, folder: Path) -> object:
    """What iamlint makes of it; ERROR where it says that terraform would refuse."""
    session = Session(Sandbox(folder), ReadOptions())
    source = SourceText("console.tf", expression)
    context = ModuleInstance(session, Folder(str(folder))).context(source)
    value = context.eval(parse_expression(source))
    if any(failures(value)):
        return ERROR
    assert wholly_known(value), f"{expression}: {value}"
    literal = json_text(value).literal
    assert literal is not None
    return json.loads(literal)


def close(one: object, other: object) -> bool:
    """Equal but for the last digits of fractions, of which terraform has more."""
    if {type(one), type(other)} <= {int, float} and float in (type(one), type(other)):
        left, right = float(str(one)), float(str(other))
        return abs(left - right) <= 1e-12 * max(abs(left), abs(right), 1)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(close(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def compare(expressions: list[str], folder: Path) -> list[str]:
    """The expressions that differ, each with both values."""
    theirs = console(expressions, folder)
    assert len(theirs) == len(expressions)
    wrong = []
    for expression, expected in zip(expressions, theirs, strict=True):
        got = ours(expression, folder)
        if not close(expected, got):
            wrong.append(f"{expression}\n  terraform: {expected!r}\n  iamlint:   {got!r}")
    return wrong


@needs_terraform
def test_handwritten_expressions(tmp_path: Path) -> None:
    lines = (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
    expressions = [line for line in lines if line and not line.startswith("#")]
    assert compare(expressions, tmp_path) == []


class Generator:
    """Random expressions of a wanted type, small enough to read when they fail."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def make(self, kind: str, depth: int = 3) -> str:
        made = getattr(self, f"_{kind}")
        text: str = made(depth - 1)
        return text

    def _pick(self, *options: str) -> str:
        return self.random.choice(options)

    def _string(self, depth: int) -> str:
        if depth <= 0:
            return self._pick('"a"', '"B c"', '""', '"x/y:z"', '"arn:aws:s3:::b"', '"12"', '" é "')
        s, n, b, ls = (
            self.make("string", depth),
            self.make("number", depth),
            self.make("bool", depth),
            self.make("strings", depth),
        )
        return self._pick(
            s, f"upper({s})", f"lower({s})", f'"${{{s}}}-${{{n}}}"', f"join({s}, {ls})",
            f'replace({s}, "a", {self.make("string", depth)})', f"trimspace({s})", f"title({s})",
            f'format("%s/%v", {s}, {n})', f"{b} ? {s} : {self.make('string', depth)}",
            f"substr({s}, 0, 2)", f"element(concat({ls}, [{s}]), {n})", f"tostring({n})",
            f"coalesce({s}, \"z\")", f"try({ls}[7], {s})", f"trimprefix({s}, \"a\")",
            f"strrev({s})", f"jsonencode({self.make('map', depth)})", f"sha1({s})",
            f'"%{{ if {b} }}${{{s}}}%{{ endif }}!"', f"base64encode({s})", f"urlencode({s})",
            f'lookup({self.make("map", depth)}, "k1", {s})',
        )  # fmt: skip

    def _number(self, depth: int) -> str:
        if depth <= 0:
            return self._pick("0", "1", "2", "7", "3.5")
        n, m = self.make("number", depth), self.make("number", depth)
        return self._pick(
            n, f"({n} + {m})", f"({n} - {m})", f"({n} * {m})", f"length({self.make('strings', depth)})",
            f"max({n}, {m})", f"min({n}, {m})", f"floor({n})", f"ceil({n})", f"abs(-({n}))",
            f"length({self.make('map', depth)})", f"({self.make('bool', depth)} ? {n} : {m})",
            f"length({self.make('string', depth)})", f"sum([{n}, {m}])", f"signum({n})",
        )  # fmt: skip

    def _bool(self, depth: int) -> str:
        if depth <= 0:
            return self._pick("true", "false")
        b, c = self.make("bool", depth), self.make("bool", depth)
        return self._pick(
            b, f"!({b})", f"({b} && {c})", f"({b} || {c})",
            f"({self.make('number', depth)} < {self.make('number', depth)})",
            f"({self.make('string', depth)} == {self.make('string', depth)})",
            f"contains({self.make('strings', depth)}, {self.make('string', depth)})",
            f'startswith({self.make("string", depth)}, "a")', f"anytrue([{b}, {c}])",
            f"alltrue([{b}, {c}])", f"can({self.make('strings', depth)}[1])",
        )  # fmt: skip

    def _strings(self, depth: int) -> str:
        if depth <= 0:
            return self._pick("[]", '["a"]', '["b", "a"]', '["a", "", "a"]')
        ls, s = self.make("strings", depth), self.make("string", depth)
        return self._pick(
            f"[{s}]", f"[{s}, {self.make('string', depth)}]", f"concat({ls}, [{s}])",
            f"distinct({ls})", f"compact({ls})", f"sort({ls})", f"reverse({ls})",
            f"[for x in {ls} : upper(x)]", f"[for i, x in {ls} : \"${{i}}${{x}}\" if x != \"\"]",
            f"tolist(toset({ls}))", f"keys({self.make('map', depth)})", f"split(\"/\", {s})",
            f"values({self.make('map', depth)})", f"flatten([{ls}, [{s}]])",
            f"[for k, v in {self.make('map', depth)} : \"${{k}}${{v}}\"]",
            f"formatlist(\"%s!\", {ls})", f"coalescelist({ls}, [\"z\"])", f"slice(concat([\"q\"], {ls}), 0, 1)",
            f"[for p in setproduct({ls}, [\"1\", \"2\"]) : join(\"-\", p)]", f"setunion({ls}, [{s}])",
            f"jsondecode(jsonencode({ls}))", f"setsubtract({ls}, [\"a\"])",
        )  # fmt: skip

    def _map(self, depth: int) -> str:
        if depth <= 0:
            return self._pick("{}", '{ k1 = "a" }', '{ k2 = "b", k1 = "" }', '{ "é x" = "1" }')
        m, s = self.make("map", depth), self.make("string", depth)
        return self._pick(
            f"merge({m}, {self.make('map', depth)})", f"{{ k1 = {s}, k3 = \"c\" }}",
            f"{{ for k, v in {m} : upper(k) => v }}", f"{{ for i, x in {self.make('strings', depth)} : \"${{i}}\" => x }}",
            f"{{ for x in distinct({self.make('strings', depth)}) : x => \"${{x}}1\" }}",
            f"zipmap({self.make('strings', depth)}, {self.make('strings', depth)})",
            f"tomap({m})", f"jsondecode(jsonencode({m}))", f"{{ (\"k${{{self.make('number', 0)}}}\") = {s} }}",
        )  # fmt: skip


@needs_terraform
@pytest.mark.parametrize("seed", range(3))
def test_generated_expressions(seed: int, tmp_path: Path) -> None:
    generator = Generator(seed)
    kinds = ("string", "number", "bool", "strings", "map")
    expressions = [generator.make(kinds[i % len(kinds)], 2 + i % 3) for i in range(700)]
    expressions = [text for text in dict.fromkeys(expressions) if len(text) < 2000]
    assert compare(expressions, tmp_path) == []
