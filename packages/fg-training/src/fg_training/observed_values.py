"""Values and prints of a game by round and hit, and what agents see of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentRegistry, ForecastGame, ForecastState, PoolAggregator, RandomWalk
from fg_core.game.grid_agents import GridAdversary
from fg_core.protocols import World

__all__ = ["ObservedValues", "observed_values"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ObservedValues:
    """What is reported in each round of a game for each hit, all earlier values being revealed.

    Args:
        values: true values, shape (round,), in the unit of the series.
        prints: reported values by hit, shape (round, hit), in that unit.
        histories: earlier values that agents see, by round, oldest first.
    """

    values: Array
    prints: Array
    histories: tuple[tuple[float, ...], ...]

    def of_values(self, features: Callable[[Any], Array]) -> Array:
        """Return features of the true state of each round, shape (round, feature)."""
        return np.stack(
            [
                features(SimpleNamespace(history=history, value=value))
                for history, value in zip(self.histories, self.values.tolist(), strict=True)
            ]
        )

    def of_prints(self, features: Callable[[Any], Array]) -> Array:
        """Return features of the state that each hit leaves, shape (round, hit, feature)."""
        return np.stack(
            [
                np.stack([features(SimpleNamespace(history=history, value=value)) for value in row])
                for history, row in zip(self.histories, self.prints.tolist(), strict=True)
            ]
        )


def observed_values(
    game: ForecastGame, initial: ForecastState, hits: Array, world: World | None
) -> ObservedValues:
    """Return values and prints as the game itself makes them, played once per hit.

    Args:
        game: game with its settings; its agents do not play, since nothing here depends on them.
        initial: state that the game begins in.
        hits: hits in step scales, shape (hit,).
        world: world in which the series moves; None: the simulated world of the settings.

    Returns:
        Values, prints and histories of all rounds.
    """
    config = replace(game.config, attack_cap=np.inf, attack_total=np.inf)
    # Where chance plays, every hit must be played in the game of the same number.
    batches = (
        [hits] if getattr(world, "replays", False) else [hits[k : k + 1] for k in range(hits.size)]
    )
    # Neither depends on who forecasts, so the cheapest team will do.
    calm = AgentRegistry((RandomWalk(),), (), (), PoolAggregator("equal", rescale=False))
    played = ForecastGame(config, seed=game.seed, registry=calm, game=game.game).run(
        initial, world=world
    )
    shown = [step.observation for step in played.steps]
    values = np.array([state.value for state in shown])
    histories = tuple(state.history for state in shown)
    if not hits.any():
        return ObservedValues(values, np.repeat(values[:, None], hits.size, axis=1), histories)
    prints = []
    for sizes in batches:
        registry = replace(calm, adversaries=(GridAdversary(sizes),))
        out = ForecastGame(config, seed=game.seed, registry=registry, game=game.game).run_batch(
            initial, sizes.size, world=world
        )
        prints.append(out.prints)
    return ObservedValues(values, np.concatenate(prints).T, histories)
