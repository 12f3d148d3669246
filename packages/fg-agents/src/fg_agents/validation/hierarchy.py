"""Hierarchical forecasters in the game: parts that add up, and that are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fg_agents.aggregate import EnsembleAggregatorAgent
from fg_agents.hierarchy import BottomUpAgent, TopDownAgent
from fg_core import Observation, SimulationConfig
from fg_core.agents import RandomHits
from fg_core.baselines import AutoRegression, RandomWalk
from fg_core.batch import BatchOutputs
from fg_core.calendar import next_period, period_end
from fg_core.game import ForecastGame, GameGroup
from fg_core.game.batch_record import Keep
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.registry import AgentRegistry
from fg_core.rng import Stream
from fg_core.validation import Check, clearly_above, clearly_below, outcome_of
from fg_core.worlds import ReplayWorld

__all__ = ["HierarchicalAgentRun"]

Array = NDArray[np.float64]

_SEGMENTS = {"north": 0.95, "south": -0.8, "west": 0.0}
_PAST, _ROUNDS, _SERIES = 120, 60, 24
_LOW, _HIGH = 0.74, 0.86
_KEPT: tuple[Keep, ...] = ("components",)


@dataclass(frozen=True)
class HierarchicalAgentRun:
    """Bottom-up, top-down and a random walk on series of three segments of unlike dynamics.

    Segments are autoregressions of order 1 with coefficients .95, -.8 and 0, which no
    autoregression of their sum can tell apart; a column of orders leads the last one by a month.
    """

    name: str = "hierarchical_agent_run"
    description: str = (
        "series of three segments: shown and forecast parts add up, hit or not; bottom-up reads "
        "the parts and is better than the sum alone; intervals cover; every round is played"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play 24 series of 60 rounds clean, and one of them attacked, with its full record."""
        records = [_record(seed, number) for number in range(_SERIES)]
        out = _play(seed, records, "bottom_up", "top_down", "random_walk")
        by_one = {
            name: _play(seed, records, name) for name in ("bottom_up", "sum_alone", "random_walk")
        }
        alone = {name: one.crps.mean(axis=1) for name, one in by_one.items()}
        targets = by_one["bottom_up"].targets
        parts = _play(seed, [_shuffled(rows) for rows in records[:1]], "bottom_up")
        whole = _play(seed, records[:1], "bottom_up")
        unread = _play(seed, [_shuffled(rows) for rows in records[:1]], "sum_alone")
        read = _play(seed, records[:1], "sum_alone")
        quantiles = by_one["bottom_up"].first.quantiles([0.1, 0.9])
        inside = (quantiles[..., 0] <= targets) & (targets <= quantiles[..., 1])
        coverage = inside.mean(axis=1)
        shown, forecast = _gaps(seed, records[0])
        gain = alone["sum_alone"] - alone["bottom_up"]
        naive = alone["random_walk"] - out.crps.mean(axis=1)
        missing = int(sum(np.asarray(n).sum() for n in out.missing.values()))
        checks = (
            Check(
                "every round of every series is forecast by every agent",
                missing == 0 and out.rounds == _ROUNDS and bool(np.isfinite(out.crps).all()),
                f"{missing} forecasts missing",
            ),
            Check(
                "shown segments add up to the print, hit or not",
                shown <= 1e-9,
                f"off by {shown:g}",
            ),
            Check(
                "forecast segments add up to the forecast, bottom-up and top-down",
                forecast <= 1e-9,
                f"off by {forecast:g}",
            ),
            Check(
                "bottom-up reads the segments, and a forecast of the sum does not",
                not np.array_equal(parts.means, whole.means)
                and np.array_equal(unread.means, read.means),
            ),
            Check(
                "bottom-up is better than the same forecaster on the sum",
                clearly_above(gain),
                f"CRPS {-gain.mean():+.4f}",
            ),
            Check(
                "the pool is better than the random walk",
                clearly_above(naive),
                f"CRPS {-naive.mean():+.4f}",
            ),
            Check(
                "intervals of 80 % of bottom-up cover 74 % to 86 %",
                not clearly_below(coverage, _LOW) and not clearly_above(coverage, _HIGH),
                f"{coverage.mean():.3f}",
            ),
        )
        figures = {f"crps_{name}": float(values.mean()) for name, values in alone.items()}
        figures |= {"crps_pool": float(out.crps.mean()), "coverage_80": float(coverage.mean())}
        return outcome_of(checks, figures)


