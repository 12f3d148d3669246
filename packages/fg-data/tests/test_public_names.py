"""What is public."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import fg_data
from fg_core import Registry
from fg_core.testing import plugin_names


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
    names = plugin_names("fg_core.sources", "fg-data")
    assert names
    for name in names:
        assert Registry("fg_core.sources").load(name)().name == name


def test_a_private_name_is_looked_up_without_loading_anything() -> None:
    """Python asks a package for names of its own, such as `__path__`; these load nothing."""
    code = (
        "import sys, fg_data; before = set(sys.modules); hasattr(fg_data, '_program'); "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]"]


def test_what_was_two_types_is_one() -> None:
    assert fg_data.FredSeriesSet is fg_data.FetchedSeries is fg_data.SeriesHistories
