"""Many games, round by round: the round of `play` over arrays of games.

The same rules in the same order; `_respond` sees the print and the agents' knowledge and nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.panel import for_all
from fg_core.config import SimulationConfig
from fg_core.errors import DataError
from fg_core.frozen import FrozenMapping, altered
from fg_core.protocols import AttackBudget, Disturbance
from fg_core.reasons import add_reason_arrays
from fg_core.rng import DrawArrays, Stream, StreamArrays
from fg_core.scoring._kernels import gaussian_crps

from .account import Account
from .array_round import ArrayRound, DoubtArrays, ResponseArrays, mixed, score_of
from .array_team import ArrayClaim, ArrayTeam
from .attribution import Reward, print_without
from .budget import cut
from .learning import Learning
from .ledger import ArrayLedger

__all__ = ["ArrayPlay"]

Array = NDArray[np.float64]


@dataclass
class ArrayPlay:
    """Games in progress; `round` plays the next round of all. Fields as in `Play`.

    Args:
        first_game: Number of the first game.
        n_games: How many.
        reward: What the team is paid by; for the "error" no mixture is scored.
        attribution: Whether to credit agents, by leaving out one at a time.
        start: What the rounds before this one have left.
    """

    config: SimulationConfig
    world: Any
    learning: Learning[ArrayTeam]
    ledger: ArrayLedger
    disturbance: Disturbance
    seed: int
    first_game: int
    n_games: int
    step_scale: float
    persistence: float
    disturbed: bool
    reward: Reward = "crps"
    attribution: bool = False
    start: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        start = self.start
        self._zeros = np.zeros(self.n_games)
        self._cap = np.full(self.n_games, float(self.config.attack_cap))
        self.spent: Array = self._zeros + start.spent
        self.missing: dict[str, Array] = dict(start.missing)
        self.reasons = {name: dict(why) for name, why in start.reasons.items()}
        self._spent_by: dict[str, Array] = dict(start.spent_by)
        self._waiting: dict[tuple[int, int], tuple[MixtureArrays, ArrayClaim]] = dict(start.waiting)
        self._others: dict[int, dict[str, tuple[Any, Any]]] = dict(start.others)
        self._rewards: dict[int, Array] = dict(start.rewards)
        self._noise = self._stream("noise", "")
        self._nature = self._stream("disturbance", self.disturbance.name)
        seats = self.learning.team.adversaries
        self._hostile = {seat.name: self._stream("adversary", seat.name) for seat in seats}
        numbers = range(self.first_game, self.first_game + self.n_games)
        self._hostile_each = {
            seat.name: [Stream(self.seed, "adversary", seat.name, i) for i in numbers]
            for seat in seats
            if seat.games
        }

    @property
    def account(self) -> Account:
        """What the rounds so far have left."""
        return Account(
            self.spent,
            FrozenMapping(self._spent_by),
            FrozenMapping(self.missing),
            FrozenMapping({name: FrozenMapping(why) for name, why in self.reasons.items()}),
            0,
            FrozenMapping(self._waiting),
            FrozenMapping(self._others),
            FrozenMapping(self._rewards),
        )

    def _stream(self, stream: str, agent: str) -> StreamArrays:
        return StreamArrays(self.seed, stream, agent, self.first_game, self.n_games)

    # ---------------------------------------------------------------------------------- a round

    def round(self, state: StateArrays) -> ArrayRound:
        """Play one round from the worlds' states and return what happened."""
        t, config = state.t, self.config
        hits, attack = self._tamper(state)
        printed = state.value + attack
        self.ledger.publish(t, printed)
        response = self._respond(t, printed)
        issued = {}
        for claim in response.used.values():
            self.learning.remember(claim)
        for h in config.horizons:
            issued[h] = self._defended(response, response.doubt, h)
            self._waiting[t, h] = issued[h], response.used[h]
            self._check(t, h, issued[h])
            self._count_missing(response.used[h])
        if self.attribution:
            self._others[t] = self._leave_out(response, hits, state.value)
        disturbance = self._disturb(state)
        after: StateArrays = self.world.advance_array(
            state,
            noise=self._noise.normal(t),
            disturbance=disturbance,
            persistence=self.persistence,
        )
        if np.count_nonzero(np.isfinite(after.value)) < self.n_games:
            raise DataError(f"the series left the range of numbers in period {after.t}")
        self.ledger.enter(after)
        effort: Any = self._zeros
        for _, delta in hits:
            effort = effort + np.abs(delta)
        cost = config.attack_cost / self.step_scale * effort
        scored, credit = self._book(after)
        revealed = t + 1 - config.reveal_lag
        self.learning.reveal(revealed, self._rewards)
        self._rewards.pop(revealed, None)
        p_bad = self._zeros if response.doubt is None else response.doubt.p_bad
        return ArrayRound(
            after,
            printed,
            attack,
            cost,
            disturbance,
            p_bad,
            response.used,
            issued,
            scored,
            credit,
        )

    def _tamper(self, state: StateArrays) -> tuple[list[tuple[str, Array]], Array]:
        if not self.disturbed:
            return [], self._zeros
        config = self.config
        hits: list[tuple[str, Array]] = []
        room: Any = self._cap
        seen = altered(state, history=self.ledger.history(state.t))
        total = self._zeros
        for seat in self.learning.team.adversaries:
            left = np.maximum(0.0, config.attack_total - self.spent)
            draws: Any = DrawArrays(self._hostile[seat.name], state.t)
            budget: Any = AttackBudget(
                self.step_scale,
                room,
                left,  # type: ignore[arg-type]
                config.attack_cost,
                draws,
                spent=self._spent_by.get(seat.name, self._zeros),  # type: ignore[arg-type]
            )
            wanted = seat.attack(seen, budget, self._hostile_each.get(seat.name, ()))
            delta, room, units = cut(wanted, room, left, self.step_scale)
            self.spent = self.spent + units
            self._spent_by[seat.name] = self._spent_by.get(seat.name, self._zeros) + units
            hits.append((seat.name, delta))
            total = total + delta
        return hits, total

    def _disturb(self, state: StateArrays) -> Array:
        if not self.disturbed:
            return self._zeros
        rule = self.disturbance
        uniforms = [self._nature.uniform(state.t, i) for i in range(rule.n_uniforms)]
        normals = [self._nature.normal(state.t, rule.n_uniforms + i) for i in range(rule.n_normals)]
        unit = self.world.unit(self.step_scale)
        seen = state if unit == 1.0 else altered(state, hidden_shift=state.hidden_shift / unit)
        sizes = np.asarray(rule.sample(seen, uniforms, normals, self.config), dtype=np.float64)
        return for_all(sizes * unit, self.n_games)

    # ------------------------------------------------------------------ everything from the print

    def _respond(
        self, t: int, printed: Array, horizons: Sequence[int] | None = None
    ) -> ResponseArrays:
        learning, lag = self.learning, self.config.reveal_lag
        observation, used = learning.respond(t, printed, horizons or learning.horizons)
        expected = learning.claim(t - lag, lag)
        if expected is None or not learning.team.defenders:
            return ResponseArrays(observation, used, (), None)
        doubts = tuple(
            seat.doubt(observation, expected.forecast) for seat in learning.team.defenders
        )
        return ResponseArrays(observation, used, doubts, DoubtArrays.of(doubts, self.n_games))

    def _defended(
        self, response: ResponseArrays, doubt: DoubtArrays | None, horizon: int
    ) -> MixtureArrays:
        team = self.learning.team
        bias, used = team.bias(horizon), response.used[horizon].forecast
        if doubt is None or (doubt.doubtful is not None and not doubt.doubtful.any()):
            return used.shifted(bias)
        seen, doubtful = response.observation, doubt.doubtful
        instead = self.ledger.observed(
            seen.t, seen.value + doubt.delta, revealed=seen.t - self.config.reveal_lag
        )
        replaced = team.claim(instead, horizon, doubt_scale=doubt.scale, wanted=doubtful)
        p_bad = doubt.p_bad if doubtful is None else np.where(doubtful, doubt.p_bad, 0.0)
        return mixed(used, replaced.forecast, p_bad).shifted(bias)

    def _check(self, t: int, horizon: int, forecast: MixtureArrays) -> None:
        if np.count_nonzero(np.isfinite(forecast.variance)) < self.n_games:
            raise DataError(
                f"the forecast made in period {t} for horizon {horizon} is not finite in a game"
            )

    def _count_missing(self, claim: ArrayClaim) -> None:
        if claim.actions.is_full:
            return
        absent = ~claim.actions.present
        for i, seat in enumerate(self.learning.team.forecasters):
            here = absent[:, i]
            if not here.any():
                continue
            self.missing[seat.name] = self.missing.get(seat.name, self._zeros) + here
            kinds = self.reasons.setdefault(seat.name, {})
            for reason, games in claim.actions.why_absent(i).items():
                add_reason_arrays(kinds, reason, games)

    # ------------------------------------------------------------------------------------ rewards

    def _book(self, after: StateArrays) -> tuple[dict[int, tuple[Array, Array]], dict[str, Array]]:
        scored: dict[int, tuple[Array, Array]] = {}
        credit: dict[str, Array] = {}
        for position, h in enumerate(self.config.horizons):
            waiting = self._waiting.pop((after.t - h, h), None)
            if waiting is None:
                continue
            forecast, claim = waiting
            error = after.value - forecast.mean
            score = np.abs(error) if self.reward == "error" else score_of(forecast, after.value)
            scored[h] = score, error
            if position == 0:
                self._rewards[after.t] = -score
                if self.attribution:
                    credit = self._credit(claim, after, score)
        return scored, credit

    def _loss(self, forecast: MixtureArrays, value: Array) -> Array:
        if self.reward == "error":
            return np.asarray(np.abs(value - forecast.mean))
        return score_of(forecast, value)

    def _leave_out(
        self, response: ResponseArrays, hits: Sequence[tuple[str, Array]], value: Array
    ) -> dict[str, tuple[Any, Any]]:
        """Return by agent the first forecast without it, and what its hit cost (or None)."""
        first, t = self.config.horizons[0], response.observation.t
        names = [seat.name for seat in self.learning.team.defenders]
        found: dict[str, tuple[Any, Any]] = {}
        for i, name in enumerate(names[: len(response.doubts)]):
            others = [doubt for j, doubt in enumerate(response.doubts) if j != i]
            rest = DoubtArrays.of(others, self.n_games)
            found[name] = self._defended(response, rest, first), None
        for name, delta in hits:
            alone = [hit for other, hit in hits if other != name]
            other = response
            if delta.any():
                other = self._respond(t, print_without(value, alone), (first,))
            cost = self.config.attack_cost / self.step_scale * np.abs(delta)
            found[name] = self._defended(other, other.doubt, first), cost
        return found

    def _credit(self, claim: ArrayClaim, after: StateArrays, score: Array) -> dict[str, Array]:
        found: dict[str, Array] = {}
        panel, y = claim.actions, after.value
        for i, seat in enumerate(self.learning.team.forecasters):
            mean, scale = panel.means[:, i], panel.claimed[:, i]
            plain = np.isnan(scale) | (scale == 0.0)
            if self.reward == "error":
                found[seat.name] = -np.abs(y - mean)
                continue
            own = gaussian_crps(mean, np.where(plain, 1.0, scale), y)
            found[seat.name] = -np.where(plain, np.abs(y - mean), own)
        for name, (without, cost) in self._others.pop(claim.state.t).items():
            saved = self._loss(without, y) - score
            found[name] = saved if cost is None else -saved - cost
        return found
