"""What fg_training promises as a package: typed, versioned, and what it plugs in."""

from __future__ import annotations

from importlib import metadata, resources

import pytest

import fg_training


def test_version_is_that_of_the_installed_package() -> None:
    assert fg_training.__version__ == metadata.version("fg-training")


def test_every_public_name_is_there() -> None:
    for name in fg_training.__all__:
        assert getattr(fg_training, name)


def test_unknown_attribute_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'fg_training' has no attribute 'no_such_name'"):
        _ = fg_training.no_such_name  # type: ignore[attr-defined]


def test_registers_what_it_brings() -> None:
    found = {
        (point.group, point.name) for point in metadata.distribution("fg-training").entry_points
    }
    assert found == {
        ("console_scripts", "fg-train"),
        ("fg_core.policies", "table_adversary"),
        ("fg_core.policies", "table_defender"),
        ("fg_core.policies", "table_forecaster"),
        ("fg_core.scenarios", "marl_convergence"),
    }


def test_is_typed() -> None:
    assert resources.files("fg_training").joinpath("py.typed").is_file()
