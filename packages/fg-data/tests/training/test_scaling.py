from __future__ import annotations

import statistics
from datetime import UTC, datetime

import pytest

from fg_core import DataError, Dataset, Observation, Provenance
from fg_data.training import fit_scaling

PROVENANCE = Provenance("test", "made up", "none", "none")


def dataset(values: list[float], contexts: list[dict[str, float]], name: str = "x") -> Dataset:
    rows = tuple(
        Observation(
            datetime(2020 + k, 1, 1, tzinfo=UTC),
            value,
            context,
            datetime(2021 + k, 1, 1, tzinfo=UTC),
            name,
            "test",
        )
        for k, (value, context) in enumerate(zip(values, contexts, strict=True))
    )
    return Dataset(rows, PROVENANCE, frequency="Y")


def test_mean_and_standard_deviation_by_series_and_column() -> None:
    contexts = [{"a": 1.0}, {"a": 2.0, "b": 5.0}, {"a": 6.0}]
    scaling = fit_scaling(dataset([1.0, 2.0, 4.0], contexts))
    assert scaling.of("x").mean == pytest.approx(7 / 3)
    assert scaling.of("x").sd == pytest.approx(statistics.stdev([1.0, 2.0, 4.0]))
    assert scaling.context["a"].mean == 3.0
    # One value, so it does not move: its own unit is the scale.
    assert (scaling.context["b"].mean, scaling.context["b"].sd) == (5.0, 1.0)


def test_there_and_back() -> None:
    scale = fit_scaling(dataset([1.0, 2.0, 4.0], [{}, {}, {}])).of("x")
    assert scale.unscaled(scale.scaled(3.7)) == pytest.approx(3.7)
    assert scale.scaled(scale.mean) == 0.0


def test_a_column_that_training_never_saw_is_left_out() -> None:
    scaling = fit_scaling(dataset([1.0, 2.0, 4.0], [{"a": 1.0}] * 3))
    assert scaling.scaled_context({"a": 3.0, "new": 9.0}) == {"a": 2.0}


def test_an_unknown_series_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="no scale was fitted for series 'y'; there are x"):
        fit_scaling(dataset([1.0], [{}])).of("y")
