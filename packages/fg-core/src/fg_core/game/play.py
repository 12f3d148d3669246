"""One game, round by round: tamper, defend, forecast, aggregate, move, reward, reveal.

Everything that follows from the print is in `_respond`, which sees the print and the agents'
knowledge and nothing else: no true state, no action of an adversary, no future.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fg_core.action import AgentAction, AgentMessage
from fg_core.config import SimulationConfig
from fg_core.errors import AgentError
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import AttackBudget, Disturbance, World
from fg_core.record import IssuedForecast, ScoredForecast, StepResult
from fg_core.rng import AgentDraws, Stream
from fg_core.scoring import crps
from fg_core.state import ForecastState

from .attribution import Counterfactuals, counterfactuals, rewards
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
    provisional: Team
    used: dict[int, Claim]
    doubts: tuple[AgentAction, ...]
    doubt: Doubt


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
    """

    config: SimulationConfig
    world: World
    learning: Learning
    ledger: Ledger
    disturbance: Disturbance
    seed: int
    game: int
    step_scale: float
    persistence: float
    disturbed: bool

    def __post_init__(self) -> None:
        self.spent = 0.0
        self.missing: Counter[str] = Counter()
        self.doubted = 0
        self._noise = Stream(self.seed, "noise", game=self.game)
        self._nature = Stream(self.seed, "disturbance", self.disturbance.name, self.game)
        self._hostile: dict[str, Stream] = {}
        self._waiting: dict[tuple[int, int], IssuedForecast] = {}
        self._others: dict[int, Counterfactuals] = {}
        self._rewards: dict[int, float] = {}

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
        self._others[t] = self._leave_out(response, hits, printed)
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
        scored, breakdown = self._book(after, hits)
        self.learning.reveal(t + 1 - self.config.reveal_lag, self._rewards)
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
        for agent in self.learning.team.adversaries:
            left = max(0.0, config.attack_total - self.spent)
            stream = self._hostile.setdefault(
                agent.name, Stream(self.seed, "adversary", agent.name, self.game)
            )
            budget = AttackBudget(
                self.step_scale, room, left, config.attack_cost, AgentDraws(stream, state.t)
            )
            wanted = call(agent, "act", state, budget)
            if not isinstance(wanted, AgentAction):
                raise AgentError(f"adversary {agent.name!r} returned no AgentAction")
            limit = min(room, left) * self.step_scale
            delta = max(-limit, min(limit, wanted.delta))
            units = abs(delta) / self.step_scale
            room, self.spent = max(0.0, room - units), self.spent + units
            hits.append(AgentAction(agent.name, delta))
            total += delta
        return tuple(hits), total

    def _disturb(self, state: ForecastState) -> float:
        if not self.disturbed:
            return 0.0
        rule = self.disturbance
        uniforms = [self._nature.uniform(state.t, i) for i in range(rule.n_uniforms)]
        normals = [self._nature.normal(state.t, rule.n_uniforms + i) for i in range(rule.n_normals)]
        size = float(rule.sample(state, uniforms, normals, self.config))
        return size * self.world.unit(self.step_scale)

    # ------------------------------------------------------------------ everything from the print

    def _respond(self, t: int, printed: float) -> _Response:
        learning = self.learning
        observation = self.ledger.observed(t, printed, revealed=t - self.config.reveal_lag)
        provisional = learning.provisional(t, printed)
        used = {h: provisional.claim(observation, h) for h in learning.horizons}
        expected = learning.claim(t - self.config.reveal_lag, self.config.reveal_lag)
        if expected is None or not learning.team.defenders:
            return _Response(observation, provisional, used, (), NO_DOUBT)
        doubts = tuple(
            replace(call(agent, "act", observation, expected.forecast), actor=agent.name)
            for agent in learning.team.defenders
        )
        return _Response(observation, provisional, used, doubts, combine_doubts(doubts))

    def _defended(self, response: _Response, doubt: Doubt, horizon: int) -> ProbabilisticForecast:
        """Return the forecast under a doubt, with the refactorer's bias."""
        bias = self.learning.team.bias(horizon)
        used = response.used[horizon].forecast
        if doubt.is_idle:
            return shifted(used, bias)
        seen = response.observation
        instead = self.ledger.observed(
            seen.t, seen.value + doubt.delta, revealed=seen.t - self.config.reveal_lag
        )
        replaced = self.learning.team.claim(instead, horizon, doubt_scale=doubt.scale)
        return shifted(mix_branches(used, replaced.forecast, doubt.p_bad), bias)

    def _issue(self, response: _Response, horizon: int) -> IssuedForecast:
        used = response.used[horizon]
        for agent, action in zip(self.learning.team.forecasters, used.actions, strict=True):
            if action is None:
                self.missing[agent.name] += 1
        return IssuedForecast(
            response.observation.t,
            horizon,
            self._defended(response, response.doubt, horizon),
            used.actions,
            response.observation.value,
            response.doubt.p_bad,
            self._defended(response, NO_DOUBT, horizon),
        )

    def _leave_out(
        self, response: _Response, hits: Sequence[AgentAction], printed: float
    ) -> Counterfactuals:
        first = self.config.horizons[0]

        def with_print(value: float) -> ProbabilisticForecast:
            other = self._respond(response.observation.t, value)
            return self._defended(other, other.doubt, first)

        return counterfactuals(
            hits,
            response.doubts,
            printed=printed,
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
        for agent, action in zip(self.learning.team.forecasters, first.actions, strict=True):
            if action is None:
                found.append(AgentMessage(agent.name, "aggregator", "no forecast at this origin"))
        return tuple(found)

    # ------------------------------------------------------------------------------------ rewards

    def _book(
        self, after: ForecastState, hits: Sequence[AgentAction]
    ) -> tuple[tuple[ScoredForecast, ...], dict[str, float]]:
        """Score what falls due with the new value, and share out the reward."""
        scored = []
        cost = self.config.attack_cost / self.step_scale * sum(abs(hit.delta) for hit in hits)
        breakdown = {"team": 0.0, "adversaries": -cost}
        for position, h in enumerate(self.config.horizons):
            issued = self._waiting.pop((after.t - h, h), None)
            if issued is None:
                continue
            score = float(crps(issued.forecast, after.value))
            scored.append(
                ScoredForecast(issued, after.value, score, after.value - issued.forecast.mean)
            )
            if position == 0:
                breakdown = {"team": -score, "adversaries": score - cost}
                names = tuple(agent.name for agent in self.learning.team.forecasters)
                others = self._others.pop(issued.origin)
                breakdown |= rewards(issued, names, others, after.value, score)
                self._rewards[after.t] = -score
        return tuple(scored), breakdown
