"""One game, round by round: tamper, defend, forecast, aggregate, move, reward, reveal.

Everything that follows from the print is in `_respond`, which sees the print and the agents'
knowledge and nothing else: no true state, no action of an adversary, no future.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fg_core.action import AgentAction, AgentMessage
from fg_core.config import SimulationConfig
from fg_core.errors import AgentError
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import FrozenMapping, altered
from fg_core.protocols import AttackBudget, Disturbance, World
from fg_core.reasons import add_reason
from fg_core.record import IssuedForecast, ScoredForecast, StepResult
from fg_core.rng import AgentDraws, Stream
from fg_core.state import ForecastState

from .account import Account
from .attribution import Counterfactuals, Reward, counterfactuals, losses_of, rewards, score_of
from .budget import cut
from .doubt import NO_DOUBT, Doubt, combine_doubts, mix_branches, shifted
from .learning import Learning
from .ledger import Ledger
from .team import Claim, Team, call

__all__ = ["Play"]

_DOUBTFUL = 0.5


@dataclass(frozen=True)
class _Response:
    """What everyone downstream of the adversaries makes of one print."""

    observation: ForecastState
    used: dict[int, Claim]
    doubts: tuple[AgentAction, ...]
    doubt: Doubt
    plain: dict[int, ProbabilisticForecast] = field(default_factory=dict)
    """The forecasts without any doubt, once they have been asked for."""


@dataclass
class Play:
    """A game in progress; `round` plays the next round.

    Args:
        config: The settings.
        world: Where the series moves.
        learning: The agents' knowledge.
        ledger: The record.
        disturbance: Nature.
        seed: Of the game's random numbers.
        game: Its number among games of one seed.
        step_scale: The one-step scale of the series.
        persistence: Of displacements.
        disturbed: Whether nature disturbs and adversaries act.
        attribution: Whether to credit agents by leaving out one at a time.
        reward: What the team is paid by.
        start: What the rounds before this one have left.
    """

    config: SimulationConfig
    world: World
    learning: Learning[Team]
    ledger: Ledger
    disturbance: Disturbance
    seed: int
    game: int
    step_scale: float
    persistence: float
    disturbed: bool
    attribution: bool = True
    reward: Reward = "crps"
    start: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        start = self.start
        self.spent: float = start.spent
        self.missing: Counter[str] = Counter(start.missing)
        self.reasons = {name: dict(why) for name, why in start.reasons.items()}
        self.doubted = start.doubted
        self._spent_by: dict[str, float] = dict(start.spent_by)
        self._waiting: dict[tuple[int, int], IssuedForecast] = dict(start.waiting)
        self._others: dict[int, Counterfactuals] = dict(start.others)
        self._rewards: dict[int, float] = dict(start.rewards)
        self._noise = Stream(self.seed, "noise", game=self.game)
        self._nature = Stream(self.seed, "disturbance", self.disturbance.name, self.game)
        self._hostile: dict[str, Stream] = {}

    @property
    def account(self) -> Account:
        """What the rounds so far have left."""
        return Account(
            self.spent,
            FrozenMapping(self._spent_by),
            FrozenMapping(self.missing),
            FrozenMapping({name: FrozenMapping(why) for name, why in self.reasons.items()}),
            self.doubted,
            FrozenMapping(self._waiting),
            FrozenMapping(self._others),
            FrozenMapping(self._rewards),
        )

    @property
    def unscored(self) -> int:
        """How many forecasts wait for a target that has not come."""
        return len(self._waiting)

    # ---------------------------------------------------------------------------------- a round

    def round(self, state: ForecastState) -> StepResult:
        """Play one round from the world's state `state` and return what happened."""
        t = state.t
        hits, attack = self._tamper(state)
        printed = state.value + attack
        self.ledger.publish(t, printed)
        response = self._respond(t, printed)
        for claim in response.used.values():
            self.learning.remember(claim)
        issued = tuple(self._issue(response, h) for h in self.config.horizons)
        if self.attribution:
            self._others[t] = self._leave_out(response, hits, state.value)
        for item in issued:
            self._waiting[item.origin, item.horizon] = item
        disturbance = self._disturb(state)
        after = self.world.advance(
            state,
            noise=self._noise.normal(t),
            disturbance=disturbance,
            persistence=self.persistence,
        )
        self.ledger.enter(after)
        with np.errstate(over="ignore"):  # scores of forecasts all but certain
            scored, breakdown = self._book(after, hits)
        revealed = t + 1 - self.config.reveal_lag
        self.learning.reveal(revealed, self._rewards)
        self._rewards.pop(revealed, None)
        first = issued[0]
        return StepResult(
            after,
            (*hits, *response.doubts, *(a for a in first.actions if a is not None)),
            breakdown,
            first.forecast.mean,
            after.value,
            self._messages(response, first),
            first.forecast,
            observation=response.observation,
            issued=issued,
            scored=scored,
            disturbance=disturbance,
            attack=attack,
        )

    def _tamper(self, state: ForecastState) -> tuple[tuple[AgentAction, ...], float]:
        """Ask the adversaries, cut them to the budget, and return what they add."""
        if not self.disturbed:
            return (), 0.0
        config, hits, total = self.config, [], 0.0
        room = config.attack_cap
        # An adversary knows the past as it was, also where the world does not carry it along.
        seen = altered(state, history=self.ledger.history(state.t))
        for agent in self.learning.team.adversaries:
            left = max(0.0, config.attack_total - self.spent)
            stream = self._hostile.setdefault(
                agent.name, Stream(self.seed, "adversary", agent.name, self.game)
            )
            budget = AttackBudget(
                self.step_scale,
                room,
                left,
                config.attack_cost,
                AgentDraws(stream, state.t),
                spent=self._spent_by.get(agent.name, 0.0),
            )
            wanted = call(agent, "act", seen, budget)
            if not isinstance(wanted, AgentAction):
                raise AgentError(f"adversary {agent.name!r} returned no AgentAction")
            delta, room, units = map(float, cut(wanted.delta, room, left, self.step_scale))
            self.spent += units
            self._spent_by[agent.name] = self._spent_by.get(agent.name, 0.0) + units
            hits.append(_hit(wanted, agent.name, delta))
            total += delta
        return tuple(hits), total

    def _disturb(self, state: ForecastState) -> float:
        if not self.disturbed:
            return 0.0
        rule = self.disturbance
        uniforms = [self._nature.uniform(state.t, i) for i in range(rule.n_uniforms)]
        normals = [self._nature.normal(state.t, rule.n_uniforms + i) for i in range(rule.n_normals)]
        unit = self.world.unit(self.step_scale)
        # Rules of nature speak in units of the world, states in those of the series.
        seen = state if unit == 1.0 else altered(state, hidden_shift=state.hidden_shift / unit)
        return float(rule.sample(seen, uniforms, normals, self.config)) * unit

    # ------------------------------------------------------------------ everything from the print

    def _respond(self, t: int, printed: float, horizons: Sequence[int] | None = None) -> _Response:
        learning = self.learning
        observation, used = learning.respond(t, printed, horizons or learning.horizons)
        expected = learning.claim(t - self.config.reveal_lag, self.config.reveal_lag)
        if expected is None or not learning.team.defenders:
            return _Response(observation, used, (), NO_DOUBT)
        doubts = tuple(
            _signed(call(agent, "act", observation, expected.forecast), agent.name)
            for agent in learning.team.defenders
        )
        return _Response(observation, used, doubts, combine_doubts(doubts))

    def _defended(self, response: _Response, doubt: Doubt, horizon: int) -> ProbabilisticForecast:
        """Return the forecast under a doubt, with the refactorer's bias."""
        bias = self.learning.team.bias(horizon)
        used = response.used[horizon].forecast
        if doubt.is_idle:
            if horizon not in response.plain:
                response.plain[horizon] = shifted(used, bias)
            return response.plain[horizon]
        seen = response.observation
        instead = self.ledger.observed(
            seen.t, seen.value + doubt.delta, revealed=seen.t - self.config.reveal_lag
        )
        replaced = self.learning.team.claim(instead, horizon, doubt_scale=doubt.scale)
        return shifted(mix_branches(used, replaced.forecast, doubt.p_bad), bias)

    def _issue(self, response: _Response, horizon: int) -> IssuedForecast:
        used = response.used[horizon]
        for name, reason in used.unavailable.items():
            self.missing[name] += 1
            add_reason(self.reasons.setdefault(name, {}), reason)
        return IssuedForecast(
            response.observation.t,
            horizon,
            self._defended(response, response.doubt, horizon),
            used.actions,
            response.observation.value,
            response.doubt.p_bad,
            self._defended(response, NO_DOUBT, horizon),
            unavailable=used.unavailable,
        )

    def _leave_out(
        self, response: _Response, hits: Sequence[AgentAction], value: float
    ) -> Counterfactuals:
        first = self.config.horizons[0]

        def with_print(value: float) -> ProbabilisticForecast:
            other = self._respond(response.observation.t, value, (first,))
            return self._defended(other, other.doubt, first)

        return counterfactuals(
            hits,
            response.doubts,
            value=value,
            unit_cost=self.config.attack_cost / self.step_scale,
            without_doubt=lambda rest: self._defended(response, combine_doubts(rest), first),
            with_print=with_print,
        )

    def _messages(self, response: _Response, first: IssuedForecast) -> tuple[AgentMessage, ...]:
        found = []
        if response.doubt.p_bad > _DOUBTFUL and not response.doubt.is_idle:
            self.doubted += 1
            text = f"print {first.base:.6g} doubted, p_bad = {response.doubt.p_bad:.2f}"
            found.append(AgentMessage("defenders", "forecasters", text))
        for name, reason in first.unavailable.items():
            text = f"no forecast at this origin: {reason}"
            found.append(AgentMessage(name, "aggregator", text))
        return tuple(found)

    # ------------------------------------------------------------------------------------ rewards

    def _book(
        self, after: ForecastState, hits: Sequence[AgentAction]
    ) -> tuple[tuple[ScoredForecast, ...], dict[str, float]]:
        """Score what falls due with the new value, and share out the reward."""
        scored: list[ScoredForecast] = []
        effort = 0.0
        for hit in hits:
            effort += abs(hit.delta)
        cost = self.config.attack_cost / self.step_scale * effort
        breakdown = {"team": 0.0, "adversaries": -cost}
        for position, h in enumerate(self.config.horizons):
            issued = self._waiting.pop((after.t - h, h), None)
            if issued is None:
                continue
            error, loss, score = after.value - issued.forecast.mean, None, None
            if position == 0:
                credit: dict[str, float] = {}
                if self.attribution:
                    names = tuple([agent.name for agent in self.learning.team.forecasters])
                    others = self._others.pop(issued.origin)
                    loss, credit = rewards(issued, names, others, after.value, self.reward)
                else:
                    (loss,) = losses_of((issued.forecast,), after.value, self.reward)
                breakdown = {"team": -loss, "adversaries": loss - cost} | credit
                self._rewards[after.t] = -loss
                score = loss if self.reward == "crps" else None
            if score is None:
                score = score_of(issued.forecast, after.value)
            scored.append(ScoredForecast(issued, after.value, score, error))
        return tuple(scored), breakdown


def _signed(action: AgentAction, name: str) -> AgentAction:
    return action if action.actor == name else replace(action, actor=name)


def _hit(wanted: AgentAction, name: str, delta: float) -> AgentAction:
    """Return what an adversary did after the budget; what it wanted, if nothing was cut."""
    whole = wanted.delta == delta and wanted.actor == name
    plain = wanted.scale is None and wanted.p_bad is None and type(wanted.delta) is float
    return wanted if whole and plain else AgentAction(name, delta)
