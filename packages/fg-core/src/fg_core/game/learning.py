"""Confirmed and provisional knowledge: who has learned what by when.

Period r is printed in round r and revealed `reveal_lag` rounds later. `Learning` holds the
confirmed team, which has learned from revealed values only, and derives from it, for one print,
the provisional team that has also learned from the prints since. Weights, scales, defenses and
the refactorer learn from *claims*: forecasts recomputed from revealed values at their origin, so
that a false print spoils none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from fg_core.config import SimulationConfig
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import Revealed, RevealedForecast
from fg_core.window import TrainingWindow

from .ledger import Record

__all__ = ["Knowledge", "Learners", "Learning"]


class Learners(Protocol):
    """The agents of a game (`Team`) or of many (`ArrayTeam`)."""

    @property
    def watches(self) -> bool:
        """Whether a forecaster learns anything from being shown a print."""

    def claim(self, state: Any, horizon: int) -> Any:
        """Return what they say from a state."""

    def claims_as(self, other: Any) -> bool:
        """Whether forecasters and aggregator are those of another team, the very objects."""

    def judged(self, outcomes: Sequence[RevealedForecast]) -> Self:
        """Return them after the pool has learned from `outcomes`."""

    def taught(self, revealed: Revealed) -> Self:
        """Return them after a reveal."""

    def shown(self, revealed: Revealed) -> Self:
        """Return them after a print."""

    def refitted(self, window: TrainingWindow, ready: Self | None = None) -> Self:
        """Return them fitted anew."""


L = TypeVar("L", bound=Learners)


@dataclass(frozen=True)
class _Fit(Generic[L]):
    """A provisional fit, kept for the case that its print turns out to be true."""

    window: TrainingWindow
    team: L


@dataclass(frozen=True, eq=False)
class _Trial(Generic[L]):
    """What followed from a print, kept for the case that it turns out to be true.

    Nothing is learned from it: what is taken from a trial is what would be computed once more.
    """

    t: int
    printed: Any
    team: L
    claims: Mapping[int, Any]


@dataclass(frozen=True, eq=False)
class Knowledge(Generic[L]):
    """What the agents of a game know between two rounds.

    Args:
        team: The confirmed agents.
        claims: What they claimed from revealed values, by origin and horizon; empty before the
            first round.
        issued: What they claimed with prints used, where the origin is not revealed yet.
    """

    team: L
    claims: Mapping[tuple[int, int], Any] = field(default_factory=lambda: frozen_mapping())
    issued: Mapping[tuple[int, int], Any] = field(default_factory=lambda: frozen_mapping())


class Learning(Generic[L]):
    """The knowledge of a game's agents; it grows with every reveal.

    Args:
        knowledge: What they know before the next round.
        ledger: The record.
        config: The settings.
        first_t: The first period of the game.
    """

    def __init__(
        self,
        knowledge: Knowledge[L],
        ledger: Record[Any],
        config: SimulationConfig,
        first_t: int,
    ) -> None:
        self.team = knowledge.team
        self._ledger = ledger
        self._config = config
        self._first_t = first_t
        self._lag = config.reveal_lag
        # Defenders need the predictive of the print, whatever horizons are asked.
        self.horizons = tuple(sorted({*config.horizons, config.reveal_lag}))
        self._claims: dict[tuple[int, int], Any] = dict(knowledge.claims)
        self._issued: dict[tuple[int, int], Any] = dict(knowledge.issued)
        self._fit: _Fit[L] | None = None
        # By period: values that it may have, and the team once its pool has learned them.
        self._judged: list[tuple[int, Any, L]] = []
        self._trials: list[_Trial[L]] = []
        if not self._claims:
            self._claim_from(ledger.confirmed(first_t - self._lag))

    @property
    def knowledge(self) -> Knowledge[L]:
        """What the agents know now; a fit kept for a reveal is left out: it can be made again."""
        return Knowledge(self.team, FrozenMapping(self._claims), FrozenMapping(self._issued))

    def claim(self, origin: int, horizon: int) -> Any:
        """Return the confirmed claim made at `origin`, or None where there is none."""
        return self._claims.get((origin, horizon))

    def remember(self, claim: Any) -> None:
        """Keep what was claimed with a print used, until its origin is revealed."""
        self._issued[claim.state.t, claim.horizon] = claim

    # ------------------------------------------------------------------------------ provisional

    def respond(self, t: int, printed: Any, horizons: Sequence[int]) -> tuple[Any, dict[int, Any]]:
        """Return the observation of period `t`, and what is claimed from it with its print used.

        Args:
            t: The period.
            printed: Its print (which need not be the recorded one: see the attribution of hits).
            horizons: Those that are asked for.
        """
        observation = self._ledger.observed(t, printed, revealed=t - self._lag)
        team = self.provisional(t, printed)
        claims = {h: team.claim(observation, h) for h in horizons}
        if self._lag == 1:
            self._trials.append(_Trial(t, printed, team, claims))
        return observation, claims

    def provisional(self, t: int, printed: Any) -> L:
        """Return the team that takes the prints up to period `t` for true.

        Args:
            t: The period.
            printed: Its print.
        """
        revealed = t - self._lag
        team = self.team
        for period in range(revealed + 1, t + 1):
            value = printed if period == t else self._ledger.printed(period)
            if period == revealed + 1:
                team = self._judge(period, value)
            else:
                team = team.judged(self._outcomes(period, value, provisional=True))
            if team.watches:
                state = self._ledger.observed(period, value, revealed=revealed)
                team = team.shown(Revealed(state, value))
        if self._is_refit(t):
            window = self._window(t, revealed, printed)
            ready = self._fit.team if self._fit is not None and self._fit.window == window else None
            team = team.refitted(window, ready)
            self._fit = _Fit(window, team)
        return team

    def _window(self, t: int, revealed: int, printed: float | None = None) -> TrainingWindow:
        known = self._ledger.window(t, revealed=revealed, printed=printed)
        return known.last(self._config.train_window, gap=self._config.fit_gap)

    def _is_refit(self, t: int) -> bool:
        every = self._config.refit_every
        return every > 0 and t >= self._first_t and (t - self._first_t) % every == 0

    def _outcomes(
        self, period: int, value: Any, *, provisional: bool = False
    ) -> Sequence[RevealedForecast]:
        found = []
        for h in self.horizons:
            claim = self._claims.get((period - h, h))
            if claim is None and provisional:
                claim = self._issued.get((period - h, h))
            if claim is not None:
                found.append(RevealedForecast(claim.state, h, claim.actions, claim.forecast, value))
        return found

    # -------------------------------------------------------------------------------- confirmed

    def reveal(self, period: int, rewards: Mapping[int, Any]) -> None:
        """Learn the true value of `period`, refit if that is due, and claim from there.

        Args:
            period: The period whose value becomes known to the agents.
            rewards: The team's reward by period of the target.
        """
        value = self._ledger.value(period)
        team = self._judge(period, value)
        expected = self._claims.get((period - self._lag, self._lag))
        state = self._ledger.confirmed(period)
        team = team.taught(
            Revealed(
                state,
                self._ledger.printed(period),
                None if expected is None else expected.forecast,
                reward=rewards.get(period),
            )
        )
        if self._is_refit(period):
            window = self._window(period, period)
            # Where the print was true, the fit made with it is this fit.
            ready = self._fit.team if self._fit is not None and self._fit.window == window else None
            team = team.refitted(window, ready)
        self.team = team
        self._claim_from(state, self._known_claims(period, value))
        self._drop_before(period)
        self._judged.clear()
        self._trials.clear()

    def _judge(self, period: int, value: Any) -> L:
        """Return the confirmed team after its pool has learned `value`, the next to be revealed."""
        for known_period, known, judged in self._judged:
            if known_period == period and _same(known, value):
                return judged
        team = self.team.judged(self._outcomes(period, value))
        self._judged.append((period, value, team))
        return team

    def _known_claims(self, period: int, value: Any) -> Mapping[int, Any]:
        """Return what a trial claimed, where it is what the confirmed team would claim now.

        With a reveal lag of 1 the observation of a true print is the confirmed state.
        """
        found: dict[int, Any] = {}
        for trial in self._trials:
            if (
                trial.t == period
                and trial.team.claims_as(self.team)
                and _same(trial.printed, value)
            ):
                found.update(trial.claims)
        return found

    def _claim_from(self, state: Any, known: Mapping[int, Any] | None = None) -> None:
        for h in self.horizons:
            claim = known.get(h) if known else None
            self._claims[state.t, h] = self.team.claim(state, h) if claim is None else claim
            self._issued.pop((state.t, h), None)

    def _drop_before(self, period: int) -> None:
        oldest = period - max(self.horizons)
        for key in [k for k in self._claims if k[0] < oldest]:
            del self._claims[key]


def _same(a: Any, b: Any) -> bool:
    """Whether two numbers, or two arrays of them, are equal."""
    if a is b:
        return True
    equal = a == b
    return equal if isinstance(equal, bool) else bool(equal.all())
