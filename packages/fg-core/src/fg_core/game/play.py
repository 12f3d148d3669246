"""One round of many games: tamper, defend, forecast, aggregate, move, reward, reveal.

A game alone is a batch of one. Everything that follows from what is reported is in `responding`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.forecast_arrays import broadcast_to_games
from fg_core.batch.sealing import read_only
from fg_core.config import SimulationConfig
from fg_core.errors import AgentError
from fg_core.frozen import FrozenMapping, construct_unchecked, replace_unchecked
from fg_core.protocols import Disturbance
from fg_core.reasons import add_reason_arrays

from .assessment import AssessmentLanes
from .attribution import Counterfactuals, Reward, credits_of, losses_of
from .draws import LaneSeed
from .learning import Learning
from .ledger import Ledger
from .players import Players
from .responding import defended, respond
from .round_arrays import (
    AssessedLanes,
    Counters,
    Credit,
    IssuedLanes,
    Response,
    RoundArrays,
)
from .tampering import Tampering
from .team import ExpertForecasts
from .world_batch import WorldBatch

__all__ = ["Play"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

_DOUBTFUL = 0.5


@dataclass
class Play:
    """Games in progress; `round` plays the next round of all.

    Args:
        config: Settings of the games.
        names: Names of the forecasters.
        worlds: Worlds in which the series move.
        learning: Knowledge of the experts.
        players: Adversaries and defenders.
        ledger: Record of the games.
        path_of: Path of each game; None: each game has a path of its own.
        disturbance: Nature.
        seeds: Source of random numbers.
        step_scale: One-step scale of the series, one number or shape (game,).
        persistence: Persistence of displacements, one number or shape (path,).
        decimals: Resolution of what is reported; None: as it is computed.
        disturbed: Whether nature disturbs and adversaries act.
        attribution: Whether to credit agents by leaving out one at a time.
        reward: Loss that the team is paid by; for the "error" no mixture needs a score.
        undefended: Whether the forecasts without any doubt are kept.
        crps: Whether a CRPS is computed for every forecast, whatever the team is paid by.
        start: Counters that the rounds before this one have left.
    """

    config: SimulationConfig
    names: tuple[str, ...]
    worlds: WorldBatch
    learning: Learning
    players: Players
    ledger: Ledger
    path_of: Lanes | None
    disturbance: Disturbance
    seeds: LaneSeed
    step_scale: Any
    persistence: Any
    decimals: Any
    disturbed: bool
    attribution: bool
    reward: Reward
    undefended: bool
    crps: bool
    start: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        start, n = self.start, self.seeds.n
        self.schedule = self.learning.schedule
        self._zeros: Array = read_only(np.zeros(n))
        self._path_zeros = np.zeros(self.ledger.n_paths)
        self.step_scale = read_only(self.step_scale)
        self.tampering = Tampering(
            self.config,
            self.ledger,
            self.path_of,
            self.step_scale,
            self.decimals,
            start.spent,
            dict(start.spent_by),
        )
        self.missing: dict[str, Array] = dict(start.missing)
        self.reasons = {name: dict(why) for name, why in start.reasons.items()}
        self.doubted: Any = start.doubted
        self._waiting: dict[tuple[int, int], IssuedLanes] = dict(start.waiting)
        self._credits: dict[int, Credit | Counterfactuals] = dict(start.credits)
        self._scored: dict[int, tuple[IssuedLanes, Array]] = dict(start.scored)
        self._rewards: dict[int, Mapping[str, Array]] = dict(start.rewards)
        self._noise = self.seeds.draws("noise")
        self._nature = self.seeds.draws("disturbance", self.disturbance.name)

    @property
    def counters(self) -> Counters:
        """Counters that the rounds so far have left."""
        return Counters(
            self.tampering.spent,
            FrozenMapping(self.tampering.spent_by),
            FrozenMapping(self.missing),
            FrozenMapping({name: FrozenMapping(why) for name, why in self.reasons.items()}),
            self.doubted,
            FrozenMapping(self._waiting),
            FrozenMapping(self._credits),
            FrozenMapping(self._scored),
            FrozenMapping(self._rewards),
        )

    @property
    def unscored(self) -> int:
        """Number of forecasts of a game that wait for a target that has not come."""
        return len(self._waiting)

    # ---------------------------------------------------------------------------------- a round

    def round(self, state: StateArrays) -> RoundArrays:
        """Play one round from the worlds' states, one lane per path, and return what happened."""
        t, config = state.t, self.config
        is_new, newest = self.schedule.is_new(t), self.schedule.printed(t)
        value = self._newest(t)
        # Where nothing comes out there is nothing to tamper with.
        adversaries = self.players.adversaries if self.disturbed and is_new else ()
        hits, attack, reported, actions, beside = self.tampering.attack(
            adversaries, state, value, newest
        )
        if beside is not None:
            # Credits of the last reveal look as far back as this.
            since = 2 * self.schedule.settled(t) - t
            self.ledger.publish_contexts(newest, beside.reported, since)
        keep = self.learning.knowledge if self.attribution and config.reveal_lag > 1 else None
        response, issued = self._issue(t, reported)
        for h, one in issued.items():
            self._waiting[t, h] = one
        doubt = response.doubt
        if doubt is not None:
            probable = np.asarray(doubt.p_bad) > _DOUBTFUL
            if doubt.doubtful is not None:
                probable = probable & doubt.doubtful
            self.doubted = self.doubted + probable
        if self.attribution:
            plain = issued[config.horizons[0]].undefended
            wanted = Credit(keep, self.players, response, hits, value, beside, plain)
            # With a lag of 1 the true value is revealed at the end of this round.
            late = config.reveal_lag > 1
            self._credits[t] = wanted if late else self._counterfactuals(wanted)
        disturbance = self._disturb(state)
        after = self.worlds.advance(
            state,
            noise=self._path_zeros if self.path_of is not None else self._noise.normal(t),
            disturbance=disturbance if self.path_of is None else self._path_zeros,
            persistence=self.persistence,
        )
        self.ledger.enter(after)
        targets = self.ledger.game_value(after.t)
        revealed = t + 1 - config.reveal_lag
        known = self._credits.get(revealed)
        if isinstance(known, Credit):
            self._credits[revealed] = self._counterfactuals(known)
        with np.errstate(over="ignore"):  # scores of forecasts all but certain
            loss, scored, credit = self._score(after.t, targets)
        self._reveal(t)
        effort: Any = np.abs(hits[0][1]) if hits else self._zeros
        for _, delta in hits[1:]:
            effort = effort + np.abs(delta)
        cost = config.attack_cost / self.step_scale * effort
        if beside is not None:
            cost = cost + config.attack_cost * beside.all_units
        return construct_unchecked(
            RoundArrays,
            after=after,
            targets=targets,
            reported=reported,
            attack=attack,
            cost=cost,
            disturbance=disturbance,
            response=response,
            issued=issued,
            loss=loss,
            scored=scored,
            credit=credit,
            actions=actions,
        )

    def forecast(self, state: StateArrays, *, assessed: bool = False) -> dict[int, IssuedLanes]:
        """Return the forecasts from the worlds' states, by horizon: a round without its last half.

        Nothing is tampered with, and nothing goes on: it is for the last period of a record.

        Args:
            state: Worlds' states.
            assessed: Whether to keep the assessment of the newest values, where defenders doubt
                them.
        """
        t = state.t
        response, issued = self._issue(t, self._newest(t))
        expected = self.learning.expected(t) if assessed else None
        if expected is None or response.doubt is None:
            return issued
        newest, certain = self.schedule.printed(t), response.doubt.certain()
        return {
            h: replace_unchecked(
                one,
                assessed=AssessedLanes(
                    expected,
                    response.doubt,
                    defended(self.learning, response, certain, t + h - newest, late=t - newest),
                ),
            )
            for h, one in issued.items()
        }

    def _newest(self, t: int) -> Array:
        """Return the newest values at origin `t`: without a hit, if they come out there."""
        period = self.schedule.printed(t)
        if self.schedule.is_new(t):
            return self.ledger.game_known(period)
        return self.ledger.reported(period)

    def _issue(self, t: int, reported: Array) -> tuple[Response, dict[int, IssuedLanes]]:
        """Return what is made of the newest values at origin `t`, and the forecasts."""
        n = self.seeds.n
        newest = self.schedule.printed(t)
        if n > 1:
            reported = read_only(reported)
        self.ledger.publish(newest, reported)
        response = respond(self.learning, self.players, t, reported)
        issued: dict[int, IssuedLanes] = {}
        p_bad: Any = 0.0 if response.doubt is None else response.doubt.p_bad
        for one in response.used.values():
            self.learning.remember(one)
        for h in self.config.horizons:
            ahead = t + h - newest
            experts = response.used[ahead]
            forecast = defended(self.learning, response, response.doubt, ahead, late=t - newest)
            variance = forecast.variance
            finite = (
                math.isfinite(variance[0])
                if n == 1
                else np.count_nonzero(np.isfinite(variance)) == n
            )
            if not finite:
                name = self.learning.experts.aggregator.name
                raise AgentError(
                    f"aggregator {name!r} returned a forecast in period {t} for horizon {h} whose "
                    "variance is not finite"
                )
            plain = defended(self.learning, response, None, ahead) if self.undefended else None
            issued[h] = IssuedLanes(t, h, experts, forecast, p_bad, plain)
            self._count_missing(experts)
        return response, issued

    def _disturb(self, state: StateArrays) -> Array:
        if not self.disturbed or self.path_of is not None:
            return self._zeros
        rule = self.disturbance
        uniforms = [self._nature.uniform(state.t, i) for i in range(rule.n_uniforms)]
        normals = [self._nature.normal(state.t, rule.n_uniforms + i) for i in range(rule.n_normals)]
        unit = self.worlds.unit(self.step_scale)
        # Rules of nature speak in units of the world, states in those of the series.
        plain = isinstance(unit, float) and unit == 1.0
        seen = state if plain else replace_unchecked(state, hidden_shift=state.hidden_shift / unit)
        sizes = np.asarray(rule.sample(seen, uniforms, normals, self.config), dtype=np.float64)
        return broadcast_to_games(sizes * unit, self.seeds.n)

    def _count_missing(self, experts: ExpertForecasts) -> None:
        forecast_arrays = experts.forecast_arrays
        if forecast_arrays.is_full:
            return
        absent = ~forecast_arrays.present
        for i in forecast_arrays.absentees:
            name = self.names[i]
            self.missing[name] = self.missing.get(name, self._zeros) + absent[:, i]
            kinds = self.reasons.setdefault(name, {})
            for reason, games in forecast_arrays.why_absent(i).items():
                add_reason_arrays(kinds, reason, games)

    # ------------------------------------------------------------------------------------ rewards

    def _score(
        self, t: int, targets: Array
    ) -> tuple[Array | None, dict[int, tuple[IssuedLanes, Array, Array]], dict[str, Array]]:
        """Score the forecasts of period `t`, and share out the reward.

        Returns:
            The team's loss; by horizon the forecast, its score and its error; credits.
        """
        found: dict[int, tuple[IssuedLanes, Array, Array]] = {}
        credit: dict[str, Array] = {}
        first, lag, due = self.config.horizons[0], self.config.reveal_lag, None
        for h in self.config.horizons:
            issued = self._waiting.pop((t - h, h), None)
            if issued is None:
                continue
            error = targets - issued.forecast.mean
            loss: Array | None = None
            if h == first:
                if self.attribution and lag <= first:
                    loss, credit = self._credited(t - h, issued, targets)
                else:
                    (loss,) = losses_of((issued.forecast,), targets, self.reward)
                    if self.attribution or not self.schedule.is_plain:
                        self._scored[t - h] = issued, targets
                due = loss
                self._rewards[t] = self._sealed({"team": -loss, **credit})
            if self.reward == "error" and not self.crps:
                score = np.abs(error)
            elif loss is not None and self.reward == "crps":
                score = loss
            else:
                (score,) = losses_of((issued.forecast,), targets, "crps")
            found[h] = issued, score, error
        # Where values are revealed later than they are scored, credit comes with the reveal.
        waiting = self._scored.pop(t - lag, None) if self.attribution else None
        if waiting is not None:
            _, credit = self._credited(t - lag, *waiting)
            before = self._rewards[t - lag + first]
            self._rewards[t - lag + first] = self._sealed({**before, **credit})
        return due, found, credit

    def _sealed(self, rewards: dict[str, Array]) -> dict[str, Array]:
        """Return rewards as agents may be told of them in many games."""
        if self.seeds.n == 1:
            return rewards
        return {name: read_only(one) for name, one in rewards.items()}

    def _credited(
        self, origin: int, issued: IssuedLanes, targets: Array
    ) -> tuple[Array, dict[str, Array]]:
        others: Any = self._credits.pop(origin)
        return credits_of(issued.forecast, issued.experts, self.names, others, targets, self.reward)

    def _counterfactuals(self, credit: Credit) -> Counterfactuals:
        """Return the forecasts that leave out one agent at a time.

        They ask agents what they would have said of a value that was not reported, so nothing of
        this may happen before the true value is revealed.
        """
        learning, response = self.learning, credit.response
        t, first = response.observation.t, self.config.horizons[0]
        if credit.knowledge is not None:
            learning = Learning(
                credit.knowledge,
                self.ledger,
                self.path_of,
                self.config,
                learning.first_t,
                self.schedule,
                learning.horizons,
            )
        without: dict[str, MixtureArrays] = {}
        cost: dict[str, Array] = {}
        for i, defender in enumerate(credit.players.defenders[: len(response.doubts)]):
            others = [doubt for j, doubt in enumerate(response.doubts) if j != i]
            if not others and credit.undefended is not None:
                without[defender.name] = credit.undefended
                continue
            rest = AssessmentLanes.of(others, self.seeds.n)
            without[defender.name] = defended(learning, response, rest, first)
        beside = credit.context_hits
        for name, delta in credit.hits:
            cost[name] = self.config.attack_cost / self.step_scale * np.abs(delta)
            units = None if beside is None else beside.units.get(name)
            if units is not None:
                cost[name] = cost[name] + self.config.attack_cost * units
            if np.count_nonzero(delta) or (units is not None and np.count_nonzero(units)):
                alone = [hit for hit in credit.hits if hit[0] != name]
                reported = self.tampering.reported_with(credit.value, alone)
                seen_by = learning
                if beside is not None:
                    seen_by = learning.reading(self.ledger.reporting(t, beside.without(name)))
                other = respond(seen_by, credit.players, t, reported, (first,))
                without[name] = defended(seen_by, other, other.doubt, first)
        return Counterfactuals(without, cost)

    def _reveal(self, t: int) -> None:
        """Tell the agents, at the end of round `t`, what is settled or revised by the next one."""
        schedule, ledger = self.schedule, self.ledger
        before, settled = schedule.settled(t), schedule.settled(t + 1)
        # What was settled when the games began counts as true.
        since = schedule.settled(self.learning.first_t)
        certain = max(schedule.certain(t + 1), since)
        for period in ledger.revised:
            if period > settled:
                told = self.learning.revised(period, t + 1)
                self.players = self.players.after_revision(told)
            elif certain < period <= before:
                told = self.learning.revised(period, t + 1)
                self.players = self.players.after_doubtful(told)
        for period in range(max(schedule.certain(t), since) + 1, min(certain, before) + 1):
            told = self.learning.revised(period, t + 1, settled=True)
            self.players = self.players.after_doubtful(told)
        for period in range(before + 1, settled + 1):
            rewards = self._rewards_told(period)
            told = self.learning.reveal(period, t + 1, rewards)
            own = rewards if self.attribution else {}
            self.players = self.players.learned(told, own, doubtful=period > certain)

    def _rewards_told(self, period: int) -> Mapping[str, Array]:
        """Return the rewards that agents are told of with the value of a period.

        With vintages they follow from the value as it is settled: what forecasts are scored on may
        not be known to any agent yet.
        """
        rewards = self._rewards.pop(period, {})
        if self.schedule.is_plain:
            return rewards
        waiting = self._scored.pop(period - self.config.horizons[0], None)
        if waiting is None:
            return {}
        settled = self.ledger.game_known(period)
        with np.errstate(over="ignore"):  # scores of forecasts all but certain
            (loss,) = losses_of((waiting[0].forecast,), settled, self.reward)
        return self._sealed({"team": -loss})
