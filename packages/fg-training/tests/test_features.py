from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fg_core import ForecastState
from fg_core.errors import ConfigError, DataError
from fg_training import (
    FORECAST_CELLS,
    FeatureGrid,
    cells_of_role,
    forecast_features,
    state_features,
)
from fg_training.features import past_features


def _walk(seed: int, n: int = 400) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n) + 0.05


def test_cells_do_not_depend_on_the_unit() -> None:
    changes = _walk(1)
    errors = changes - 0.05
    cells = FORECAST_CELLS.cell(forecast_features(errors, changes))
    scaled = FORECAST_CELLS.cell(forecast_features(errors * 1024.0, changes * 1024.0))
    assert (cells == scaled).all()
    assert len(set(cells.tolist())) > 15


def test_a_row_uses_the_past_alone() -> None:
    changes = _walk(2, 60)
    rows = forecast_features(changes, changes)
    changed = changes.copy()
    changed[40:] = 1e6
    assert (forecast_features(changed, changed)[:41] == rows[:41]).all()
    assert (forecast_features(changed, changed)[41] != rows[41]).any()


def test_cells_of_later_origins_were_seen_in_training() -> None:
    # A key of rounded values leaves most of a walk's later origins unseen.
    unseen = []
    for seed in range(5):
        cells = FORECAST_CELLS.cell(forecast_features(_walk(seed, 2000), _walk(seed, 2000)))
        unseen.append(np.mean(~np.isin(cells[1000:], cells[60:1000])))
    assert np.mean(unseen) < 0.02


def test_a_still_series_has_the_cell_of_a_usual_day() -> None:
    assert forecast_features([0.0] * 3, [0.0] * 3).tolist() == [[0.0, 0.0, 1.0]] * 4


def test_every_cell_is_reached_once() -> None:
    grid = FeatureGrid(((0.0,), (-1.0, 1.0)), ("a", "b"))
    points = [(a, b) for a in (-1.0, 0.0) for b in (-2.0, 0.0, 1.0)]
    assert grid.cell(points).tolist() == list(range(grid.n_cells))


def test_what_a_defender_knows_of_the_past_does_not_move_with_what_is_not_revealed() -> None:
    history = tuple(_walk(3, 40).cumsum().tolist())
    state = ForecastState(40, 1.0, 0.0, 0.0, history=history, n_unrevealed=2)
    names = ["drift", "speed"]
    found = past_features(state, names)
    hit = replace(state, value=99.0, history=(*history[:38], -50.0, 70.0))
    assert past_features(hit, names).tolist() == found.tolist()
    revealed = replace(state, history=(*history[:37], -50.0, *history[38:]))
    assert past_features(revealed, names).tolist() != found.tolist()
    # They are those of a state whose value is the last revealed one.
    known = ForecastState(37, history[37], 0.0, 0.0, history=history[:37])
    assert state_features(known, names).tolist() == found.tolist()


def test_cells_of_a_role_have_the_features_that_it_sees() -> None:
    assert cells_of_role("adversary", ["last_action", "speed"]).names == (
        "speed",
        "last_action",
        "budget",
    )
    assert cells_of_role("defender", ["speed", "surprise"]).n_cells == 39
    for role, name in (("defender", "budget"), ("forecaster", "last_action"), ("adversary", "age")):
        with pytest.raises(ConfigError, match=f"features of a {role} are .*, not '{name}'"):
            cells_of_role(role, [name])


@pytest.mark.parametrize("edges", [((1.0, 1.0),), ((2.0, 1.0),), ((np.nan,),), ()])
def test_edges_that_do_not_ascend_are_refused(edges: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(ConfigError):
        FeatureGrid(edges, ("a",))


def test_features_of_another_number_or_not_finite_are_refused() -> None:
    with pytest.raises(DataError, match="3 features"):
        FORECAST_CELLS.cell([[0.0, 1.0]])
    with pytest.raises(DataError, match="finite"):
        FORECAST_CELLS.cell([[0.0, np.nan, 1.0]])
