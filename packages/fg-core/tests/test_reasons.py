from __future__ import annotations

import pytest

from fg_core.reasons import MAX_REASONS, OTHER_REASONS, add_reason


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("no segments at period 58", "no segments at period #"),
        ("root 1.0234e+00, horizon 4", "root #, horizon #"),
        ("-3 < 0", "# < #"),
        ("ar4 and x_2 have none", "ar4 and x_2 have none"),
        ("not today", "not today"),
    ],
)
def test_numbers_do_not_make_a_kind(reason: str, kind: str) -> None:
    counts: dict[str, int] = {}
    add_reason(counts, reason)
    assert counts == {kind: 1}


def test_few_kinds_are_kept_and_all_are_counted() -> None:
    counts: dict[str, int] = {}
    for letter in "abcdefghabc":
        add_reason(counts, letter)
    assert len(counts) == MAX_REASONS + 1
    assert counts == {"a": 2, "b": 2, "c": 2, "d": 1, "e": 1, OTHER_REASONS: 3}
