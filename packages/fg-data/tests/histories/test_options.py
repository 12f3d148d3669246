from __future__ import annotations

import pytest

from fg_core import ConfigError
from fg_data.fred import FredOptions
from fg_data.histories import OPTIONS, HistoryOptions


def test_options_come_as_text() -> None:
    texts = {
        "vintage": "known",
        "frequency": "Q",
        "aggregation": "eop",
        "units": "pca",
        "release_lag": "30",
        "season_length": "4",
    }
    assert sorted(texts) == list(OPTIONS)
    assert HistoryOptions.from_texts(texts, source="mine") == HistoryOptions(
        "known", "Q", "eop", "pca", 30, 4
    )
    assert HistoryOptions.from_texts({}, source="mine") == HistoryOptions()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            {"unit": "pca"},
            r"'mine' has no option 'unit'; it has \(nearest first\) units",
        ),
        ({"vintage": "newest"}, "vintage is one of first, known, latest, all, got 'newest'"),
        ({"units": "growth"}, "units 'growth' are not known"),
        ({"release_lag": "-3"}, "option release_lag must be a whole number, got '-3'"),
        ({"season_length": "1.5"}, "option season_length must be a whole number"),
        ({"season_length": "0"}, "a season has at least one period"),
        ({"release_lag": "9" * 30}, "must be a whole number"),
    ],
)
def test_what_is_wrong_is_said(texts: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        HistoryOptions.from_texts(texts, source="mine")


def test_fred_says_its_own_name() -> None:
    assert FredOptions.from_texts({"units": "pca"}) == FredOptions(units="pca")
    with pytest.raises(ConfigError, match="the source 'fred' has no option 'unit'"):
        FredOptions.from_texts({"unit": "pca"})
