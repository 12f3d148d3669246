"""Confirmed and provisional knowledge: who has learned what by when.

The value of period r is reported in round r and revealed `reveal_lag` rounds later. `Learning`
holds the confirmed experts, which have learned from revealed values only, and derives from them,
for what is reported, the provisional experts that have also learned from the values reported since.
Weights, scales, defenses and the refactorer learn from forecasts recomputed from revealed values at
their origin, so that a false value spoils none of them.

Games on one recorded series share the confirmed experts (see `fg_core.game.ledger`), and games that
also saw the same reported values share the provisional ones: each is worked through once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, StateArrays
from fg_core.config import SimulationConfig
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.window import TrainingWindow

from .aggregator_batch import OutcomeLanes
from .knowledge import Knowledge, Responses
from .ledger import Ledger
from .pool_sensitivities import pool_sensitivities
from .revealed_lanes import RevealedLanes
from .schedule import Schedule
from .sharing import distinct_lanes
from .team import ExpertForecasts, Experts
from .trials import Trial, Trials

__all__ = ["Learning"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

_NO_LANES: Lanes = np.zeros(0, dtype=np.intp)


class Learning:
    """The knowledge of the experts of many games; it grows with every reveal.

    Args:
        knowledge: Knowledge of the experts before the next round.
        ledger: Record of the games.
        path_of: Path of each game; None: each game has a path of its own.
        config: Settings of the games.
        first_t: First period of the games.
        schedule: Periods in which values are printed and settled.
        horizons: Horizons that forecasts are made for and learned from, in rounds: those that are
            issued, and those of the predictives of prints, which defenders need.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        ledger: Ledger,
        path_of: Lanes | None,
        config: SimulationConfig,
        first_t: int,
        schedule: Schedule,
        horizons: tuple[int, ...],
    ) -> None:
        self.experts = knowledge.experts
        self._ledger = ledger
        self._path_of = path_of
        self._config = config
        self.first_t = first_t
        self.schedule = schedule
        self.horizons = horizons
        # A print that is settled before the next one comes out may turn out true as a whole.
        self._tries = schedule.is_plain and schedule.lag == 1
        self._forecasts: dict[tuple[int, int], ExpertForecasts] = dict(knowledge.forecasts)
        self._issued: dict[tuple[int, int], ExpertForecasts] = dict(knowledge.issued)
        self._trials = Trials()
        self._by_game: Experts | None = None
        if not self._forecasts:
            self._forecast_from(ledger.confirmed(schedule.settled(first_t)))

    @property
    def ledger(self) -> Ledger:
        """The record that it reads."""
        return self._ledger

    def reading(self, ledger: Ledger) -> Learning:
        """Return what is known, with another record to read."""
        return Learning(
            self.knowledge,
            ledger,
            self._path_of,
            self._config,
            self.first_t,
            self.schedule,
            self.horizons,
        )

    @property
    def knowledge(self) -> Knowledge:
        """Knowledge of the experts now."""
        return Knowledge(self.experts, FrozenMapping(self._forecasts), FrozenMapping(self._issued))

    def expected(self, t: int) -> MixtureArrays | None:
        """Return what is forecast for the newest value at origin `t` from revealed values.

        Returns:
            One lane per game; None: the newest value is settled.
        """
        settled = self.schedule.settled(t)
        found = self._forecasts.get((settled, self.schedule.printed(t) - settled))
        if found is None:
            return None
        return found.forecast if self._path_of is None else found.forecast.take(self._path_of)

    def sensitivities(self, n: int) -> Array | None:
        """Return the sensitivities of the pool's one-step forecast from the last revealed state.

        Args:
            n: Number of the last values known there; 0: none.

        Returns:
            Shape (value, game), newest first; None where none are asked for.
        """
        if n == 0:
            return None
        t = max([origin for origin, horizon in self._forecasts if horizon == 1])
        found = pool_sensitivities(self.experts, self._forecasts[t, 1], n)
        return found if self._path_of is None else found[:, self._path_of]

    def remember(self, forecast: ExpertForecasts) -> None:
        """Keep what was forecast with a reported value used, until its origin is revealed."""
        self._issued[forecast.state.t, forecast.horizon] = forecast

    def confirmed_for(self, lanes: Lanes | None) -> Experts:
        """Return the confirmed experts of some games; None: of all."""
        if self._path_of is None:
            return self.experts if lanes is None else self.experts.take(lanes)
        if lanes is not None:
            return self.experts.take(self._path_of[lanes])
        if self._by_game is None:
            self._by_game = self.experts.take(self._path_of)
        return self._by_game

    # ------------------------------------------------------------------------------ provisional

    def respond(
        self,
        t: int,
        reported: Array,
        horizons: Sequence[int],
        lanes: Lanes | None = None,
    ) -> Responses:
        """Return the observations at origin `t`, and what is forecast with their values used.

        Args:
            t: Number of the origin.
            reported: Newest values as they are reported, one per lane, in the unit of the series
                (which need not be what was recorded: see the attribution of hits).
            horizons: Horizons that are asked for, in rounds.
            lanes: Game of each lane; None: all games.
        """
        period, revealed = self.schedule.printed(t), self.schedule.settled(t)
        observe = self._ledger.observed
        first, back = self._distinct(period, revealed, reported, lanes)
        if back is None:
            observation = observe(period, reported, revealed=revealed, lanes=lanes)
            forecasts = self._forecast_with(t, revealed, reported, observation, horizons, lanes)
            return Responses(observation, forecasts)
        some = first if lanes is None else lanes[first]
        seen = observe(period, reported[first], revealed=revealed, lanes=some)
        found = self._forecast_with(t, revealed, reported[first], seen, horizons, some)
        observation = observe(period, reported, revealed=revealed, lanes=lanes)
        return Responses(observation, {h: one.take(back) for h, one in found.items()})

    def _distinct(
        self, t: int, revealed: int, reported: Array, lanes: Lanes | None
    ) -> tuple[Lanes, Lanes | None]:
        """Return the first of the lanes that saw the same, and which of these each lane is like.

        None for the latter: they are not worth telling apart.
        """
        n = reported.shape[0]
        if self._path_of is None or n == 1:
            return _NO_LANES, None
        everyone = np.arange(n) if lanes is None else lanes
        earlier = range(revealed + 1, t)
        rows: list[Array] = [
            self._path_of[everyone].astype(np.float64),
            reported,
            *(self._ledger.reported(period)[everyone] for period in earlier),
        ]
        kinds = (self._ledger.reported_contexts.kinds(period) for period in (*earlier, t))
        rows += [one[everyone] for one in kinds if one is not None]
        # What was issued since the last reveal is learned from as well, and it was made from values
        # that were reported before: games differ in it that have seen the same since.
        for (origin, _), one in self._issued.items():
            if origin < t:
                rows += [row[everyone] for row in one.content()]
        # What is learned in a game may follow from all series of its panel.
        return distinct_lanes(rows, self.experts.n_series)

    def _forecast_with(
        self,
        t: int,
        revealed: int,
        reported: Array,
        observation: StateArrays,
        horizons: Sequence[int],
        lanes: Lanes | None,
    ) -> dict[int, ExpertForecasts]:
        experts, windows = self._provisional(revealed, reported, observation, lanes)
        acting = experts.in_round(t - observation.t)
        found = {h: acting.forecast(observation, h) for h in horizons}
        if self._tries:
            paths = self._paths(lanes)
            hit = self._ledger.context_hits(observation.t, lanes)
            trial = Trial(observation.t, paths, reported, experts, found, windows, hit)
            self._trials.keep(trial)
        return found

    def _paths(self, lanes: Lanes | None) -> Lanes | None:
        if self._path_of is None:
            return lanes
        return self._path_of if lanes is None else self._path_of[lanes]

    def _provisional(
        self, revealed: int, reported: Array, observation: StateArrays, lanes: Lanes | None
    ) -> tuple[Experts, Sequence[TrainingWindow] | None]:
        """Return the experts that take the values reported since `revealed` for true."""
        t = observation.t
        experts = self.confirmed_for(lanes)
        for period in range(revealed + 1, t + 1):
            value = reported
            if period < t:
                value = self._ledger.reported(period)
                value = value if lanes is None else value[lanes]
            if period == revealed + 1:
                experts = self._after_scores(period, value, lanes)
            else:
                outcomes = self._outcomes(period, value, lanes, provisional=True)
                experts = experts.after_scores(outcomes)
            if experts.learns_from_observations:
                state = observation
                if period < t:
                    state = self._ledger.observed(period, value, revealed=revealed, lanes=lanes)
                experts = experts.after_reveal(RevealedLanes.of(state, value), {})
        if not self._is_refit(t):
            return experts, None
        return self._refitted(experts, t, revealed, reported, lanes)

    def _refitted(
        self,
        experts: Experts,
        t: int,
        revealed: int,
        value: Array | None = None,
        lanes: Lanes | None = None,
    ) -> tuple[Experts, Sequence[TrainingWindow]]:
        """Return experts fitted anew, or as they were on the same windows; and on what."""
        n, gap = self._config.train_window, self._config.fit_gap
        windows = self._ledger.windows(t, revealed=revealed, value=value, lanes=lanes, n=n, gap=gap)
        ready, reuse = self._trials.fitted_on(t, windows, self.experts.n_series)
        return experts.refitted(windows, ready, reuse), windows

    def _is_refit(self, t: int) -> bool:
        every = self._config.refit_every
        return every > 0 and t >= self.first_t and (t - self.first_t) % every == 0

    def _outcomes(
        self, period: int, value: Array, lanes: Lanes | None, *, provisional: bool = False
    ) -> list[OutcomeLanes]:
        """Return the forecasts for `period` with its value.

        Args:
            period: Number of the period.
            value: Its value, one per lane (per path, where only paths are meant).
            lanes: Game of each lane; None: all.
            provisional: Whether forecasts of origins that are not revealed count as well.
        """
        found = []
        paths = self._paths(lanes)
        for h in self.horizons:
            one = self._forecasts.get((period - h, h))
            if one is not None:
                if paths is not None:
                    one = one.take(paths)
            elif provisional:
                one = self._issued.get((period - h, h))
                if one is not None and lanes is not None:
                    one = one.take(lanes)
            if one is not None:
                found.append(one.outcome(value))
        return found

    # -------------------------------------------------------------------------------- confirmed

    def reveal(self, period: int, t: int, rewards: Mapping[str, Array]) -> RevealedLanes:
        """Learn the values of `period`, refit if that is due, and forecast from there.

        Args:
            period: Period whose values become known to the agents.
            t: Origin at which they do.
            rewards: Rewards of the team ("team") and of every agent that is credited, for the
                forecast of these values, shape (game,).

        Returns:
            What the players of each game are told.
        """
        ledger, value = self._ledger, self._ledger.known(period)
        state = ledger.confirmed(period)
        predictive = self._predictive(period, t)
        trial = self._trials.that_came_true(period, value, self.experts.n_series)
        shared = self._path_of is not None
        told = RevealedLanes.of(
            state,
            value if shared else ledger.first_reported(period),
            predictive=predictive,
            reward=None if shared else rewards.get("team"),
            origin=t,
        )
        if trial is not None and trial[0].experts.learns_from_values:
            # What was reported is true: what followed from it is confirmed.
            one, lanes = trial
            self.experts = one.experts if lanes is None else one.experts.take(lanes)
            forecasts = {h: f if lanes is None else f.take(lanes) for h, f in one.forecasts.items()}
        else:
            forecasts = {}
            before = self._trials.scored_with_true(period, value, self.experts.n_series)
            if before is None:
                before = self.experts.after_scores(self._true_outcomes(period, value))
            experts = before.after_reveal(told, {} if shared else dict(rewards))
            if self._is_refit(period):
                experts, _ = self._refitted(experts, period, period)
            self.experts = experts
        if self.experts.waits_for_reveals:
            self.experts = self.experts.after_reveals(self._true_outcomes(period, value))
        self._by_game = None
        self._forecast_from(state, forecasts)
        oldest = period - max(self.horizons)
        for key in [key for key in self._forecasts if key[0] < oldest]:
            del self._forecasts[key]
        self._trials.clear()
        if not shared:
            return told
        assert self._path_of is not None
        return RevealedLanes.of(
            state.take(self._path_of),
            ledger.first_reported(period),
            predictive=None if predictive is None else predictive.take(self._path_of),
            reward=rewards.get("team"),
            origin=t,
        )

    def revised(self, period: int, t: int, *, settled: bool = False) -> RevealedLanes:
        """Return what players are told of a value that is doubtful, or was so before origin `t`.

        Args:
            period: Period whose value was revised, or is not doubted any more.
            t: Number of the origin.
            settled: Whether it is not doubted any more.
        """
        ledger, predictive = self._ledger, self._predictive(period, t)
        if predictive is not None and self._path_of is not None:
            predictive = predictive.take(self._path_of)
        until = self.schedule.settled(t)
        value = ledger.game_known(period) if period <= until else ledger.reported(period)
        return RevealedLanes.of(
            ledger.observed(period, value, revealed=until),
            ledger.first_reported(period),
            predictive=predictive,
            settled=settled,
            origin=t,
        )

    def _predictive(self, period: int, t: int) -> MixtureArrays | None:
        """Return what was forecast of the first value of `period`, one lane per path."""
        key = self.schedule.predicted_from(period, t)
        found = None if key is None else self._forecasts.get(key)
        return None if found is None else found.forecast

    def _after_scores(self, period: int, value: Array, lanes: Lanes | None) -> Experts:
        """Return the experts of games after their pool has learned `value`, the next revealed."""
        paths = self._paths(lanes)
        experts = self._trials.scored_with(period, paths, value)
        if experts is None:
            experts = self.confirmed_for(lanes).after_scores(self._outcomes(period, value, lanes))
            self._trials.keep_scored(period, paths, value, experts)
        return experts

    def _true_outcomes(self, period: int, value: Array) -> list[OutcomeLanes]:
        """Return the forecasts for `period` from revealed values, with its true value."""
        found = (self._forecasts.get((period - h, h)) for h in self.horizons)
        return [one.outcome(value) for one in found if one is not None]

    def _forecast_from(
        self, state: StateArrays, known: Mapping[int, ExpertForecasts] = frozen_mapping()
    ) -> None:
        for h in self.horizons:
            found = known.get(h)
            self._forecasts[state.t, h] = (
                self.experts.forecast(state, h) if found is None else found
            )
            self._issued.pop((state.t, h), None)
