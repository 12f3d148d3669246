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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.game import ForecastGame, separation_reasons
from fg_core.protocols import Defender, World
from fg_core.resolution import decimals_of
from fg_core.state import ForecastState

from .allocation import most_for_budget
from .defended_bounds import BehindDefense, corrects, defended_bounds, undefendable
from .dynamic_programming import check_budgets
from .forecaster_courses import unfollowed
from .order_choice import OrderChoice
from .played_hits import PlayedHits, play_hits
from .score_bounds import ScoreBounds, undefended_bounds, unknown_pool

__all__ = ["Certificate", "certified_damage", "certified_damages"]

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
    steps: int = 16,
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
    return certified_damages(
        game,
        initial,
        budget,
        {"": game.registry.defenders},
        world=world,
        first_round=first_round,
        steps=steps,
        most=most,
        rounds=rounds,
    )[""]


def certified_damages(
    game: ForecastGame,
    initial: ForecastState,
    budget: float | Sequence[float],
    defenses: Mapping[str, tuple[Defender, ...]],
    *,
    world: World,
    first_round: int,
    steps: int = 16,
    most: int = 48,
    rounds: int | None = None,
) -> dict[str, dict[int, Certificate]]:
    """Return what `certified_damage` returns for several defenses, whose games share what they can.

    Args:
        game: Game with its settings, seed, number and agents; its own adversaries and defenders do
            not play.
        initial: State that the game begins in.
        budget: Units that may be spent, in step scales, or several budgets, at least 0.
        defenses: Defenders by name of the defense; none: it is undefended.
        world: Record that the game is played on.
        first_round: First round that may be hit, as for `certified_damage`.
        steps: Number of hits on the grid of each sign.
        most: Number of hits of each sign up to which all are played, as for `certified_damage`.
        rounds: Number of rounds; None: as the settings say.

    Returns:
        Certificates by name of the defense and horizon.

    Raises:
        ConfigError: As for `certified_damage`.
        DataError: As for `ForecastGame.run`.
        AgentError: As for `ForecastGame.run`.
    """
    budgets, config = check_budgets(budget), game.config
    _check(config, steps, first_round)

    def playing(defenders: tuple[Defender, ...]) -> ForecastGame:
        registry = replace(game.registry, defenders=defenders, adversaries=())
        return ForecastGame(config, seed=game.seed, registry=registry, game=game.game)

    undefended, games = playing(()), {name: playing(each) for name, each in defenses.items()}
    decimals, needed = None, np.inf
    never = list(separation_reasons(undefended, world))
    if getattr(world, "replays", False):
        known = world.training(initial)
        decimals, scale = decimals_of(known.values.tolist()), config.step_scale or known.step_scale
        needed = np.inf if decimals is None else config.attack_cap * scale * 10.0**decimals
    else:
        never.append("the world is no record, so that what is hit is not known beforehand")
    refused: dict[str, list[str]] = {}
    for name, one in games.items():
        refused[name] = [*never, *undefendable(one.registry.defenders)]
        unknown = [_unknown(one, h) for h in config.horizons]
        if not refused[name] and needed > most and all(unknown):
            refused[name] = [reason for why in unknown for reason in why]
    n = max(steps, int(np.ceil(needed))) if needed <= most else steps
    grid = config.attack_cap * np.arange(-n, n + 1) / n
    if all(refused.values()):
        grid = np.zeros(1)
    played = play_hits(undefended, initial, world, grid, rounds)
    choice = None
    if grid.size > 1:
        first = next(iter(played.values()))
        choice = OrderChoice.of(undefended, initial, world, rounds, first, first_round)
    bounds = {
        h: _Undefended.of(undefended, one, decimals, first_round, choice)
        for h, one in played.items()
    }
    found: dict[str, dict[int, Certificate]] = {}
    for name, playing_it in games.items():
        behind = None
        if not refused[name]:
            behind = BehindDefense.of(playing_it, initial, world, rounds, played)
        for h, own in bounds.items():
            certificate = own.certificate(budgets, initial.t, refused[name])
            if behind is not None:
                scores = defended_bounds(
                    playing_it.registry,
                    behind,
                    played,
                    h,
                    own.empty,
                    decimals,
                    own.bounds,
                    own.reasons,
                    budgets=budgets,
                    cap=config.attack_cap,
                    first_round=first_round,
                )
                certificate = own.certified(certificate, *scores)
            found.setdefault(name, {})[h] = certificate
    return found


