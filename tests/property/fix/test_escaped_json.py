"""JSON text inside a JSON string: edits of what it says are edits of how it is written."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.fix.hcl_json import Escaped
from iamlint.text import Edit, SourceText, Span, apply_edits

TEXT = st.text(alphabet=st.sampled_from('ab"\\/{}[]:,\n\té€𝄞 ${'), max_size=30)


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT, st.booleans(), st.data())
def test_an_edit_inside_is_one_outside(
    text: str, new: str, ascii_only: bool, data: st.DataObject
) -> None:
    raw = json.dumps(text, ensure_ascii=ascii_only)
    before = '{"policy": '
    source = SourceText("main.tf.json", f"{before}{raw}}}")
    span = Span(len(before) + 1, len(before) + len(raw) - 1)
    escaped = Escaped(source, span)
    assert escaped.inner.text == text
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    edit = Edit(Span(first, last), new)
    (outer,) = escaped.outside([edit])
    edited = apply_edits(source.text, [outer])
    assert json.loads(edited)["policy"] == text[:first] + new + text[last:]
    if first < last:
        assert escaped.inside(outer.span) == edit.span
