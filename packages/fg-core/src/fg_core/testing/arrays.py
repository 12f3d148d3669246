"""Whether an agent's array form keeps its promise: the bits of its scalar form.

The agent plays whole games, in its role beside agents of the core, once by `ForecastGame.run_batch`
and once game by game by `ForecastGame.run`. Whatever it says, learns and causes has to be equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from fg_core.agents import DefenderAgent, RandomHits, RefactoringAgent
from fg_core.baselines import AutoRegression, Drift, RandomWalk
from fg_core.batch import BatchOutputs
from fg_core.config import SimulationConfig
from fg_core.dataset import Dataset
from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.game import ForecastGame, GameGroup
from fg_core.protocols import World
from fg_core.record import GameOutputs
from fg_core.registry import AgentRegistry
from fg_core.state import ForecastState
from fg_core.worlds import ReplayWorld, SimulatedWorld

from ._play import Promises
from .examples import example_dataset

__all__ = ["Role", "check_array_form"]

Role = Literal["forecaster", "adversary", "defender", "aggregator", "refactorer"]

_N_GAMES = 3
_ROUNDS = 9
_SEED = 20_240_301


def check_array_form(agent: Any, role: Role, *, dataset: Dataset | None = None) -> None:
    """Check that an agent's array form (`fg_core.batch`) gives the bits of its scalar form.

    It plays three games of nine rounds each in four settings: simulated and replayed, attacked
    and defended, with values revealed after one and two rounds, for one and several horizons. A
    fifth setting has two games on each of two series at once, with a quiet nature, so that what is
    learned of a series is given to each of its games (`take`, `stack`, `lane` of `fg_core.batch`).

    Args:
        agent: Agent that is checked, as it would be given to a game.
        role: Role of the agent.
        dataset: Whose first series is replayed, for agents that want columns of their own; None:
            an example.

    Raises:
        ConformanceError: It is asked game by game, so has no array form, or has one that says
            something else; or it is a forecaster that has no forecast in any of these games.
        ConfigError: No such role.

    >>> from fg_core import RandomWalk
    >>> check_array_form(RandomWalk(name="mine"), "forecaster")
    """
    if role not in get_args(Role):
        raise ConfigError(f"role must be one of {', '.join(get_args(Role))}, got {role!r}")
    promises = Promises("the array form (fg_core.batch)", agent)
    name = promises.named()
    registry = _registry(agent, role)
    answered = role != "forecaster"
    for config, starts in _settings(dataset):
        if len(starts) > 1 and registry.panel_agents:
            continue  # of several series it makes other games than those of each by itself
        game = ForecastGame(config, seed=_SEED, registry=registry)
        n = _N_GAMES if len(starts) == 1 else 2
        groups = [GameGroup(initial, world, n_games=n) for initial, world in starts]
        many = _played(promises, game.run_groups, groups, keep=("claims",), attribution=True)
        answered = answered or _has_forecasts(many, name)
        promises.require(
            name not in many.slow_agents,
            "it is asked once for all games of a batch",
            f"{'; '.join(many.notes)}: see fg_core.batch for the methods that are wanted",
        )
        for i in range(len(starts) * n):
            initial, world = starts[i // n]
            alone = ForecastGame(config, seed=_SEED, registry=registry, game=i % n)
            one = _played(promises, alone.run, initial, world=world)
            found = min(_differences(many, i, one), key=lambda item: item[1], default=None)
            if found is not None:
                what, r, batch, scalar = found
                promises.broken(
                    "the array form gives the bits of the scalar form",
                    f"{what} of game {i} in round {r} is {batch!r} in a batch and {scalar!r} in a "
                    f"game by itself (reveal lag {config.reveal_lag}, horizons {config.horizons}"
                    f"{', on two series: does it take(lanes)?' if len(starts) > 1 else ''})",
                )
    promises.require(
        answered,
        "it has a forecast in one of these games at least",
        "it had none; does it want columns of its own (dataset=...)?",
    )


def _played(promises: Promises, play: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what a game left; who has no forecast may not bring it down."""
    try:
        return promises.call("a game", play, *args, **options)
    except ForecastUnavailable as error:
        promises.broken(
            "who has no forecast says so in act or act_array, and is then asked nothing more",
            f"the game ended with: {error}",
            error,
        )


def _has_forecasts(many: BatchOutputs, name: str) -> bool:
    found = many.first.deltas
    position = many.forecasters.index(name)
    return found is not None and bool(np.isfinite(found[:, :, position]).any())


