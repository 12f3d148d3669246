r"""The score of every round for every hit, doubt and correction on a grid.

Where nothing that is reported in a round is remembered in the next one, a round's score is a
function of that round's hit and doubt alone. One game per cell of the grid, which hits and doubts
alike in all of its rounds, then tabulates all games at once: the score of a game that hits $a_t$
and doubts $b_t$ in round $t$ is $\sum_t S_t(a_t, b_t)$, to the last bit of every term.
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.batch import BatchOutputs, MixtureArrays
from fg_core.batch.memory_limit import require_memory
from fg_core.errors import ConfigError
from fg_core.protocols import World
from fg_core.state import ForecastState
from fg_core.window import immutable_array
from fg_core.worlds import SimulatedWorld

from .attribution import Reward, losses_of
from .batch_record import Keep
from .forecast_game import ForecastGame
from .grid_agents import GridAdversary, GridDefender
from .groups import GameGroup
from .payoff_table import Payoffs
from .preparation import Setting, rounds_to_play
from .separation import drawing_agents, setting_reasons

__all__ = ["payoffs"]

Array = NDArray[np.float64]


def payoffs(
    game: ForecastGame,
    initial: ForecastState,
    hits: ArrayLike,
    doubts: ArrayLike | None = None,
    corrections: ArrayLike | None = None,
    *,
    world: World | None = None,
    rounds: int | None = None,
    reward: Reward = "crps",
    horizon: int | None = None,
    memory_limit: int | None = None,
) -> Payoffs:
    """Return the score of every round of a game for every hit, doubt and correction on a grid.

    The scores are those of played games, by the rules of a round: with a reveal lag of 1, defenders
    without memory and a quiet nature, those of a game that does any of it in any round, within its
    budget. `Payoffs.separates` says whether that holds, and `Payoffs.reasons` why it does not. The
    grid's adversary plays in place of the game's own, without a cap or a total.

    A doubt is a probability that the reported value is bad and the scale of its replacement, which
    is the predictive of that value: the correction is its mean less the reported value, and a scale
    of 1 is its own standard deviation. The grid's defender plays in place of the game's own.

    A correction moves the mean of the forecast that is issued, after pool and defense, as a
    refactorer does; no agent learns from it. An aggregator that corrects in `aggregate` does the
    same in a game without defenders; in one with defenders, it also moves the predictive that they
    see.

    Args:
        game: Game with its settings, seed, number and agents.
        initial: State that the game begins in.
        hits: Hits in step scales, shape (hit,), finite; 0 is no hit.
        doubts: Probability in [0, 1] and scale of at least 0 (in standard deviations of the
            predictive), shape (doubt, 2); None: the game's own defenders play.
        corrections: Shifts of the mean in step scales, shape (correction,), finite; None: none.
        world: World in which the series moves; None: the simulated world of the settings.
        rounds: Number of rounds; None: as the settings say.
        reward: Loss that is scored: "crps", or "error", the absolute error of the mean.
        horizon: Horizon of the forecasts, in rounds, one of the settings; None: the first, for
            which the team is paid.
        memory_limit: Memory that the table may take, in bytes; None: what the machine has free.

    Returns:
        Scores of shape (round, hit), with further axes for doubts and corrections that are given,
        and attacks and costs of shape (round, hit), all in the unit of the series.

    Raises:
        ConfigError: A grid of another shape or out of range, a horizon that is not played, a table
            that would not fit in memory, or an agent that sees panels where chance plays.
        DataError: As for `ForecastGame.run`.
        AgentError: As for `ForecastGame.run`.

    >>> from fg_core.config import SimulationConfig
    >>> config = SimulationConfig(horizon=5, disturbance_prob=0.0, defense_model="none")
    >>> game = ForecastGame(config, seed=9)
    >>> table = payoffs(game, ForecastState(0, 10.0, 0.0, 0.0), hits=[-1.0, 0.0, 1.0])
    >>> table.scores.shape, table.separates
    ((5, 3), True)
    """
    sizes = _grid("hits", hits)
    doubted = None if doubts is None else _doubt_grid(doubts)
    shifts = None if corrections is None else _grid("corrections", corrections)
    config = replace(game.config, attack_cap=np.inf, attack_total=np.inf)
    if reward not in get_args(Reward):
        raise ConfigError(f'reward must be "crps" or "error", got {reward!r}')
    h = config.horizons[0] if horizon is None else horizon
    if h not in config.horizons:
        raise ConfigError(f"horizon {h!r} is none of the settings' horizons, {config.horizons}")
    world = SimulatedWorld.from_config(config, game.seed) if world is None else world

    n_doubts = 1 if doubted is None else doubted.shape[0]
    registry = replace(game.registry, adversaries=(GridAdversary(np.repeat(sizes, n_doubts)),))
    if doubted is not None:
        cells = np.tile(doubted, (sizes.size, 1))
        registry = replace(registry, defenders=(GridDefender(cells[:, 0], cells[:, 1]),))
    setting = Setting(config, registry, game.disturbance, True, reward, attribution=False)
    n_cells = sizes.size * n_doubts
    if shifts is not None:
        n_rounds = rounds_to_play(config, initial, world, rounds)[0]
        require_memory(
            16 * n_rounds * n_cells * shifts.size,
            memory_limit,
            f"{n_rounds} rounds of {n_cells} hits and doubts and {shifts.size} corrections",
            "ask for fewer rounds or a coarser grid",
        )
    keep: tuple[Keep, ...] = () if shifts is None else ("components",)
    out = ForecastGame(config, seed=game.seed, registry=registry, game=game.game).run_groups(
        _groups(setting, initial, world, game.game, n_cells, rounds),
        reward=reward,
        keep=keep,
        # The agents of the grid have one number per game, in one block of all of them.
        games_per_block=n_cells,
        memory_limit=memory_limit,
    )
    table = _by_origin(out, h) if shifts is None else _corrected(out, h, shifts, reward)
    shape: list[int] = [out.rounds, sizes.size]
    shape += [] if doubted is None else [doubted.shape[0]]
    shape += [] if shifts is None else [shifts.size]
    first_t = cast(int, out.first_t)
    return Payoffs(
        immutable_array(table.reshape(shape)),
        immutable_array(out.attacks[::n_doubts].T),
        immutable_array(out.costs[::n_doubts].T),
        np.arange(first_t, first_t + out.rounds, dtype=np.intp),
        hits=sizes,
        doubts=doubted,
        corrections=shifts,
        step_scale=cast(float, out.step_scale),
        horizon=h,
        reward=reward,
        reasons=tuple(setting_reasons(setting, world, doubted is not None, shifts is not None)),
    )


def _grid(name: str, given: ArrayLike, ndim: int = 1) -> Array:
    try:
        grid = immutable_array(given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} must be an array of numbers: {error}") from error
    if grid.ndim != ndim or grid.size == 0 or not np.isfinite(grid).all():
        wanted = "(doubt, 2)" if ndim == 2 else f"({name.rstrip('s')},)"
        raise ConfigError(
            f"{name} must be finite numbers of shape {wanted}, at least one of them, got {given!r}"
        )
    return grid


def _doubt_grid(given: ArrayLike) -> Array:
    grid = _grid("doubts", given, 2)
    if grid.shape[1] != 2 or not ((grid >= 0.0).all() and (grid[:, 0] <= 1.0).all()):
        raise ConfigError(
            "doubts must be pairs of a probability in [0, 1] and a scale of at least 0, got "
            f"{given!r}"
        )
    return grid


def _groups(
    setting: Setting,
    initial: ForecastState,
    world: World,
    number: int,
    n_cells: int,
    rounds: int | None,
) -> tuple[GameGroup, ...]:
    """Return one game per cell of the grid.

    Games of one group share all that does not depend on what is reported, and have numbers that
    follow each other. Where random numbers are drawn, every cell is the game of the same number.
    """
    alike = (
        getattr(world, "replays", False)
        and setting.is_quiet
        and not drawing_agents(setting.registry)
    )
    if alike:
        return (GameGroup(initial, world, None, number, n_cells, rounds),)
    watching = setting.registry.panel_agents
    if watching and n_cells > 1:
        who = f"{', '.join(watching)} {'sees' if len(watching) == 1 else 'see'}"
        raise ConfigError(
            f"{who} all games of one number at once, and where chance plays every cell of the "
            "table is the game of the same number, so that cells would be taken for the series of "
            "a panel: play on a record, with a quiet nature and agents that draw no random "
            "numbers, or leave the agent out"
        )
    return (GameGroup(initial, world, None, number, 1, rounds),) * n_cells


def _by_origin(out: BatchOutputs, horizon: int) -> Array:
    """Return scores by the round that issued the forecast, shape (round, game)."""
    found = np.full((out.rounds, out.n_games), np.nan)
    known = max(0, out.rounds - horizon + 1)
    found[:known] = out.horizons[horizon].score[:, out.rounds - known :].T
    return found


def _corrected(out: BatchOutputs, horizon: int, shifts: Array, reward: Reward) -> Array:
    """Return scores of the shifted mixtures, shape (round, game, correction)."""
    issued, later = out.horizons[horizon], horizon - 1
    weights, means, scales = issued.weights, issued.means, issued.scales
    assert weights is not None
    assert means is not None
    assert scales is not None
    found = np.full((out.rounds, out.n_games, shifts.size), np.nan)
    with np.errstate(over="ignore"):  # scores of forecasts all but certain
        for r in range(max(0, out.rounds - later)):
            stated = (
                None if issued.shapes is None else issued.shapes.map(itemgetter((slice(None), r)))
            )
            forecast = MixtureArrays(weights[:, r], means[:, r], scales[:, r], shapes=stated)
            target = np.ascontiguousarray(out.targets[:, r + later])
            for i, shift in enumerate(shifts.tolist()):
                moved = forecast.shifted(shift * cast(float, out.step_scale))
                (found[r, :, i],) = losses_of((moved,), target, reward)
    return found
