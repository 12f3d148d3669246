r"""Certificates: no attack within the budget costs a forecast more than this.

Games that hit alike in all rounds say exactly what a round's score is at every hit of a fine grid.
Between two of them the score is bounded by interval arithmetic over everything that the print
moves: the forecast, the provisional weights and scales of the pool, a provisional refit, the
defense (see `enclosures`, `forecaster_courses`, `pool_courses`, `defended_bounds`). Where the
resolution of the series allows no hit between two neighbours there is nothing to bound, so that any
forecaster and any pool is covered once all hits that can be reported were played. A budget is then
shared among rounds by the concave majorants of their bounds (`allocation`).

The bound holds for hits of any size up to the cap, not only for those of a grid on which worst
cases are sought: found damage <= true damage <= certified damage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.game import ForecastGame, separation_reasons
from fg_core.protocols import World
from fg_core.resolution import decimals_of
from fg_core.state import ForecastState

from .allocation import most_for_budget
from .defended_bounds import corrects, defended_bounds, undefendable
from .dynamic_programming import check_budgets
from .forecaster_courses import unfollowed
from .played_hits import PlayedHits, play_hits
from .score_bounds import undefended_bounds, unknown_pool

__all__ = ["Certificate", "certified_damage"]

Array = NDArray[np.float64]

_ROUNDING = 1e-9
"""Share of the scores that is added for rounding errors of floats."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """Upper bound of the damage of any attack within each of several budgets.

    Args:
        budgets: Units that may be spent, shape (budget,), in step scales, increasing.
        damage: Upper bound of the sum of scores less that without an attack, shape (budget,), in
            the unit of the series; infinite where there are reasons.
        clean: Scores without an attack, shape (round,), in the unit of the series; NaN where no
            target comes.
        origins: Number of the period of each round, shape (round,).
        step_scale: One-step scale, in the unit of the series.
        horizon: Horizon of the forecasts, in rounds.
        reasons: Why nothing is certified, in words; empty: `damage` holds.
    """

    budgets: Array
    damage: Array
    clean: Array
    origins: NDArray[np.intp]
    step_scale: float
    horizon: int
    reasons: tuple[str, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether there is a finite bound."""
        return not self.reasons


def certified_damage(
    game: ForecastGame,
    initial: ForecastState,
    budget: float | Sequence[float],
    *,
    world: World,
    first_round: int,
    steps: int = 24,
    most: int = 48,
    rounds: int | None = None,
) -> dict[int, Certificate]:
    """Return a damage that no attack on the prints of a record exceeds, by horizon.

    The adversary of the bound knows the whole series and every agent, and its hits have any size up
    to the cap. Values must be revealed after one round, nature must be quiet. Covered are random
    walk, drift, seasonal naive and autoregressions of given order (or any forecaster with
    `degrees_in_newest`) in a `PoolAggregator`, with posterior or equal weights tightly and with
    other rules by the hull of the members; without defenders, behind clipping or dampening, and
    behind the innovation gate whatever it has learned. Where the resolution of the series is so
    coarse that `most` hits of each sign are all there are, any forecaster and any pool is covered.
    All else is refused in words: `Certificate.reasons`.

    Args:
        game: Game with its settings, seed, number and agents; its own adversaries do not play.
        initial: State that the game begins in.
        budget: Units that may be spent, in step scales, or several budgets, at least 0.
        world: Record that the game is played on.
        first_round: First round that may be hit, and whose forecasts count; at least the longest
            horizon, since the print of an earlier one was forecast before the game.
        steps: Number of hits on the grid of each sign; the bound is the tighter the more there are.
        most: Number of hits of each sign up to which all are played where agents cannot be followed
            in between.
        rounds: Number of rounds; None: as the settings say.

    Returns:
        Certificates by horizon.

    Raises:
        ConfigError: A budget, `first_round` or `steps` out of its range, or no finite cap.
        DataError: As for `ForecastGame.run`.
        AgentError: As for `ForecastGame.run`.
    """
    budgets = check_budgets(budget)
    config, registry = game.config, game.registry
    if not np.isfinite(config.attack_cap):
        raise ConfigError("a certificate needs a finite attack_cap")
    if steps < 1:
        raise ConfigError(f"steps must be at least 1, got {steps!r}")
    if first_round < max(config.horizons):
        raise ConfigError(
            f"first_round must be at least the longest horizon, {max(config.horizons)}, "
            f"got {first_round!r}"
        )
    bare = replace(registry, defenders=(), adversaries=())
    undefended = ForecastGame(config, seed=game.seed, registry=bare, game=game.game)
    never = [*separation_reasons(undefended, world), *undefendable(registry.defenders)]
    if not getattr(world, "replays", False):
        never.append("the world is no record, so that what is hit is not known beforehand")
    decimals, needed = None, np.inf
    if not never:
        known = world.training(initial).values
        decimals = decimals_of(known.tolist())
        scale = config.step_scale or world.training(initial).step_scale
        needed = np.inf if decimals is None else config.attack_cap * scale * 10.0**decimals
        unknown = [_unknown(game, h) for h in config.horizons]
        if all(unknown) and needed > most:
            never = list(dict.fromkeys(reason for why in unknown for reason in why))
    n = max(steps, int(np.ceil(needed))) if needed <= most else steps
    grid = config.attack_cap * np.arange(-n, n + 1) / n
    played = play_hits(undefended, initial, world, np.zeros(1) if never else grid, rounds)
    found = {}
    for h, one in played.items():
        reasons = list(never)
        damage = np.full(budgets.size, np.inf)
        clean = one.scores[first_round:, one.none]
        if not reasons:
            clean, damage, reasons = _certified(
                game, initial, world, rounds, played, h, decimals, budgets, first_round
            )
        found[h] = Certificate(
            budgets,
            damage,
            clean,
            initial.t + np.arange(first_round, one.scores.shape[0], dtype=np.intp),
            one.step_scale,
            h,
            tuple(reasons),
        )
    return found


