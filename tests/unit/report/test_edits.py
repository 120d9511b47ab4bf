"""Diffs as changes of lines: applied, they make what the diff makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iamlint.report.edits import Change, changes
from iamlint.text import unified_diff

TEXT = st.lists(
    st.sampled_from(["a", "b", "", "-- x", "++ b/other", "@@ -1 +1 @@", "\\ No newline", "é\r"]),
    max_size=12,
).flatmap(lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])]))


def applied(text: str, made: list[Change]) -> str:
    lines = text.splitlines(keepends=True) if "\r" not in text else _by_lf(text)
    for change in reversed(made):
        lines[change.line - 1 : change.line - 1 + change.count] = [change.text]
    return "".join(lines)


def _by_lf(text: str) -> list[str]:
    pieces = [line + "\n" for line in text.split("\n")]
    pieces[-1] = pieces[-1][:-1]
    return pieces if pieces[-1] else pieces[:-1]


@given(TEXT, TEXT, st.integers(0, 3))
def test_changes_do_what_the_diff_does(before: str, after: str, context: int) -> None:
    made = list(changes(unified_diff("a file.tf", before, after, context=context)))
    assert {change.path for change in made} <= {"a file.tf"}
    assert applied(before, made) == after


def test_several_files_and_runs() -> None:
    text = "".join(f"{number}\n" for number in range(30))
    diff = unified_diff("a.tf", text, text.replace("3\n", "x\n", 1).replace("20\n", "")) + (
        unified_diff("b.tf", "", "new\n")
    )
    assert list(changes(diff)) == [
        Change("a.tf", 4, 1, "x\n"),
        Change("a.tf", 21, 1, ""),
        Change("b.tf", 1, 0, "new\n"),
    ]
