"""The small contracts between the game and everything that can be plugged into it.

Each protocol says what the game calls and what it may rely on; `fg_core.testing` has a
conformance check for each. Agents are frozen values: `fit` and `update` return new ones, `act` is
pure. `fit` and `update` are optional for agents that have nothing to learn; `sensitivity` is
optional for forecasters (the game takes a finite difference of `act` where it is missing).

An agent's learning happens in two places that must not be mixed up. What it learns from
*revealed* values is kept (the confirmed state); what it learns from a print that is not revealed
yet is used for this round's forecast and thrown away (the provisional state). The game does the
book-keeping; an agent only has to be a pure function of what it is given.

A forecaster or a defender may draw random numbers: one that has `with_draws(draws)` is bound to
its draws of the round before each `act`, as in `agent.with_draws(draws).act(state, horizon)`.
`draws` (`fg_core.rng.Draws`) gives numbers by index, keyed by the stream of the agent's role, its
name, the game and the round, so the same ones each time it is asked in that round. What
`with_draws` returns is used for that round and thrown away: `fit` and `update` are called on the
agent itself. An agent that is not bound acts all the same, without chance. (An adversary finds
its draws in its budget.) `ForecastState.game` is the number of the game.

A forecaster and an aggregator may see *panels*: all series of a batch at once, by `fit_panel` and
`update_panel`. The panel of game number g is game g of every series, at one period: values up to
there, as they were reported in those games, and nothing later of any series. Hits of other games
are no part of it. Where such an agent plays, all series of a batch must begin in the same period,
with as many rounds and games of the same numbers, and records must have their periods at the same
times; what differs is refused before the first round. A game of one series is a panel of one.

Agents may have an *array form* as well, by which a batch asks them once for all its games; see
`fg_core.batch`; `with_draws` is then given arrays, shape (game,), and `act_array` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, Self, runtime_checkable

from .action import AgentAction
from .attack_budget import AttackBudget
from .config import SimulationConfig
from .forecast import ProbabilisticForecast
from .observation import Dataset
from .query import Query
from .revealed import Revealed, RevealedForecast
from .rng import Draws
from .runtime_status import RuntimeStatus, StrategyAnswer
from .scenario_outcome import Requirement, ScenarioOutcome
from .state import ForecastState
from .suspicion import Suspicion
from .window import TrainingWindow

__all__ = [
    "Adversary",
    "Aggregator",
    "AttackBudget",
    "DataSource",
    "Defender",
    "Defense",
    "Disturbance",
    "Draws",
    "Evaluator",
    "Executor",
    "Forecaster",
    "ModelBackend",
    "PolicyLoader",
    "Query",
    "Refactorer",
    "Refiner",
    "Requirement",
    "Revealed",
    "RevealedForecast",
    "RuntimeStatus",
    "ScenarioOutcome",
    "StrategyAnswer",
    "StrategyRuntime",
    "Suspicion",
    "ValidationScenario",
    "World",
]


# --------------------------------------------------------------------------------------- agents


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
    """Tampers with the value that everyone downstream sees.

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


# ------------------------------------------------------------------------- models and strategies


@runtime_checkable
class ModelBackend(Protocol):
    """A statistical model behind a forecaster.

    `predict` is the expected change from `state.value` in `horizon` steps, `predict_scale` its
    standard deviation; `fit` returns a fitted backend.
    """

    def fit(self, window: TrainingWindow) -> Self: ...
    def predict(self, state: ForecastState, horizon: int = 1) -> float: ...
    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float: ...


@runtime_checkable
class StrategyRuntime(Protocol):
    """Runs a strategy: from what an agent sees to the change it expects in one step.

    Optional: `status()`, the `RuntimeStatus` of what would compute the next answer;
    `answer(state)`, a `StrategyAnswer`: what `forecast_delta` returns, with the status of what
    computed it, for runtimes whose answers may come from a substitute; and `close()`, which ends
    processes and connections and may be called twice. `fg_core.runtime_status.answer_of` asks any
    runtime, with these methods or without.
    """

    @property
    def name(self) -> str: ...
    def forecast_delta(self, state: ForecastState) -> float: ...


@runtime_checkable
class Refiner(Protocol):
    """Proposes a small correction of the pool from its revealed forecasts.

    `propose(outcomes)` is pure. It is shown forecasts recomputed from revealed values, with their
    targets, of one horizon and oldest first (any number, none included): no true state that is
    not revealed, and no value of the future. It returns the correction that it proposes, in
    standard deviations of those forecasts and within [-`limit`, `limit`]; positive where targets
    come out above the forecasts. The forecasts do not contain the corrections before, so a
    proposal replaces the last one and adds nothing to it. NaN is no correction;
    `ForecastUnavailable`, or another error of ours, is none either and says why.
    `fg_core.agents.RefiningAgent` puts a refiner into the refactorer's seat of a game.
    """

    @property
    def name(self) -> str: ...
    @property
    def limit(self) -> float: ...
    def propose(self, outcomes: Sequence[RevealedForecast]) -> float: ...


