"""What fg_llm promises: it is there, typed, versioned and light, and its plugins load."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, resources

import pytest

import fg_llm


def test_version_is_that_of_the_installed_package() -> None:
    assert fg_llm.__version__ == metadata.version("fg-llm")


def test_every_public_name_is_there() -> None:
    for name in fg_llm.__all__:
        assert getattr(fg_llm, name)


def test_unknown_attribute_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'fg_llm' has no attribute 'no_such_name'"):
        _ = fg_llm.no_such_name  # type: ignore[attr-defined]


def test_every_entry_point_loads() -> None:
    points = metadata.distribution("fg-llm").entry_points

    assert {point.name for point in points if point.load()} == {
        "chat",
        "fg-llm",
        "haskell",
        "haskellrlm",
        "llm",
        "llm_mock_refactor",
        "llm_refiner_stability",
        "mock_llm",
        "ollama",
        "ollama_chat",
        "prompt",
        "recursive",
    }


def test_is_typed() -> None:
    assert resources.files("fg_llm").joinpath("py.typed").is_file()


def test_import_is_cheap() -> None:
    code = "import sys; import fg_llm; print('numpy' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"
