"""Contracts of the agents: forecaster, adversary, defender, aggregator, refactorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Protocol, Self, runtime_checkable

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import frozen_mapping
from fg_core.revealed import RevealedForecast
from fg_core.rng import Draws
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["Adversary", "Aggregator", "AttackBudget", "Defender", "Forecaster", "Refactorer"]


@dataclass(frozen=True)
class AttackBudget:
    """Budget of attack that an adversary may still spend.

    Args:
        scale: Size of one unit of attack, in the unit of the series (the one-step scale).
        cap: Rest of this round's cap, in units.
        remaining: Rest of the game's total, in units.
        cost: Cost of a unit.
        draws: This agent's random numbers of this round.
        spent: Units that this adversary has spent in the game so far.
        game: Number of the game among games of one seed; in a batch, an array of shape (game,).
        context_scales: One unit of attack on each context column, in the unit of the column: its
            one-step scale before the game. Columns that never moved there have a scale of 0, and
            what is added to them counts nothing. In a batch of series that differ, arrays of shape
            (game,) of the columns that all of them have.
    """

    scale: float
    cap: float
    remaining: float
    cost: float
    draws: Draws
    _: KW_ONLY
    spent: float = 0.0
    game: Any = 0
    context_scales: Mapping[str, Any] = frozen_mapping()


@runtime_checkable
class Forecaster(Protocol):
    """Forecasts the change of a series.

    `act(state, horizon)` returns an `AgentAction` with the expected change from `state.value` in
    `horizon` steps and, where the model has one, the standard deviation of that forecast. It may
    raise `ForecastUnavailable`, and `AgentError` where the state's history is too short for it.
    Optional: `fit(window)`, `update(revealed)`, both returning a new
    forecaster, `sensitivity(state, horizon)`, the derivative of the forecast of the *level*
    with respect to `state.value`, `sensitivities(state, horizon, n)`, the tuple of n such
    derivatives with respect to the last n values of the path, newest first (the first of them does
    not depend on n), `with_draws(draws)` (see above), and `group`, the name of the
    idea behind it, so that an aggregator may give an idea one vote however many forecasters
    follow it.

    Optional as well is `columns_read(columns)`: which of these context columns (names) it may read
    the numbers of, in whatever it does. What it says does not depend on the numbers of the others
    by one bit; which of them are there may matter. Without it, it is taken to read all.

    Optional as well is `fit_panel(windows)`, which is called instead of `fit` and returns a
    sequence of fitted forecasters, one per window and in their order: before the first round with
    the windows of all series, and at each refit with those of a panel. Windows of one call end in
    the same period and may differ in length. It is called on the fitted forecaster of any of the
    series, so what it returns depends on the windows and the settings alone. Where it fails
    numerically, or raises `ForecastUnavailable`, no series of the panel has its forecast until the
    next fit. Pools of forecasters and transforms fit their members series by series, by `fit`.

    Optional as well is `required_history(horizon=1, *, since_fit=1, since_reveal=1, refits=False)`:
    how many earlier values `state.history` must hold for `act` to have an answer, an int. A fitted
    forecaster knows; `since_fit` is how many periods after the last row of its window the state
    lies, `since_reveal` how many after the last that it learned of, by `fit` or `update`, and
    `refits` asks for the most that it may need after any later fit. `fg_core.lookback` refuses,
    before the first round, a game that shows less. Without it, a forecaster is taken to need none.

    A class of agents of any role may say by `reads_back(season_length)` how many earlier values of
    `state.history` it reads at most, whatever it is fitted to, besides those that came since it
    last learned; further ones change nothing that it returns. Where all agents say so, series whose
    pasts have other lengths are played together, and are shown as many values as the shortest past
    has. It counts for the class that has it, not for a subclass.

    A class of which a game has many may have class methods by which they are asked and fitted at
    once, in a game alone and in a few games on series of their own. `act_together(games, states,
    horizon)` is given the agents and the state of each game, and returns `ActionArrays` with a
    delta, a scale and a reason per agent, game after game: NaN where there is none, and the reason
    "" where there is a forecast. `slopes_together(games, states, horizon)` returns their
    sensitivities, shape (agent,), any number where an agent has no forecast. `fit_together(agents,
    windows)`, with a window per agent, returns the fitted agents in their order; one that cannot be
    fitted says so when it is asked. All are, to the last bit, what `act`, `sensitivity` and `fit`
    of each return, and are not used for a class that overrides these and inherits the others.
    """

    @property
    def name(self) -> str: ...
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction: ...


@runtime_checkable
class Adversary(Protocol):
    """Tampers with the value that all other agents see.

    `act(state, budget)` sees the true state and returns what it adds to the value and, in
    `AgentAction.context`, to context columns of the same period. The game cuts it to the budget:
    the value first, then columns in the order of their names, each in units of its own one-step
    scale (`AttackBudget.context_scales`). A column that the observation does not show is an
    `AgentError`. Optional: `fit(window)` and `update(revealed)`.
    """

    @property
    def name(self) -> str: ...
    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction: ...


@runtime_checkable
class Defender(Protocol):
    """Doubts prints.

    `act(state, predictive)` sees the observation and the distribution of its value as it was
    forecast from revealed values, and returns how far it would move the print, how probable it
    is that the print is bad, and the scale of the value it would put in its place. Optional:
    `fit(window)`, `update(revealed)` and `with_draws(draws)` (see above), and
    `learns_from_revisions`: where it is True, `update` is also called for values that were revised
    and are not settled yet (`revealed.settled` is False), possibly several times for a period.

    Prints that are not settled stay doubtful: `state.value` and the last `state.n_unrevealed`
    numbers of `state.history` (where a stand-in for a missing value is a number like any other).
    A defender that doubts several of them returns `AgentAction.doubting(name, alternatives)`:
    exclusive hypotheses (`Alternative`), each with a probability, a correction along a pattern of
    prints, and its standard deviation; the forecast mixes over them and over "all are true". Of
    such defenders one may play at a time, beside any number that doubt the newest print alone; one
    that says so by `doubts_earlier_prints = True` lets a game refuse a second one before the first
    round.

    Optional as well is `sensitivities_wanted`, a whole number n: `act(state, predictive,
    sensitivities=...)` is then given the derivatives of the mean of the pool's one-step forecast
    with respect to the last n values, newest first, a tuple of n floats. That forecast is made from
    the last revealed state; 0 stands for values that it does not show.
    """

    @property
    def name(self) -> str: ...
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction: ...


@runtime_checkable
class Aggregator(Protocol):
    """Pools what forecasters say into one predictive distribution.

    `start(names, window, horizons)` returns an aggregator for those forecasters; `aggregate`
    is pure; `update` returns one that has learned from a forecast whose target is revealed.
    `inflation` is, per action, a standard deviation that the uncertainty of the input adds. An
    action of None is a forecaster without a forecast; where all are, `aggregate` raises
    `AgentError`. Optional: `weights(horizon)` by forecaster, and `with_groups(groups)`, which
    returns an aggregator that knows the groups of the forecasters, by name.

    Optional as well is `update_panel(pools, outcomes)`, which is called instead of `update`, on the
    aggregator of any of the series, with the aggregators of all series of a panel and an outcome of
    each, of one period and horizon. It returns a sequence of the aggregators that have learned, one
    per series.
    """

    @property
    def name(self) -> str: ...
    def start(
        self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]
    ) -> Self: ...
    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast: ...
    def update(self, outcome: RevealedForecast) -> Self: ...


@runtime_checkable
class Refactorer(Protocol):
    """Corrects the pool's mean error: `bias(horizon)` is added to every issued forecast.

    The forecasts that it learns from do not contain its bias. Optional: `waits_for_reveals`; where
    it is True the refactorer is taught revealed values alone, and is left as it is where the game
    derives from a print what forecasters and pool would make of it. And `fallbacks`, how often it
    had no correction to offer, by reason.
    """

    @property
    def name(self) -> str: ...
    def bias(self, horizon: int = 1) -> float: ...
    def update(self, outcome: RevealedForecast) -> Self: ...
