"""Conformance of line-ups: forecasters together with the pool that suits them."""

from __future__ import annotations

import math

from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame
from fg_core.registry import AgentFactory, registry_from
from fg_core.testing._play import Promises
from fg_core.testing.examples import example_states, example_window

__all__ = ["check_lineup"]


def check_lineup(lineup: AgentFactory) -> None:
    """Check a line-up, which is an agent factory.

    From the settings of a game it makes the agents, the same ones each time, with a season and
    without, and with columns that are known in advance; and they play: every forecast of a short
    game is finite and certain of nothing.

    Args:
        lineup: Line-up that is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core import default_agent_factory
    >>> check_lineup(default_agent_factory)
    """
    promises = Promises("AgentFactory", lineup)
    window = example_window()
    for season, known_ahead in ((1, ()), (4, ()), (4, ("rate",))):
        config = SimulationConfig(
            horizon=3,
            max_rounds=3,
            horizons=(1, 2),
            season_length=season,
            known_ahead=known_ahead,
            enable_refactor=False,
        )
        made = [registry_from(promises.call("__call__", lineup, config)) for _ in range(2)]
        promises.require(
            [agent.name for agent in made[0]] == [agent.name for agent in made[1]],
            "equal settings make the same agents",
            f"names differ: {made[0].names} and {made[1].names}",
        )
        start = example_states(window)[0]
        out = ForecastGame(config, agent_factory=lineup).run(start)
        for number, step in enumerate(out.steps):
            forecast = step.probabilistic
            promises.require(
                math.isfinite(forecast.mean) and 0.0 < forecast.variance < math.inf,
                "the agents play, and forecast",
                f"in round {number} mean {forecast.mean}, variance {forecast.variance}",
            )
