from __future__ import annotations

from fg_core.nearest import nearest_first


def test_the_most_alike_come_first_whatever_their_case() -> None:
    assert nearest_first("GDP", ["gdp_growth", "cpi", "gdp"]) == ["gdp", "gdp_growth", "cpi"]


def test_equally_unlike_names_are_in_order() -> None:
    assert nearest_first("x", ["b", "c", "a"]) == ["a", "b", "c"]