def _record(seed: int, number: int) -> tuple[Observation, ...]:
    """Return one series of three segments, each a normal autoregression of order 1."""
    draws = Stream(seed, f"hierarchical series {number}")
    values = dict.fromkeys(_SEGMENTS, 0.0)
    period = datetime(1990, 1, 1, tzinfo=UTC)
    rows = []
    n = len(_SEGMENTS)
    for i in range(_PAST + _ROUNDS + 1):
        for k, (name, coefficient) in enumerate(_SEGMENTS.items()):
            values[name] = coefficient * values[name] + draws.normal(n * i + k)
        # What is ordered now and sold in the west in a month, with an error: a column that leads.
        orders = draws.normal(n * (i + 1) + n - 1) + 0.5 * draws.normal(10_000 + i)
        parts = {name: 20.0 + value for name, value in values.items()}
        rows.append(
            Observation(
                period,
                sum(parts.values()),
                {"orders": orders},
                period_end(period, "M"),
                "sales",
                "made up",
                segment_values=parts,
            )
        )
        period = next_period(period, "M")
    return tuple(rows)


def _shuffled(rows: Sequence[Observation]) -> tuple[Observation, ...]:
    """Return the rows with the parts of each moved to the next name: the sums are the same."""
    names = list(_SEGMENTS)
    found = []
    for i, row in enumerate(rows):
        values = [row.segment_values[name] for name in names]
        turned = values[i % 3 :] + values[: i % 3]
        found.append(replace(row, segment_values=dict(zip(names, turned, strict=True))))
    return tuple(found)


def _agents(*names: str) -> AgentRegistry:
    member = AutoRegression(order=1)
    known = {
        "bottom_up": BottomUpAgent(member),
        "top_down": TopDownAgent(),
        "random_walk": RandomWalk(),
        "sum_alone": AutoRegression(order=1, name="sum_alone"),
    }
    return AgentRegistry(
        tuple(known[name] for name in names),  # type: ignore[misc]
        aggregator=EnsembleAggregatorAgent(),
    )


def _play(seed: int, records: Sequence[tuple[Observation, ...]], *names: str) -> BatchOutputs:
    config = SimulationConfig(horizon=_ROUNDS, disturbance_prob=0.0)
    worlds = [ReplayWorld(rows) for rows in records]
    groups = [GameGroup(world.initial_state(_PAST), world) for world in worlds]
    game = ForecastGame(config, seed=seed, registry=_agents(*names))
    return game.run_groups(groups, disturbed=False, keep=_KEPT)


def _gaps(seed: int, rows: tuple[Observation, ...]) -> tuple[float, float]:
    """Return by how much segments miss their sum, in an attacked game: shown, and forecast."""
    config = SimulationConfig(
        horizon=_ROUNDS, disturbance_prob=0.0, attack_cap=3.0, attack_total=60.0
    )
    world = ReplayWorld(rows)
    agents = replace(_agents("bottom_up", "top_down"), adversaries=(RandomHits(size=3.0),))
    game = ForecastGame(config, seed=seed, registry=agents)
    start = world.initial_state(_PAST)
    out = game.run(start, world=world, attribution=False)
    window = world.training(start)
    bottom_up = BottomUpAgent(AutoRegression(order=1)).fit(window)
    top_down = TopDownAgent().fit(window)
    shown = forecast = 0.0
    hit = False
    for step in out.steps:
        seen = step.observation
        hit = hit or step.attack != 0.0
        shown = max(shown, abs(sum(seen.segment_values.values()) - seen.value))
    state = out.steps[0].observation
    for horizon in (1, 4):
        total = bottom_up.act(state, horizon).delta + state.value
        forecast = max(forecast, abs(sum(bottom_up.segments(state, horizon).values()) - total))
        down = top_down.act(state, horizon).delta + state.value
        forecast = max(forecast, abs(sum(top_down.split(state, horizon).values()) - down))
    return (shown if hit else float("inf")), forecast
