from __future__ import annotations

import pytest

from fg_backtest.formatting import NO_MARK, decimals_of, marks_of, number


@pytest.mark.parametrize(
    ("scores", "marks"),
    [
        ({"a": 1.0, "b": 2.0, "ensemble": 3.0}, "* -"),
        ({"a": 1.0, "b": 2.0, "ensemble": 0.5}, "+ *"),
        ({"a": 1.0, "b": 1.01, "ensemble": 1.02}, "***"),
        ({"a": None, "b": 2.0, "ensemble": None}, " * "),
        ({"a": None, "b": None, "ensemble": None}, "   "),
    ],
)
def test_the_best_benchmark_always_has_a_mark(scores: dict[str, float | None], marks: str) -> None:
    expected = [NO_MARK if mark in " -" else mark for mark in marks]
    assert list(marks_of(scores, "{:.1f}".format).values()) == expected


def test_numbers_have_the_digits_of_the_smallest() -> None:
    assert decimals_of([]) == 3
    assert number(None, 2) == "-"
    assert number(1.0, 8) == "1.000e+00"