@runtime_checkable
class PolicyLoader(Protocol):
    """Reads a saved policy and returns the agent that plays it; never by unpickling."""

    def load(self, path: str) -> Forecaster | Adversary | Defender: ...


# -------------------------------------------------------------------------- nature and its rules


@runtime_checkable
class Disturbance(Protocol):
    """What nature does to a series in a round.

    Pure, elementwise over arrays of games: `sample` maps states and draws to disturbances in
    world units. `uniforms` and `normals` have `n_uniforms` and `n_normals` entries on their
    first axis. In a batch, the number fields of `state` are arrays of shape (game,), but for `t`,
    which is one number. A probability or an intensity of 0 gives exactly 0.
    """

    @property
    def name(self) -> str: ...
    @property
    def n_uniforms(self) -> int: ...
    @property
    def n_normals(self) -> int: ...
    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any: ...


@runtime_checkable
class Defense(Protocol):
    """The rule by which a defender doubts; pure and elementwise over arrays of games.

    A defense knows only the *suspected displacement*, print minus predictive mean, and the
    predictive scale. `memory` is what it has learned from reveals, a tuple of arrays. A reveal
    tells it the `revision`, print minus revealed value, and the `surprise`, revealed value minus
    predictive mean; both add up to the displacement that it had doubted.
    """

    @property
    def name(self) -> str: ...
    def start(self) -> tuple[Any, ...]: ...
    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> Suspicion: ...
    def learn(
        self, memory: tuple[Any, ...], revision: Any, surprise: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]: ...


@runtime_checkable
class World(Protocol):
    """Where the series moves: simulated, or replayed from a record.

    `training` is what was revealed before the game begins (its last row is the period before
    `initial`), `rounds` how many rounds can be played (None: any number), `unit` the size of a
    disturbance of 1 in the unit of the series, and `advance` the next state; `noise` is a
    standard normal draw. `withheld` names the context columns that determine the value of their
    own period and so may not be shown beside a print.

    Optional: `vintage(t)`, the `fg_core.vintage.Vintage` of origin `t`, for series whose values
    come late or are revised. What is known at an origin is then the world's business: agents see
    the values that had come out by then, as they stand, and learn from those that are settled; the
    values of the states are what forecasts are scored on. `training` then returns the values as
    they stand at the origin of `initial`, with a stand-in where none has come out. Vintages do not
    depend on what happens in a game, and `vintage` is asked from the period before the first
    origin on. Without it a value is printed in the round of its period and settled
    `reveal_lag` rounds later.

    States say in `known_ahead` what context is known in advance. Optional: `known_ahead`, the
    names of the columns that are, so that the periods before a game have it too; `ahead`, how many
    periods ahead they are known (None: any number); and `looking_ahead(n)`, which returns a world
    whose states look at most `n` periods ahead, since a game looks as far as its longest horizon.
    Optional: `timestamps(last)`, when the periods up to period `last` begin, oldest first, for
    games whose agents see all series at once.
    """

    @property
    def withheld(self) -> frozenset[str]: ...
    def training(self, initial: ForecastState) -> TrainingWindow: ...
    def rounds(self, initial: ForecastState) -> int | None: ...
    def unit(self, step_scale: float) -> float: ...
    def advance(
        self, state: ForecastState, *, noise: float, disturbance: float, persistence: float
    ) -> ForecastState: ...


# ------------------------------------------------------------------------- around the game


@runtime_checkable
class DataSource(Protocol):
    """Delivers observations as they were known at a moment (`as_of`; None: all that is known)."""

    @property
    def name(self) -> str: ...
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset: ...


@runtime_checkable
class Executor(Protocol):
    """Runs independent tasks.

    `stream(function, tasks)` yields `(position, result)` as results come, in any order, each
    position of `tasks` once. A task that raises yields its exception as the result and ends no
    other (so no task returns an exception). `map` returns the results in the order of the tasks
    and raises the exception of the first task that raised one; `fg_core.executors.ordered` makes
    a `map` of any `stream`. `function` is importable by name and pure, so that a task may run in
    another process, be run twice, and still give the one result. A stream that is closed early
    starts no further task.
    """

    @property
    def name(self) -> str: ...
    def stream(self, function: Any, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]: ...
    def map(self, function: Any, tasks: Sequence[Any]) -> list[Any]: ...


@runtime_checkable
class Evaluator(Protocol):
    """Scores a configuration; lower is better. Must not look at test data.

    `agents` makes the agents that play from the settings (an `AgentFactory` of
    `fg_core.registry`); None: those that the evaluator plays of its own accord.
    """

    def evaluate(
        self,
        config: SimulationConfig,
        agents: Callable[[SimulationConfig], Any] | None = None,
    ) -> float: ...


@runtime_checkable
class ValidationScenario(Protocol):
    """A named check of behaviour that can fail.

    `description` says in one line what is checked, `requires` what it cannot run without. Where
    something of that is missing, the outcome is "skipped" and names it.
    """

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def requires(self) -> Sequence[Requirement]: ...
    def run(self, seed: int) -> ScenarioOutcome: ...
