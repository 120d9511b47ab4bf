"""Laws of profiles: what is written is read, merging is blind to order, splitting loses nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.usage import event
from iamlint.usage.cloudtrail import profile_of
from iamlint.usage.merge import merge
from iamlint.usage.profile import UsageProfile, dumps, loads
from iamlint.usage.tally import Tally

CALLS = st.sampled_from(
    [
        ("s3", "GetObject", {"bucketName": "media", "key": "a"}),
        ("s3", "PutObject", {"bucketName": "logs-x", "x-amz-acl": "private"}),
        ("logs", "CreateLogStream", {"logGroupName": "/a", "logStreamName": "s"}),
        ("dynamodb", "TransactWriteItems", {"transactItems": []}),
        ("lambda", "CreateFunction20150331", {"functionName": "f", "role": "arn:aws:iam::111122223333:role/f"}),
        ("nosuch", "DoIt", None),
        ("sts", "GetCallerIdentity", None),
    ]
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    source, name, parameters = draw(CALLS)
    issuer = draw(st.sampled_from(["app", "eng/ci"]))
    account = draw(st.sampled_from(["111122223333", "444455556666"]))
    bare = {"arn": f"arn:aws:sts::{account}:assumed-role/{issuer.rsplit('/')[-1]}/x"}
    unique = draw(st.sampled_from(["", "AROA1", "AROA2"]))
    arn = f"arn:aws:iam::{account}:role/{issuer}"
    whole = {"sessionContext": {"sessionIssuer": {"arn": arn, "principalId": unique}}}
    return {
        "eventTime": f"2026-10-{draw(st.integers(1, 30)):02}T00:00:00Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": draw(st.sampled_from(["eu-west-1", "us-east-1"])),
        "recipientAccountId": account,
        "errorCode": draw(st.sampled_from([None, "AccessDenied", "Throttling"])),
        "userIdentity": draw(st.sampled_from([bare, whole, {"type": "Root"}])),
        "requestParameters": parameters,
    }


def profile(items: list[dict[str, Any]]) -> UsageProfile:
    return profile_of(tally(items), "cloudtrail")


def tally(items: list[dict[str, Any]]) -> Tally:
    made = Tally()
    made.add([event.decode_record(json.dumps(item)) for item in items])
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=12))
def test_what_is_written_is_read(items: list[dict[str, Any]]) -> None:
    text = dumps(profile(items))
    assert dumps(loads(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(items: list[dict[str, Any]], source: Any) -> None:
    shuffled = list(items)
    source.shuffle(shuffled)
    assert dumps(profile(items)) == dumps(profile(shuffled))


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=12), st.integers(0, 12))
def test_tallies_of_parts_are_the_tally_of_the_whole(items: list[dict[str, Any]], cut: int) -> None:
    first, second = tally(items[:cut]), tally(items[cut:])
    first.merge(second)
    assert dumps(profile_of(first, "cloudtrail")) == dumps(profile(items))


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=8), st.lists(records(), max_size=8))
def test_merging_profiles_is_blind_to_order(
    a: list[dict[str, Any]], b: list[dict[str, Any]]
) -> None:
    one, two = profile(a), profile(b)
    assert dumps(merge([one, two])) == dumps(merge([two, one]))


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=8), st.lists(records(), max_size=8))
def test_merging_loses_no_use(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> None:
    merged = merge([profile(a), profile(b)])
    for part in (profile(a), profile(b)):
        for arn, usage in part.principals.items():
            kept = merged.principals[arn]
            earlier = {name for life in kept.earlier.values() for name in life.actions}
            counted = not set(usage.ids) - set(kept.ids)
            assert set(usage.actions) <= (set(kept.actions) if counted else earlier)
            assert set(usage.earlier) <= {*kept.earlier, *kept.ids}
            if not counted:
                continue
            assert set(usage.possible) <= set(kept.possible) | set(kept.actions)
            for name, use in usage.actions.items():
                assert set(use.resources) <= set(kept.actions[name].resources)
                assert use.resources_complete or not kept.actions[name].resources_complete
