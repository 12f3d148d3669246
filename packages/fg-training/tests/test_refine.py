"""What the trained team forecasts goes to a refiner, and what it says is told and written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fg_training._refine
from fg_core import Dataset, Observation, Provenance
from fg_core.errors import ConfigError, PluginError
from fg_core.refinement import Proposal, RefinementReport
from fg_core.revealed import RevealedForecast
from fg_core.testing.fakes import MeanErrorRefiner
from fg_training import CORRECTION_CELLS, PRINT_CELLS, TableDefender, TableForecaster
from fg_training._refine import load_refiner, refine, team_outcomes
from fg_training._training_data import played_games
from fg_training.training_settings import TrainingSettings

SETTINGS = TrainingSettings(None, (), None, "wolf", "forecaster", 0.25, 7, 0, 0)
OPTIONS = {"refine": "it", "explain": True, "quiet": False}


def dataset() -> Dataset:
    values = np.cumsum(np.random.default_rng(4).normal(0.1, 1.0, 60)) + 30.0
    days = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(60)]
    rows = tuple(
        Observation(day, float(x), {}, day, "walk", "made up")
        for day, x in zip(days, values, strict=True)
    )
    return Dataset(rows, Provenance("made up", "a walk", "none", "made up", is_synthetic=True))


@dataclass
class Noting:
    """Notes what it is given, and reports what it was made with."""

    unavailable: str = ""
    name: str = "noting"

    def refine_episodes(
        self, episodes: Sequence[Sequence[RevealedForecast]], *, record: Path | None = None
    ) -> RefinementReport:
        self.episodes = episodes
        self.record = record
        proposals = (Proposal(1, 1, "abc", "rejected", "no better", 0.5, -0.25, 0.0, 1.0),)
        return RefinementReport(
            *("noting", "nobody", 3, 1, 1, 0, "rounds"),
            unavailable=self.unavailable,
            proposals=() if self.unavailable else proposals,
            gain=None if self.unavailable else 0.25,
            random_gain=None if self.unavailable else 0.5,
        )


def test_what_is_handed_over_is_what_the_team_forecast() -> None:
    (game,) = played_games(SETTINGS, dataset())
    shift = TableForecaster((0.5,) * CORRECTION_CELLS.n_cells)

    bare, moved = team_outcomes(game, None), team_outcomes(game, shift)

    assert len(bare) == game.rounds
    values = [row.value for row in game.world.rows]
    assert [one.target for one in bare] == values[-game.rounds :]
    assert [one.state.value for one in bare] == values[-game.rounds - 1 : -1]
    apart = {round(b.forecast.mean - a.forecast.mean, 9) for a, b in zip(bare, moved, strict=True)}
    assert len(apart) == 1
    assert apart.pop() > 0.0


def test_a_report_is_told_and_written(tmp_path: Path, capsys: Any) -> None:
    refiner = Noting()
    agent = TableDefender((0.5,) * PRINT_CELLS.n_cells)

    refine(refiner, SETTINGS, dataset(), agent, tmp_path, OPTIONS)

    told = capsys.readouterr()
    written = json.loads((tmp_path / "refinement.json").read_text())
    assert len(refiner.episodes) == 1
    assert refiner.record == tmp_path / "refinement.jsonl"
    assert written["net_gain"] == -0.25
    assert written["proposals"][0]["why"] == "no better"
    assert "1 proposals (0 accepted, 1 rejected, 0 refused)" in told.out
    assert "+0.5000     -0.2500" in told.out
    assert told.err == ""


def test_nobody_to_ask_is_one_warning_and_in_the_report(tmp_path: Path, capsys: Any) -> None:
    options = {**OPTIONS, "quiet": True, "explain": False}

    refine(Noting("nothing answers"), SETTINGS, dataset(), None, tmp_path, options)

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "fg-train: warning: refiner noting: nothing answers; nothing was refined"
    ]
    written = json.loads((tmp_path / "refinement.json").read_text())
    assert written["unavailable"] == "nothing answers"


def test_what_cannot_be_refined_is_refused_before_training(monkeypatch: Any) -> None:
    made: list[Any] = [Noting()]

    class Plugins:
        def __init__(self, group: str) -> None:
            assert group == "fg_core.refiners"

        def load(self, name: str) -> Any:
            assert name == "it"
            return lambda: made[0]

    monkeypatch.setattr(fg_training._refine, "Registry", Plugins)
    adversary = TrainingSettings(None, (), None, "wolf", "adversary", 0.25, 7, 0, 0)

    assert load_refiner(SETTINGS, OPTIONS) is made[0]
    assert load_refiner(SETTINGS, {"refine": None, "explain": False}) is None
    with pytest.raises(ConfigError, match="give both"):
        load_refiner(SETTINGS, {"refine": None, "explain": True})
    with pytest.raises(ConfigError, match="--role adversary has none"):
        load_refiner(adversary, OPTIONS)
    made[0] = MeanErrorRefiner()
    with pytest.raises(PluginError, match="does not refine between episodes"):
        load_refiner(SETTINGS, OPTIONS)
