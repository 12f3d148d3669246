"""Scores of teams: means over draws, losses by period, and differences of pairs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from fg_core import Observation
from fg_core.agents import LargestHit, RandomHits
from fg_core.errors import ConfigError
from fg_training import TableDefender, TeamScore, cells_of_role, fixed_teams, score_teams
from fg_training._evaluate import _differences
from fg_training.evaluation import (
    FIXED_DEFENSES,
    held_out_seed,
    paired_difference,
    untrained_share,
)
from fg_training.recorded_games import RecordedGame, recorded_game

ATTACKS = {"random": RandomHits(size=1.7), "largest": LargestHit()}
TEAMS = {
    "none": None,
    "gate": fixed_teams()["innovation_gate"],
    "half": TableDefender((0.5,) * 13),
}


def a_game(seed: int, skipped: int = 0) -> RecordedGame:
    """Return a game of 20 rounds on a random walk, which begins so many days later."""
    values = np.cumsum(np.random.default_rng(seed).normal(0.0, 1.0, 41)) + 30.0
    days = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=skipped + k) for k in range(41))
    rows = [
        Observation(day, float(value), {}, day, "s", "x")
        for day, value in zip(days, values, strict=True)
    ]
    return recorded_game(rows, 20)


@cache
def scored(seed: int, draws: int = 2) -> dict[str, TeamScore]:
    found = score_teams(
        TEAMS,
        [a_game(1), a_game(2, skipped=3)],
        budget=0.5,
        episodes=2,
        seed=seed,
        attacks=ATTACKS,
        draws=draws,
    )
    return {one.name: one for one in found}


def test_losses_by_period_are_those_that_the_means_are_of() -> None:
    for one in scored(5).values():
        clean = one.periods["clean"]
        assert clean.shape == (23, 2)  # the second series begins and ends three days later
        assert np.isnan(clean[20:, 0]).all()
        assert np.isnan(clean[:3, 1]).all()
        assert np.isfinite(clean).sum() == 40
        assert np.nanmean(clean) == pytest.approx(one.clean, rel=1e-12)
        assert ("challenger" in one.periods) == (one.challenger is not None)
        if one.challenger is not None and one.worst is not None:
            challenged = one.periods["challenger"]
            assert np.array_equal(np.isnan(challenged), np.isnan(clean))
            assert np.nanmean(challenged) == pytest.approx(one.challenger, rel=1e-12)
            assert one.clean <= one.challenger <= one.worst + 1e-12
    assert scored(5)["gate"].worst is None


@pytest.mark.slow
def test_only_what_draws_moves_with_the_seed() -> None:
    here, there = scored(5)["none"], scored(6)["none"]
    assert here.clean == there.clean
    assert here.worst == there.worst
    assert here.attacks["largest"] == there.attacks["largest"]
    assert here.attacks["random"] != there.attacks["random"]
    # A mean over draws holds the first game: with the second one it moves, by nothing else.
    one = scored(5, draws=1)["none"]
    assert one.attacks["random"] != here.attacks["random"]
    assert one.attacks["largest"] == pytest.approx(here.attacks["largest"], rel=1e-12)


def test_a_difference_is_that_of_the_same_periods() -> None:
    none, half, gate = (scored(5)[name] for name in ("none", "half", "gate"))
    for case, gap in (
        ("clean", half.clean - none.clean),
        ("challenger", (half.challenger or 0.0) - (none.challenger or 0.0)),
    ):
        found = paired_difference(half, none, case)
        back = paired_difference(none, half, case)
        assert found is not None
        assert back is not None
        assert found.n == 40
        assert found.mean == pytest.approx(gap, rel=1e-9)
        assert found.low <= found.mean <= found.high
        assert (back.low, back.high) == pytest.approx((-found.high, -found.low), rel=1e-9)
    same = paired_difference(half, half, "challenger")
    assert same is not None
    assert (same.low, same.mean, same.high) == (0.0, 0.0, 0.0)
    assert paired_difference(half, gate, "challenger") is None


def test_decisions_in_cells_that_training_was_never_in_are_counted() -> None:
    grid = cells_of_role("defender")
    none, middle = np.zeros(grid.n_cells, dtype=bool), np.zeros(grid.n_cells, dtype=bool)
    middle[6] = True  # surprises of less than half a standard deviation
    for role in ("defender", "forecaster"):
        seen = np.ones(cells_of_role(role).n_cells, dtype=bool)
        assert untrained_share([a_game(1)], role, cells_of_role(role), seen) == (0.0, 0.0)
    assert untrained_share([a_game(1)], "defender", grid, none) == (1.0, 1.0)
    calm, hit = untrained_share([a_game(1), a_game(2)], "defender", grid, middle)
    assert 0.4 < calm < 0.8 < hit < 1.0


def test_seeds_of_evaluations_are_their_own() -> None:
    found = [held_out_seed(seed) for seed in range(200)]
    assert len({*found, *range(200)}) == 400
    assert found == [held_out_seed(seed) for seed in range(200)]
    with pytest.raises(ConfigError, match="draws must be at least 1"):
        score_teams(TEAMS, [a_game(1)], budget=0.5, episodes=1, seed=1, draws=0)


def test_the_best_fixed_defense_is_the_one_that_loses_least_to_its_challengers() -> None:
    def team(name: str, clean: float, challenger: float | None) -> TeamScore:
        cases = {"clean": clean, "challenger": challenger}
        periods = {case: np.full((12, 2), x) for case, x in cases.items() if x is not None}
        return TeamScore(name, clean, {}, challenger, challenger, periods)

    challenged = [0.5, 0.4, 0.6, 0.7, None]
    fixed = [team(*one) for one in zip(FIXED_DEFENSES, [0.1] * 5, challenged, strict=True)]
    others = team("none", 0.0, 0.1), team("trained, no adversary", 0.2, 0.9)
    scores = {one.name: one for one in (*fixed, *others)}
    assert _differences(scores) == []
    scores["trained"] = team("trained", 0.3, 0.45)
    found = [(one["other"], one["case"], round(one["mean"], 9)) for one in _differences(scores)]
    assert found == [
        (FIXED_DEFENSES[1], "clean", 0.2),
        (FIXED_DEFENSES[1], "challenger", 0.05),
        ("trained, no adversary", "clean", 0.1),
        ("trained, no adversary", "challenger", -0.45),
    ]
    assert all(one["rounds"] == 24 for one in _differences(scores))
