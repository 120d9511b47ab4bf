"""The profile as a file: what it says of itself when it is none, and what merging does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from iamlint.usage.merge import merge, merge_usages
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    DeniedUse,
    PossibleUse,
    PrincipalUsage,
    ProfileError,
    ServiceUse,
    UsageProfile,
    dump,
    dumps,
    load,
    loads,
)

ROLE = "arn:aws:iam::111122223333:role/orders"


def profile(**use: Any) -> UsageProfile:
    values: dict[str, Any] = {"n": 2, "first": "2026-10-01", "last": "2026-10-09"}
    action = ActionUse(**{**values, "resources": ["arn:aws:s3:::a/*"], **use})
    return UsageProfile(
        generated="2026-10-31",
        coverage=[
            Coverage(
                source="cloudtrail",
                accounts=["111122223333"],
                regions=["eu-west-1"],
                since="2026-10-01",
                until="2026-10-31",
                categories=Categories(management=["read", "write"]),
                events=10,
            )
        ],
        principals={ROLE: PrincipalUsage(kind="role", actions={"s3:GetObject": action})},
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    dump(profile(), path)
    assert load(path) == profile()
    assert dumps(load(path)) == path.read_text(encoding="utf-8")


def test_the_text_is_sorted_and_ends_in_a_line_break() -> None:
    text = dumps(profile())
    assert text.endswith("}\n")
    assert not text.endswith("}\n\n")
    keys = list(json.loads(text))
    assert keys == sorted(keys)


def test_the_order_of_principals_does_not_matter() -> None:
    one, other = PrincipalUsage(kind="role"), PrincipalUsage(kind="user")
    a = UsageProfile(principals={"x": one, "a": other})
    b = UsageProfile(principals={"a": other, "x": one})
    assert dumps(a) == dumps(b)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON: input data was truncated"),
        ("{", "is not JSON: input data was truncated"),
        ("[]", "is no usage profile: expected `object`, got `array`"),
        ("{}", "is no usage profile: it has no `version`"),
        ('{"version": "1"}', "is no usage profile: expected `int`, got `str` - at `$.version`"),
        ('{"version": 7}', "has version 7; this iamlint reads version 1"),
        ('{"Records": []}', "holds CloudTrail records, not a usage profile"),
        ('{"Events": []}', "holds CloudTrail records, not a usage profile"),
        (
            '{"version": 1, "principals": {"r": {"actions": {"s3:GetObject": {"n": 1}}}}}',
            "is no valid usage profile: object missing required field `first` - at `$.principals[...].actions[...]`",
        ),
        (
            '{"version": 1, "principals": {"r": {"actions": {"s3:GetObject": {"n": 1, "first": "x", "last": "2026-10-01"}}}}}',
            "is no valid usage profile: `x` is no day - at `principals[r].actions[s3:GetObject].first`",
        ),
        (
            '{"version": 1, "principals": {"r": {"actions": {"s3:GetObject": {"n": 0, "first": "2026-10-01", "last": "2026-10-01"}}}}}',
            "is no valid usage profile: count or days make no sense - at `principals[r].actions[s3:GetObject]`",
        ),
        (
            '{"version": 1, "coverage": [{"source": "x", "from": "soon"}]}',
            "is no valid usage profile: `soon` is no day - at `coverage[0].from`",
        ),
    ],
)
def test_what_is_no_profile_says_why(content: str, message: str) -> None:
    with pytest.raises(ProfileError) as caught:
        loads(content)
    assert str(caught.value) == message


def test_the_path_is_in_the_message(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    with pytest.raises(ProfileError, match=r"cannot read `.*missing.json`: no such file"):
        load(missing)
    bad = tmp_path / "bad.json"
    bad.write_text('{"Records": []}')
    with pytest.raises(ProfileError, match=r"`.*bad.json` holds CloudTrail records") as caught:
        load(bad)
    assert caught.value.advice == "make a profile of it with `iamlint usage build`"


def test_deep_nesting_is_no_crash() -> None:
    with pytest.raises(ProfileError):
        loads('{"version": 1, "principals": ' + "[" * 100_000)


def test_merging_adds_counts_and_widens_windows() -> None:
    early, late = profile(), profile(n=3, first="2026-11-01", last="2026-11-03", resources=["b"])
    late.coverage[0].since, late.coverage[0].until = "2026-11-01", "2026-11-30"
    both = merge([early, late])
    use = both.principals[ROLE].actions["s3:GetObject"]
    assert (use.n, use.first, use.last) == (5, "2026-10-01", "2026-11-03")
    assert use.resources == ["arn:aws:s3:::a/*", "b"]
    assert [entry.since for entry in both.coverage] == ["2026-10-01", "2026-11-01"]
    assert dumps(merge([late, early])) == dumps(both)


def test_one_incomplete_list_of_resources_makes_the_whole_incomplete() -> None:
    both = merge([profile(), profile(resources_complete=False)])
    assert not both.principals[ROLE].actions["s3:GetObject"].resources_complete


def test_merging_keeps_denials_possibilities_and_what_is_not_mapped() -> None:
    usage = PrincipalUsage(
        ids=["AROA1"],
        possible={"s3:GetObject": PossibleUse(n=1, last="2026-10-01", by=["x:Y"])},
        denied={"s3:PutObject": DeniedUse(n=1, last="2026-10-02", resources=["a"])},
        unmapped=[("a.amazonaws.com", "B", 2)],
    )
    merged = merge([UsageProfile(principals={ROLE: usage})] * 2 + [profile()]).principals[ROLE]
    assert merged.denied["s3:PutObject"] == DeniedUse(n=2, last="2026-10-02", resources=["a"])
    assert merged.unmapped == [("a.amazonaws.com", "B", 4)]
    # It is used after all, so it is not only possible.
    assert "s3:GetObject" not in merged.possible
    # Those calls do not tell on what, so what was seen is not all that is needed.
    assert not merged.actions["s3:GetObject"].resources_complete
    assert merged.ids == ["AROA1"]


def life(unique: str, action: str, first: str, last: str) -> UsageProfile:
    use = ActionUse(n=1, first=first, last=last)
    usage = PrincipalUsage(ids=[unique], first=first, last=last, actions={action: use})
    return UsageProfile(principals={ROLE: usage})


def test_merging_keeps_a_role_made_anew_from_its_earlier_ones() -> None:
    first = life("AROA1", "s3:GetObject", "2026-08-01", "2026-08-31")
    second = life("AROA2", "s3:PutObject", "2026-09-01", "2026-09-30")
    third = life("AROA3", "s3:ListBucket", "2026-10-01", "2026-10-31")
    whole = dumps(merge([first, second, third]))
    for order in ([first, third, second], [third, second, first]):
        assert dumps(merge(order)) == whole
        assert dumps(merge([merge(order[:2]), order[2]])) == whole
    usage = merge([first, second, third]).principals[ROLE]
    assert usage.ids == ["AROA3"]
    assert list(usage.actions) == ["s3:ListBucket"]
    assert list(usage.earlier) == ["AROA1", "AROA2"]
    assert usage.earlier["AROA1"].actions == {"s3:GetObject": "2026-08-31"}
    assert loads(whole).principals[ROLE].earlier == usage.earlier


def test_merging_what_overlaps_counts_it_together() -> None:
    one = life("AROA1", "s3:GetObject", "2026-08-01", "2026-09-15")
    two = life("AROA2", "s3:PutObject", "2026-09-01", "2026-09-30")
    usage = merge([one, two]).principals[ROLE]
    assert usage.ids == ["AROA1", "AROA2"]
    assert list(usage.actions) == ["s3:GetObject", "s3:PutObject"]
    assert usage.earlier == {}


def test_evidence_without_an_id_is_the_present_role_s() -> None:
    one = life("AROA1", "s3:GetObject", "2026-08-01", "2026-08-31")
    two = life("AROA2", "s3:PutObject", "2026-09-01", "2026-09-30")
    advisor = UsageProfile(
        principals={ROLE: PrincipalUsage(services={"ec2": ServiceUse(since="2025-09-01")})}
    )
    usage = merge([advisor, one, two]).principals[ROLE]
    assert list(usage.services) == ["ec2"]
    assert usage.ids == ["AROA2"]


def test_days_are_kept_while_they_tell_how_seldom_somebody_is_active() -> None:
    def of(*days: str, first: str = "2026-08-01") -> PrincipalUsage:
        return PrincipalUsage(first=first, last="2026-11-01", days=list(days))

    assert merge_usages([of("2026-08-01"), of("2026-08-01", "2026-09-01")]).days == [
        "2026-08-01",
        "2026-09-01",
    ]
    many = [f"2026-08-{day:02}" for day in range(1, 31)]
    assert merge_usages([of(*many[:16]), of(*many[10:26])]).days == many[:16]
    # One that made calls and does not tell on which days leaves it open; last access makes none.
    untold = PrincipalUsage(first="2026-08-01", last="2026-08-02")
    assert merge_usages([of("2026-08-01"), untold]).days is msgspec.UNSET
    assert merge_usages([of("2026-08-01"), PrincipalUsage()]).days == ["2026-08-01"]
