"""Words of the game are explained below the tables that use them, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from fg_backtest import BacktestResult
from fg_backtest.glossary import glossary_notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("played from 1975Q1", "a series is played from"),
        ("the last print", "a print is"),
        ("it is doubted", "a value is doubted"),
        ("no doubt", "a value is doubted"),
        ("blueprint", ""),
        ("carpool", ""),
        ("better than the pool", "the pool is the mixture"),
    ],
)
def test_a_word_is_explained_where_it_occurs(text: str, said: str) -> None:
    notes = glossary_notes(text)
    assert bool(notes) == bool(said)
    assert said in "".join(notes)


def test_tables_explain_what_they_say(played: BacktestResult) -> None:
    series = played.report.series
    calm = {name: msgspec.structs.replace(one, prints_doubted=0) for name, one in series.items()}
    trusted = replace(played, report=msgspec.structs.replace(played.report, series=calm))
    words = trusted.table().split("- Words: ")[1]
    assert "an origin is" in words
    assert "doubted" not in words
    one = msgspec.structs.replace(played.report.series["a"], prints_doubted=2)
    doubted = msgspec.structs.replace(played.report, series={**played.report.series, "a": one})
    assert "a value is doubted" in " ".join(replace(played, report=doubted).table().split())