def _registry(agent: Any, role: Role) -> AgentRegistry:
    """Return a registry with the agent in its role, and others of the core beside it."""
    registry = AgentRegistry(
        (RandomWalk(name="a walk"), Drift(name="a drift"), AutoRegression(2, name="an ar")),
        (RandomHits(probability=0.4, size=2.5, name="some hits"),),
        (DefenderAgent(name="a gate"),),
        refactorer=RefactoringAgent(name="a refactorer", step_size=0.2),
    )
    if role in ("aggregator", "refactorer"):
        return replace(registry, **{role: agent})
    field = "adversaries" if role == "adversary" else f"{role}s"
    beside: dict[str, Any] = {field: (*getattr(registry, field), agent)}
    return replace(registry, **beside)


def _settings(
    dataset: Dataset | None,
) -> Iterator[tuple[SimulationConfig, tuple[tuple[ForecastState, World], ...]]]:
    """Yield settings, and the first state and the world of each series."""
    plain = SimulationConfig(
        horizon=_ROUNDS,
        disturbance_prob=0.4,
        attack_cap=3.0,
        attack_total=20.0,
        attack_cost=0.1,
        season_length=4,
    )
    late = replace(plain, reveal_lag=2, horizons=(3, 1))
    found = example_dataset(80) if dataset is None else dataset
    record = ReplayWorld(found.series(found.series_ids[0]), season_length=4)
    begin = max(1, len(record.rows) - 2 * _ROUNDS)
    for config in (plain, late):
        past = tuple(10.0 + 0.25 * i + (i * i % 7) / 7.0 for i in range(40))
        simulated = ForecastState(40, 20.0, 0.3, 0.0, history=past)
        yield config, ((simulated, SimulatedWorld.from_config(config, _SEED)),)
        yield config, ((record.initial_state(begin), record),)
    # The other way round it is a series of its own, at the same times.
    turned = tuple(
        replace(row, timestamp=at.timestamp, available_at=at.available_at)
        for row, at in zip(record.rows[::-1], record.rows, strict=True)
    )
    worlds = record, replace(record, rows=turned)
    quiet = replace(plain, disturbance_prob=0.0)
    yield quiet, tuple((one.initial_state(begin), one) for one in worlds)


def _differences(
    many: BatchOutputs, i: int, one: GameOutputs
) -> Iterator[tuple[str, int, float, float]]:
    """Yield what differs: what it is, its round, its value in the batch and alone."""
    steps = one.steps
    series: list[tuple[str, Any, list[Any]]] = [
        ("the attack", many.attacks[i], [s.attack for s in steps]),
        ("the print", many.prints[i], [s.observation.value for s in steps]),
        ("p_bad", many.p_bad[i], [s.issued[0].p_bad for s in steps]),
    ]
    for position, (h, found) in enumerate(many.horizons.items()):
        issued = [s.issued[position] for s in steps]
        for j, who in enumerate(many.forecasters):
            said = [one.actions[j] for one in issued]
            deltas = [None if action is None else action.delta for action in said]
            scales = [None if action is None else action.scale for action in said]
            if found.deltas is not None and found.stated_scales is not None:
                series.append((f"the delta of {who!r}, h = {h}", found.deltas[i, :, j], deltas))
                series.append(
                    (f"the scale of {who!r}, h = {h}", found.stated_scales[i, :, j], scales)
                )
        means = [one.forecast.mean for one in issued]
        variances = [one.forecast.variance for one in issued]
        series.append((f"the mean, h = {h}", found.mean[i], means))
        series.append((f"the variance, h = {h}", found.variance[i], variances))
        scored = [next((s for s in step.scored if s.issued.horizon == h), None) for step in steps]
        scores = [None if one is None else one.crps for one in scored]
        series.append((f"the score, h = {h}", found.score[i], scores))
    for who, credit in many.attribution.items():
        booked = [s.reward_breakdown.get(who) for s in steps]
        series.append((f"the credit of {who!r}", credit[i], booked))
    # Hits on context columns show in what was spent, whether or not anybody reads the columns.
    spent: list[tuple[str, Any, list[float | None]]] = [
        ("all that it has spent", many.attack_spent[i : i + 1], [_spent(one)])
    ]
    yield from ((what, len(steps), b, a) for what, _, b, a in _unequal(spent))
    for h, weights in one.weights.items():
        learned = [(f"the last weights, h = {h}", many.weights[h][i], list(weights.values()))]
        yield from ((what, len(steps), b, a) for what, _, b, a in _unequal(learned))
    yield from _unequal(series)


def _spent(one: GameOutputs) -> float:
    return float(one.convergence["attack_spent"])


def _unequal(
    series: Sequence[tuple[str, Any, Sequence[float | None]]],
) -> Iterator[tuple[str, int, float, float]]:
    for what, batch, scalar in series:
        alone = np.array([np.nan if x is None else x for x in scalar], dtype=np.float64)
        unequal = ~((batch == alone) | (np.isnan(batch) & np.isnan(alone)))
        if unequal.any():
            r = int(np.argmax(unequal))
            yield what, r, float(batch[r]), float(alone[r])
