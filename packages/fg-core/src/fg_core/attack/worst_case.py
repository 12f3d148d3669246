"""The worst case of a game: the hits within a budget that cost its forecasts most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.agents import ScriptedAdversary
from fg_core.errors import ConfigError
from fg_core.game import ForecastGame, Payoffs, payoffs
from fg_core.game.attribution import Reward
from fg_core.game.payoffs import scores_by_origin
from fg_core.protocols import World
from fg_core.state import ForecastState
from fg_core.worlds import SimulatedWorld

from .dynamic_programming import best_hits, check_budgets, check_hits
from .local_search import coordinate_search
from .played_hits import play_hits
from .targets import Target
from .without_foresight import expected_gains, hits_without_foresight

__all__ = ["WorstCase", "worst_case"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_STEPS = 4
_RANDOM_STARTS = 4
_SHARE_HIT = 0.2


@dataclass(frozen=True, eq=False)
class WorstCase:
    """Worst attack on a game for each of several budgets.

    Args:
        budgets: Units that may be spent, shape (budget,), in step scales, increasing.
        attacks: Hits to be played (`ScriptedAdversary(attacks[i], first_t=origins[0])`), shape
            (budget, round), in the unit of the series, before the game rounds them.
        scores: Scores of the forecasts by the round that issued them, shape (budget, round), in the
            unit of the series; NaN where no target comes.
        clean: Scores without an attack, shape (round,), likewise.
        origins: Number of the period of each round, shape (round,).
        hits: Grid of hits, shape (hit,), in step scales.
        step_scale: One-step scale, in the unit of the series.
        horizon: Horizon of the forecasts that are hurt, in rounds.
        reasons: Why rounds do not separate, in words; empty: they do, and the attacks are the worst
            on the grid. Where there are reasons they are the worst that a search has found.
        foresight: Whether the adversary knows the future.
        expected: Gains that the adversary expects of its hits, summed over their origins, shape
            (budget,): without foresight of damage, in the unit of the series; with a target in the
            unit of that; None: it has foresight and no target.
    """

    budgets: Array
    attacks: Array
    scores: Array
    clean: Array
    origins: NDArray[np.intp]
    hits: Array
    step_scale: float
    horizon: int
    reasons: tuple[str, ...] = ()
    foresight: bool = True
    expected: Array | None = None

    @property
    def exact(self) -> bool:
        """Whether no attack on the grid is worse; else `damage` is a lower bound of the damage.

        Without foresight: whether gains are those of the round alone, so that hits are the best by
        what is known at their origins.
        """
        return not self.reasons

    @property
    def damage(self) -> Array:
        """Sum of scores less that without an attack, shape (budget,), in the unit of the series."""
        return np.asarray(np.nansum(self.scores, axis=1) - np.nansum(self.clean))


def worst_case(
    game: ForecastGame,
    initial: ForecastState,
    budget: float | Sequence[float],
    *,
    world: World | None = None,
    hits: ArrayLike | None = None,
    rounds: int | None = None,
    first_round: int = 0,
    horizon: int | None = None,
    reward: Reward = "crps",
    sweeps: int = 3,
    foresight: bool = True,
    target: Target | None = None,
) -> WorstCase:
    """Return the hits within a budget that cost the forecasts of a game most.

    The adversary knows the whole series and the agents. Where rounds separate
    (`fg_core.game.payoffs` says so), its attack is the best one on the grid, by dynamic programming
    over (round, budget left). Where they do not (defenders that learn, late reveals), coordinate
    search over played games starts from that solution, from random hits, from the best constant
    hit and from the attack of the next smaller budget, and what it finds is a lower bound of the
    damage (`WorstCase.exact` is false). Damage never falls with the budget either way.

    Without foresight, every hit is chosen by what is known at its origin: the damage that is
    expected under the forecast that would be issued without a hit, by dynamic programming over
    (rounds left, budget left) with the gains of rounds so far for those to come. What such hits
    then cost may be less than expected, and may fall with the budget; where rounds do not separate,
    gains are those of a game that hits alike in all rounds.

    With a target, hits are the best by its gains (`WorstCase.expected`); their damage is what it
    costs beside.

    Args:
        game: Game with its settings, seed, number and agents; its own adversaries do not play.
        initial: State that the game begins in.
        budget: Units that may be spent, in step scales, or several budgets, at least 0.
        world: World in which the series moves; None: the simulated world of the settings.
        hits: Grid of hits, in step scales, with 0 among them and none above the cap of the
            settings; None: quarters of the cap, both ways.
        rounds: Number of rounds; None: as the settings say.
        first_round: First round that may be hit, and whose forecasts count.
        horizon: Horizon of the forecasts that are to be hurt, in rounds; None: the first.
        reward: Loss that is made large: "crps", or "error", the absolute error of the mean.
        sweeps: Largest number of sweeps of a search from one start.
        foresight: Whether the adversary knows the future.
        target: What it wants in place of damage (`PushMean`, `FlipEvent`); None: damage.

    Returns:
        Attacks and scores for each budget, in the unit of the series.

    Raises:
        ConfigError: A budget, grid or horizon out of its range, or no cap and no grid.
        DataError: As for `ForecastGame.run`.
        AgentError: As for `ForecastGame.run`.

    >>> from fg_core.config import SimulationConfig
    >>> config = SimulationConfig(
    ...     horizon=6, disturbance_prob=0.0, defense_model="none", attack_cap=2.0)
    >>> game = ForecastGame(config, seed=9)
    >>> found = worst_case(game, ForecastState(0, 10.0, 0.0, 0.0), (2.0, 4.0))
    >>> found.exact, bool(0.0 < found.damage[0] < found.damage[1])
    (True, True)
    """
    budgets = check_budgets(budget)
    grid = _grid(hits, float(game.config.attack_cap))
    world = SimulatedWorld.from_config(game.config, game.seed) if world is None else world
    table = payoffs(game, initial, grid, world=world, rounds=rounds, reward=reward, horizon=horizon)
    n_rounds = table.scores.shape[0]
    if not 0 <= first_round < max(1, n_rounds):
        raise ConfigError(f"first_round must be from 0 to {n_rounds - 1}, got {first_round!r}")
    none = int(np.flatnonzero(grid == 0.0)[0])
    within = slice(first_round, None)
    units = table.budget_used[within]
    played = _Played(game, initial, world, table, rounds, reward)

    def scores_of(places: Places, total: float) -> Array:
        """Return scores of attacks, shape (attack, round), of the rounds that count."""
        before = np.full((places.shape[0], first_round), none, dtype=np.intp)
        whole = np.concatenate([before, places], axis=1)
        if table.separates:
            return np.stack([table.along(one) for one in whole])[:, within]
        return played.scores(grid[whole], total)[:, within]

    def gained(total: float, places: Places) -> Array:
        return np.asarray(np.nansum(scores_of(places, total), axis=1))

    n_counted = n_rounds - first_round
    clean = scores_of(np.full((1, n_counted), none, dtype=np.intp), 0.0)[0]
    expected: Array | None = None
    if target is not None or not foresight:
        planned, expected = _by_gains(
            *(game, initial, world, rounds, table, budgets, first_round),
            foresight=foresight,
            target=target,
        )
    else:
        gains = table.scores[within] - clean[:, np.newaxis]
        attacks: list[Places] = []
        for total in budgets.tolist():
            found = best_hits(gains, units, grid, total)
            if not table.separates:
                starts = [found, *attacks[-1:], *_simple_attacks(grid, n_counted, game.seed)]
                found, _ = coordinate_search(
                    partial(gained, total),
                    starts,
                    units,
                    grid,
                    total,
                    promise=gains,
                    sweeps=sweeps,
                )
            attacks.append(found)
        planned = np.stack(attacks)
    attacked = [
        scores_of(one[np.newaxis], total)[0]
        for one, total in zip(planned, budgets.tolist(), strict=True)
    ]
    return WorstCase(
        budgets,
        grid[planned] * table.step_scale,
        np.stack(attacked),
        clean,
        table.origins[within],
        grid,
        table.step_scale,
        table.horizon,
        table.reasons,
        foresight,
        expected,
    )


def _by_gains(
    game: ForecastGame,
    initial: ForecastState,
    world: World,
    rounds: int | None,
    table: Payoffs,
    budgets: Array,
    first_round: int,
    *,
    foresight: bool,
    target: Target | None,
) -> tuple[Places, Array]:
    """Return hits that are the best by gains that are known at their origins, and these gains.

    Returns:
        Places on the grid, shape (budget, round), and sums of gains, shape (budget,).
    """
    if target is None and table.reward != "crps":
        raise ConfigError('without foresight, the reward must be "crps"')
    played = play_hits(game, initial, world, table.hits, rounds, game.registry.defenders)
    one = played[table.horizon]
    if not one.normal:
        raise ConfigError(
            "without foresight, or with a target, forecasts must be mixtures of normals"
        )
    # Hits whose forecasts have no target would cost nothing.
    ends = table.scores.shape[0] - table.horizon + 1
    gains = (expected_gains(one) if target is None else target.gains(one))[:ends]
    units, counted = table.budget_used[:ends], np.arange(first_round, ends)
    attacks = np.full((budgets.size, table.scores.shape[0] - first_round), one.none, dtype=np.intp)
    expected = np.empty(budgets.size)
    for i, total in enumerate(budgets.tolist()):
        if foresight:
            found = best_hits(gains[first_round:], units[first_round:], table.hits, total)
        else:
            found = hits_without_foresight(gains, units, table.hits, total, first_round=first_round)
        attacks[i, : found.size] = found
        expected[i] = gains[counted, found].sum()
    return attacks, expected


@dataclass(frozen=True)
class _Played:
    """Attacks as they are played, for rounds that do not separate."""

    game: ForecastGame
    initial: ForecastState
    world: World
    table: Payoffs
    rounds: int | None
    reward: Reward

    def scores(self, hits: Array, budget: float) -> Array:
        """Return scores by the round that issued them, shape (attack, round).

        Args:
            hits: Hits in step scales, shape (attack, round).
            budget: Units that may be spent, in step scales.
        """
        table, game = self.table, self.game
        config = replace(game.config, attack_cap=np.inf, attack_total=budget)
        # Where chance plays, every attack must be played in the game of the same number.
        found = []
        certain = getattr(self.world, "replays", False)
        batches = [hits] if certain else [row[np.newaxis] for row in hits]
        for scripts in batches:
            script = ScriptedAdversary(
                scripts * table.step_scale, first_t=int(table.origins[0]), first_game=game.game
            )
            registry = replace(game.registry, adversaries=(script,))
            out = ForecastGame(config, seed=game.seed, registry=registry, game=game.game).run_batch(
                self.initial, scripts.shape[0], self.rounds, world=self.world, reward=self.reward
            )
            found.append(scores_by_origin(out, table.horizon).T)
        return np.concatenate(found)


def _grid(hits: ArrayLike | None, cap: float) -> Array:
    if hits is None:
        if not np.isfinite(cap):
            raise ConfigError("without a finite attack_cap, a grid of hits must be given")
        return cap * np.arange(-_STEPS, _STEPS + 1) / _STEPS
    grid = check_hits(hits)
    if (np.abs(grid) > cap).any():
        raise ConfigError(f"hits must be at most the cap of {cap:g} step scales, got {hits!r}")
    return grid


def _simple_attacks(grid: Array, rounds: int, seed: int) -> list[Places]:
    """Return constant and random hits, from which a search starts; the budget cuts them."""
    none = int(np.flatnonzero(grid == 0.0)[0])
    found = [np.full(rounds, place, dtype=np.intp) for place in range(grid.size)]
    draws = np.random.Generator(np.random.Philox(key=seed))
    for _ in range(_RANDOM_STARTS):
        places = draws.integers(0, grid.size, rounds)
        found.append(np.where(draws.random(rounds) < _SHARE_HIT, places, none).astype(np.intp))
    return found
