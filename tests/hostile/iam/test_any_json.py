"""Any JSON as a policy, by hypothesis and from the shell: an answer or a problem with its place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iamlint.app.cli import run
from iamlint.iam.certificate import certificate, check
from iamlint.iam.compare import within
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import read_json, to_json
from iamlint.iam.effective import Effective

USER = "arn:aws:iam::111122223333:user/bob"
REQUEST = Request(USER, "s3:GetObject", "arn:aws:s3:::b/k", {"aws:username": "x"})

# Strings with NUL, lone surrogates, wildcards and half of a policy variable among them.
strings = st.one_of(
    st.text(st.characters(codec=None), max_size=8),
    st.text("*?:${}a'\0\ud800", max_size=8),
    st.sampled_from(
        ["Allow", "Deny", "*", "s3:*", "s3:GetObject", "arn:aws:s3:::b/*", "${aws:username}", "2012-10-17"]
    ),
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True, allow_infinity=True), strings
)
keys = st.one_of(
    st.sampled_from(
        ["Version", "Statement", "Id", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource",
         "Principal", "NotPrincipal", "Condition", "AWS", "Service", "Federated", "StringLike", "Null",
         "ForAllValues:StringNotLike", "ForAnyValue:ArnLike", "IpAddressIfExists", "DateLessThan",
         "NumericEquals", "Bool", "BinaryEquals", "aws:username", "aws:TagKeys", "aws:PrincipalArn"]
    ),
    strings,
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)
)
statements = st.dictionaries(keys, values, max_size=6)
documents = st.one_of(
    values,
    st.fixed_dictionaries(
        {"Version": st.just("2012-10-17"), "Statement": st.lists(statements, max_size=3)}
    ),
    # Nearly right, so that the engine sees more than problems.
    st.fixed_dictionaries(
        {
            "Version": st.just("2012-10-17"),
            "Statement": st.lists(
                st.fixed_dictionaries(
                    {
                        "Effect": st.sampled_from(["Allow", "Deny"]),
                        "Action": st.one_of(strings, st.lists(strings, max_size=2)),
                        "Resource": st.one_of(strings, st.lists(strings, max_size=2)),
                    },
                    optional={"Condition": st.dictionaries(keys, st.dictionaries(keys, values, max_size=2), max_size=2)},
                ),
                max_size=3,
            ),
        }
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(documents, documents, st.sampled_from(["identity", "resource", "trust", "scp"]))
@example({"Statement": {"Effect": "Allow", "Action": "\ud800:*", "Resource": "\0"}}, [], "identity")
def test_any_json_is_answered_or_a_problem(new: Any, old: Any, kind: Any) -> None:
    read = [read_json(each, "p.json", kind) for each in (new, old)]
    for policy, problems in read:
        assert policy is not None or problems
        for problem in problems:
            assert problem.place.start.line >= 1
            assert problem.message
    policies = [policy for policy, _ in read if policy is not None]
    for policy in policies:
        to_json(policy)
        layer = {"identity": [policy], "resource": [policy], "scp": [[policy]], "rcp": [[policy]]}
        decide(REQUEST, PolicySet(**layer))
        assert within([policy], [policy], states=3000).contained is not False
        Effective([policy], states=500).access("s3:GetObject")
    if len(policies) == 2:
        sides = policies[:1], policies[1:]
        answer = within(*sides, states=3000)
        made = json.loads(json.dumps(certificate(*sides, answer)))
        if answer.contained is False:
            assert check(made, *sides).holds


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
from iamlint.app.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Ten thousand statements against ten thousand, and a megabyte in each place."""
    big = [
        {"Effect": "Allow", "Action": f"s3:Get{n}", "Resource": f"arn:aws:s3:::b{n}/*"}
        for n in range(10_000)
    ]
    long = "a" * 1_000_000
    hostile = {"Effect": "Allow", "Action": [long, "s3:*"], "Resource": f"arn:aws:s3:::{long}*"}
    hostile |= {long: 1, "Condition": {long: {long: long}}}
    sides = {"old": big, "new": [*big[:-1], {**big[-1], "Resource": "*"}, hostile]}
    for name, statements_of in sides.items():
        document = {"Version": "2012-10-17", "Statement": statements_of}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    command = [sys.executable, "-c", LIMITED, "diff", "old.json", "new.json"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr[-2000:]
    assert ended.stdout.startswith("undetermined: "), ended.stdout[:500]


ONE = '{{"Version": "2012-10-17", "Statement": [{}]}}'
FILES: dict[str, bytes] = {
    "nul": ONE.format('{"Effect": "Allow", "Action": "s3:*\\u0000", "Resource": "*"}').encode(),
    "surrogate": ONE.format('{"Effect": "Allow", "Action": "s3:\\ud800", "Resource": "*"}').encode(),
    "raw-nul": b'{"Version": "2012-10-17", "Statement": "\0"}',
    "latin": b'{"Version": "2012-10-17", "Statement": "\xff\xfe"}',
    "deep": b'{"Version": "2012-10-17", "Statement": ' + b"[" * 100_000,
    "deeper": b'{"Statement": {"Condition": ' * 20_000,
    "long": ONE.format(
        '{"Effect": "Allow", "Action": "s3:*", "Resource": "' + "a" * 1_000_000 + '"}'
    ).encode(),
    "many": ONE.format(
        ",".join(
            f'{{"Effect": "Allow", "Action": "s3:Get{n}", "Resource": "arn:aws:s3:::b{n}"}}'
            for n in range(10_000)
        )
    ).encode(),
    "number": b'{"Version": 1e999, "Statement": [{"Effect": 1, "Action": 1e308, "Resource": []}]}',
    "empty": b"",
    "list": b"[]",
    "twice": ONE.format('{"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}').encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_commands_answer_or_say_what_is_wrong(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_bytes(FILES[name])
    Path("good.json").write_text(
        ONE.format('{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}')
    )
    asked = ["--principal", USER, "--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k"]
    for command in (
        ["diff", "bad.json", "good.json"],
        ["diff", "good.json", "bad.json", "--format", "json"],
        ["simulate", "--policy", "bad.json", *asked],
    ):
        code = run(command)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2, 3), (command, err)  # 3: it could not be decided
        assert "Traceback" not in out + err
        assert all(len(line) < 2000 for line in err.splitlines())
        if code == 2:
            assert "bad.json" in err
            assert len(err.splitlines()) <= 3
        else:
            assert out
