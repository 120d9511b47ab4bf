"""A certificate holds for its policies and for no others."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from iamlint.iam.certificate import CertificateError, certificate, check
from iamlint.iam.compare import within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy
from iamlint.tree import Hole, Text


def policy(action: str, resource: str = "*") -> Policy:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return from_json({"Version": "2012-10-17", "Statement": [statement]}, "policy.json")


WIDE, NARROW = [policy("s3:*")], [policy("s3:GetObject")]


def certified(new: list[Policy], old: list[Policy]) -> dict[str, Any]:
    """The certificate as it comes back from a file."""
    document: dict[str, Any] = json.loads(json.dumps(certificate(new, old, within(new, old))))
    return document


def test_a_proof_is_made_again() -> None:
    document = certified(NARROW, WIDE)
    assert document["answer"] == "contained"
    assert document["witness"] is None
    found = check(document, NARROW, WIDE)
    assert found.holds
    assert found.notes == ("the comparison was made again",)


def test_a_witness_is_replayed() -> None:
    document = certified(WIDE, NARROW)
    assert document["answer"] == "not-contained"
    assert check(document, WIDE, NARROW).notes == ("the witness was replayed",)
    document["witness"]["action"] = "s3:GetObject"
    found = check(document, WIDE, NARROW)
    assert not found.holds
    assert found.notes == ("the witness does not show a difference",)


def test_other_policies_do_not_fit() -> None:
    document = certified(NARROW, WIDE)
    found = check(document, NARROW, [policy("s3:*", "arn:aws:s3:::b")])
    assert not found.holds
    assert found.notes == ("the old policies are not those of the certificate",)


def test_a_wrong_answer_is_refuted() -> None:
    document = certified(WIDE, NARROW)
    document.update(answer="contained", witness=None)
    found = check(document, WIDE, NARROW)
    assert not found.holds
    assert found.notes == ("the comparison now says not-contained",)


def test_another_catalogue_is_told() -> None:
    document = {**certified(NARROW, WIDE), "catalogue": "2001-01-01"}
    found = check(document, NARROW, WIDE)
    assert found.holds
    assert found.notes[0].startswith("it was made with the catalogue of 2001-01-01, ")


def holed(*resources: Text) -> list[Policy]:
    """A policy on resources of which only the deployment knows the names."""
    base = policy("s3:GetObject")
    statement = base.statements[0]
    elements = tuple(
        msgspec.structs.replace(statement.resources[0], text=resource) for resource in resources
    )
    changed = msgspec.structs.replace(statement, resources=elements)
    return [msgspec.structs.replace(base, statements=(changed,))]


def test_the_values_that_holes_were_given_are_checked() -> None:
    bucket = Hole("aws_s3_bucket.b.arn", "resource")
    wide, narrow = holed(Text.of(bucket, "/*")), holed(Text.of(bucket, "/logs/*"))
    document = certified(wide, narrow)
    name = str(bucket)
    assert document["answer"] == "not-contained"
    assert list(document["given"]) == [name]
    assert check(document, wide, narrow).notes == (
        "the witness was replayed for the values given",
        "the comparison was made again",
    )
    # Another value, under which the witness is of another bucket; none; one of a hole unheard of.
    for given, note in (
        ({name: "arn:aws:s3:::another"}, "the witness does not show a difference"),
        ({}, "the witness does not show a difference"),
        ({**document["given"], "‹x›": "y"}, "no policy has the hole ‹x› that it gives a value"),
    ):
        found = check({**document, "given": given}, wide, narrow)
        assert not found.holds
        assert found.notes == (note,)
    # The same witness under policies that differ for some values only is no proof of a difference.
    other = holed(Text.of(Hole("var.prefix", "name"), "*"))
    forged = {
        **document,
        "new": certified(wide, other)["new"],
        "old": certified(wide, other)["old"],
    }
    assert not check({**forged, "given": {name: "arn:aws:s3:::b"}}, wide, other).holds


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "x"},
        {"version": 2},
        {"witness": None},
        {"witness": {"principal": 1, "action": "a", "resource": "b"}},
        {"witness": {"principal": "x", "action": "a", "resource": "b", "context": {"k": 1}}},
        {"given": ["x"]},
        {"given": {"x": 1}},
    ],
)
def test_what_is_no_certificate_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(CertificateError):
        check({**certified(WIDE, NARROW), **change}, WIDE, NARROW)
    with pytest.raises(CertificateError):
        check([], WIDE, NARROW)
