"""No embedded dataset shows, beside a value, what that value is."""

import pytest

from fg_core import Query, Registry
from fg_core.testing import ALL_COLUMNS, check_masking, explained_by_context
from fg_data.us_macro import SERIES

# Every source that brings its data along: it asks no network and reads no file of the user.
EMBEDDED = {
    "us_macro": Query(series=SERIES),
    "synthetic": Query(seed=7),
    # Made up, without a key; ages would be more columns than eighty quarters can bear.
    "fred_training": Query(seed=7, options={"ages": "no"}),
    "hybrid": Query(seed=7),
}


@pytest.mark.filterwarnings("ignore:FRED_API_KEY is not set")
@pytest.mark.parametrize("reveal_lag", [1, 2, 3])
@pytest.mark.parametrize("name", EMBEDDED)
def test_contexts_give_nothing_away(name, reveal_lag, monkeypatch, tmp_path):
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    monkeypatch.setenv("FG_CACHE_DIR", str(tmp_path))
    dataset = Registry("fg_core.sources").load(name)().fetch(EMBEDDED[name])
    check_masking(dataset, reveal_lag=reveal_lag)
    for series_id in dataset.series_ids:
        # There is a context, and it is not noise alone: the check has something to look at.
        assert explained_by_context(dataset.series(series_id))[ALL_COLUMNS] > 0.01