def _check(config: SimulationConfig, steps: int, first_round: int) -> None:
    if not np.isfinite(config.attack_cap):
        raise ConfigError("a certificate needs a finite attack_cap")
    if steps < 1:
        raise ConfigError(f"steps must be at least 1, got {steps!r}")
    if first_round < max(config.horizons):
        raise ConfigError(
            f"first_round must be at least the longest horizon, {max(config.horizons)}, "
            f"got {first_round!r}"
        )


def _unknown(game: ForecastGame, horizon: int) -> list[str]:
    """Return why the agents of a game cannot be followed between two prints."""
    registry, every = game.registry, game.config.refit_every
    refits = every > 0 and not corrects(registry.defenders)
    return [
        *unknown_pool(registry.aggregator),
        *unfollowed(registry.forecasters, horizon, refits=refits),
    ]


@dataclass(frozen=True, eq=False)
class _Undefended:
    """What is known of the games of one horizon without defenders."""

    played: PlayedHits
    empty: NDArray[np.bool_]
    bounds: ScoreBounds
    reasons: list[str]
    first_round: int

    @classmethod
    def of(
        cls,
        game: ForecastGame,
        played: PlayedHits,
        decimals: int | None,
        first_round: int,
        choice: OrderChoice | None,
    ) -> _Undefended:
        """Bound the scores of a game without defenders."""
        registry, every = game.registry, game.config.refit_every
        n_rounds = played.scores.shape[0]
        refits = (np.arange(n_rounds) % every == 0) if every else np.zeros(n_rounds, dtype=np.bool_)
        unit = 0.0 if decimals is None else 10.0**-decimals
        empty = np.diff(played.points, axis=1) <= unit * (1.0 + 1e-6)
        refit = bool(refits[first_round:].any())
        why = unfollowed(registry.forecasters, played.horizon, refits=refit)
        bounds, reasons = undefended_bounds(
            registry.forecasters, registry.aggregator, played, refits, empty, why, choice
        )
        return cls(played, empty, bounds, reasons, first_round)

    def certificate(self, budgets: Array, first_t: int, reasons: Sequence[str]) -> Certificate:
        """Return the certificate of nothing, for these reasons."""
        one, first = self.played, self.first_round
        return Certificate(
            budgets,
            np.full(budgets.size, np.inf),
            one.scores[first:, one.none],
            first_t + np.arange(first, one.scores.shape[0], dtype=np.intp),
            one.step_scale,
            one.horizon,
            tuple(dict.fromkeys(reasons)),
        )

    def certified(
        self, empty: Certificate, clean: Array, bounds: Sequence[ScoreBounds], reasons: list[str]
    ) -> Certificate:
        """Return the certificate by bounds of the scores behind a defense, by budget or for all."""
        counted = np.flatnonzero(~np.isnan(self.played.targets))
        counted = counted[counted >= self.first_round]
        empty = replace(empty, clean=clean[self.first_round :])
        if not reasons and not all(np.isfinite(one.scores[counted]).all() for one in bounds):
            reasons = ["a forecaster cannot be followed between two prints in some round"]
        if reasons:
            return replace(empty, reasons=tuple(dict.fromkeys(reasons)))
        damage = np.empty(empty.budgets.size)
        for i, budget in enumerate(empty.budgets):
            one = bounds[min(i, len(bounds) - 1)]
            sizes, gains = one.sizes[counted], one.scores[counted] - clean[counted, np.newaxis]
            order = np.argsort(sizes, axis=1, kind="stable")
            damage[i] = most_for_budget(
                np.take_along_axis(sizes, order, axis=1),
                np.take_along_axis(gains, order, axis=1),
                [budget + _ROUNDING],
            )[0]
        return replace(empty, damage=damage + _ROUNDING * float(np.abs(clean[counted]).sum()))
