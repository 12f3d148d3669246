"""Outcomes of a game that is over, as a refiner gets them, and the report as text."""

from __future__ import annotations

from dataclasses import replace

from fg_core import ForecastGame, SimulationConfig
from fg_core.protocols import EpisodeRefiner
from fg_core.refinement import (
    Proposal,
    RefinementReport,
    episode_outcomes,
    proposal_table,
    refinement_summary,
)
from fg_core.registry import AgentRegistry
from fg_core.testing.fakes import ConstantForecaster, LineWorld, MeanErrorRefiner, PlainAggregator

REPORT = RefinementReport(
    *("it", "nobody", 40, 2, 3, 10, "rounds"),
    proposals=(
        Proposal(1, 1, "abc", "accepted", "better", 0.25, 0.125, -1.0, 0.5),
        Proposal(1, 2, "", "refused", "not_json: no valid JSON"),
    ),
    strategy="{}",
    gain=0.5,
    random_gain=0.125,
)


def test_outcomes_are_the_scored_forecasts_with_their_states() -> None:
    agents = AgentRegistry((ConstantForecaster(0.25, 1.0),), aggregator=PlainAggregator())
    config = SimulationConfig(step_scale=1.0, horizons=(2, 1))
    initial = LineWorld(1.0).initial_state()
    outputs = ForecastGame(config, registry=agents).run(initial, 9, world=LineWorld(1.0))

    found = episode_outcomes(outputs)

    assert len(found) == 8  # the last target has not come
    for one in found:
        assert one.horizon == 2
        assert one.target - one.state.value == 2.0
        assert one.forecast.mean - one.state.value == 0.5  # 0.25 per step
        assert one.actions[0] is not None
    assert [one.state.t for one in found] == list(range(initial.t, initial.t + 8))


def test_a_report_in_words() -> None:
    assert REPORT.net_gain == 0.375
    assert refinement_summary(REPORT) == (
        "refiner it: 2 proposals (1 accepted, 0 rejected, 1 refused); ended by: rounds; sealed "
        "periods: gain +0.5000, net of the best random proposals +0.3750 standard deviations"
    )
    nothing = replace(REPORT, gain=None, unavailable="nobody there")
    assert nothing.net_gain is None
    assert refinement_summary(nothing) == "refiner it: nobody there; nothing was refined"
    assert proposal_table(REPORT.proposals).splitlines() == [
        "round  no.  strategy  decision  training  validation   random  clamped  why",
        "    1    1  abc       accepted   +0.2500     +0.1250  -1.0000      50%  better",
        "    1    2  -         refused          -           -        -        -  "
        "not_json: no valid JSON",
    ]


def test_not_every_refiner_works_between_episodes() -> None:
    assert not isinstance(MeanErrorRefiner(), EpisodeRefiner)