def _unknown(game: ForecastGame, horizon: int) -> list[str]:
    """Return why the agents of a game cannot be followed between two prints."""
    registry, every = game.registry, game.config.refit_every
    refits = every > 0 and not corrects(registry.defenders)
    return [
        *unknown_pool(registry.aggregator),
        *unfollowed(registry.forecasters, horizon, refits=refits),
    ]


def _certified(
    game: ForecastGame,
    initial: ForecastState,
    world: World,
    rounds: int | None,
    played: dict[int, PlayedHits],
    horizon: int,
    decimals: int | None,
    budgets: Array,
    first_round: int,
) -> tuple[Array, Array, list[str]]:
    """Return scores without an attack, the certified damage, and why there is none."""
    one, config, registry = played[horizon], game.config, game.registry
    n_rounds, every = one.scores.shape[0], config.refit_every
    refits = (np.arange(n_rounds) % every == 0) if every else np.zeros(n_rounds, dtype=np.bool_)
    width = np.diff(one.points, axis=1)
    unit = 0.0 if decimals is None else 10.0**-decimals
    empty = width <= unit * (1.0 + 1e-6)
    why = unfollowed(registry.forecasters, horizon, refits=bool(refits[first_round:].any()))
    bounds, reasons = undefended_bounds(
        registry.forecasters, registry.aggregator, one, refits, empty, why
    )
    clean, bounds, reasons = defended_bounds(
        game, initial, world, rounds, played, horizon, empty, decimals, bounds, reasons
    )
    counted = np.flatnonzero(~np.isnan(one.targets))
    counted = counted[counted >= first_round]
    sizes, scores = bounds.sizes[counted], bounds.scores[counted]
    if not reasons and not np.isfinite(scores).all():
        reasons.append("a forecaster cannot be followed between two prints in some round")
    if reasons:
        return clean[first_round:], np.full(budgets.size, np.inf), list(dict.fromkeys(reasons))
    order = np.argsort(sizes, axis=1, kind="stable")
    gains = scores - clean[counted, np.newaxis]
    damage = most_for_budget(
        np.take_along_axis(sizes, order, axis=1),
        np.take_along_axis(gains, order, axis=1),
        budgets + _ROUNDING,
    )
    return clean[first_round:], damage + _ROUNDING * float(np.abs(clean[counted]).sum()), []
