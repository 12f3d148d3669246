"""What is public."""

from __future__ import annotations

from importlib.metadata import entry_points, version

import pytest

import fg_data


def test_every_public_name_is_there_once() -> None:
    assert len(set(fg_data.__all__)) == len(fg_data.__all__)
    for name in fg_data.__all__:
        assert getattr(fg_data, name) is not None
        assert name in dir(fg_data)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'FredAdapter'"):
        _ = fg_data.FredAdapter


def test_the_version_is_that_of_the_distribution() -> None:
    assert fg_data.__version__ == version("fg-data")


def test_the_sources_are_plugged_in_and_made_without_arguments() -> None:
    ours = {p.name: p for p in entry_points(group="fg_core.sources") if p.dist.name == "fg-data"}
    assert set(ours) == {"file", "fred", "fred_training", "hybrid", "synthetic", "us_macro"}
    for name, point in ours.items():
        assert point.load()().name == name
