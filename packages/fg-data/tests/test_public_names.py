"""What is public."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points, version

import pytest

import fg_data
from fg_data import _api


def test_every_public_name_is_there_once() -> None:
    assert len(set(fg_data.__all__)) == len(fg_data.__all__)
    assert {*fg_data.__all__} == {*_api.__all__, "__version__"}
    for name in fg_data.__all__:
        assert getattr(fg_data, name) is not None
        assert name in dir(fg_data)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'FredAdapter'"):
        _ = fg_data.FredAdapter


def test_the_version_is_that_of_the_distribution() -> None:
    assert fg_data.__version__ == version("fg-data")


def test_the_sources_are_plugged_in_and_made_without_arguments() -> None:
    ours = [p for p in entry_points(group="fg_core.sources") if p.dist.name == "fg-data"]
    assert {"file", "fred", "fred_training", "hybrid"} <= {point.name for point in ours}
    for point in ours:
        assert point.load()().name == point.name


def test_a_name_is_looked_up_without_loading_what_it_stands_for() -> None:
    """Python asks a package for names of its own, such as `__path__`; these load nothing."""
    code = "import sys, fg_data; hasattr(fg_data, '_none'); print('fg_data._api' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_what_was_two_types_is_one() -> None:
    assert fg_data.FredSeriesSet is fg_data.FetchedSeries is fg_data.SeriesHistories
