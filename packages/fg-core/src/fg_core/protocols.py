"""The small contracts between the game and everything that can be plugged into it.

Each protocol says what the game calls and what it may rely on; `fg_core.testing` has a
conformance check for each. Agents are frozen values: `fit` and `update` return new ones, `act` is
pure. `fit` and `update` are optional for agents that have nothing to learn; `sensitivity` is
optional for forecasters (the game takes a finite difference of `act` where it is missing).

An agent's learning happens in two places that must not be mixed up. What it learns from
*revealed* values is kept (the confirmed state); what it learns from a print that is not revealed
yet is used for this round's forecast and thrown away (the provisional state). The game does the
book-keeping; an agent only has to be a pure function of what it is given.

Agents may have an *array form* as well, by which a batch asks them once for all its games; see
`fg_core.batch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, Self, runtime_checkable

from .action import AgentAction
from .attack_budget import AttackBudget
from .config import SimulationConfig
from .forecast import ProbabilisticForecast
from .observation import Dataset
from .query import Query
from .record import TrajectoryEntry
from .revealed import Revealed, RevealedForecast
from .scenario_outcome import ScenarioOutcome
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
    "Evaluator",
    "Executor",
    "Forecaster",
    "ModelBackend",
    "PolicyLoader",
    "Query",
    "Refactorer",
    "Refiner",
    "Revealed",
    "RevealedForecast",
    "ScenarioOutcome",
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
    with respect to `state.value`, and `group`, the name of the idea behind it, so that an
    aggregator may give an idea one vote however many forecasters follow it.

    Optional as well is `required_history(horizon=1, *, since_fit=1, since_reveal=1, refits=False)`:
    how many earlier values `state.history` must hold for `act` to have an answer, an int. A fitted
    forecaster knows; `since_fit` is how many periods after the last row of its window the state
    lies, `since_reveal` how many after the last that it learned of, by `fit` or `update`, and
    `refits` asks for the most that it may need after any later fit. `fg_core.lookback` refuses,
    before the first round, a game that shows less. Without it, a forecaster is taken to need none.
    """

    @property
    def name(self) -> str: ...
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction: ...


@runtime_checkable
class Adversary(Protocol):
    """Tampers with the value that everyone downstream sees.

    `act(state, budget)` sees the true state and returns what it adds to the value. The game cuts
    it to the budget. Optional: `fit(window)` and `update(revealed)`.
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
    `fit(window)` and `update(revealed)`.
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

    The forecasts that it learns from do not contain its bias.
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
    """Runs a strategy: from what an agent sees to the change it expects in one step."""

    @property
    def name(self) -> str: ...
    def forecast_delta(self, state: ForecastState) -> float: ...


@runtime_checkable
class Refiner(Protocol):
    """Proposes a small adjustment from a trajectory, within [-limit, limit]."""

    @property
    def limit(self) -> float: ...
    def refine(self, trajectory: Sequence[TrajectoryEntry]) -> float: ...


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
    """Runs independent tasks; results come back in the order of the tasks.

    `function` is importable by name and pure, so that a task may run in another process, be run
    twice, and still give the one result.
    """

    @property
    def name(self) -> str: ...
    def map(self, function: Any, tasks: Sequence[Any]) -> list[Any]: ...


@runtime_checkable
class Evaluator(Protocol):
    """Scores a configuration; lower is better. Must not look at test data."""

    def evaluate(self, config: SimulationConfig) -> float: ...


@runtime_checkable
class ValidationScenario(Protocol):
    """A named check of behaviour that can fail."""

    @property
    def name(self) -> str: ...
    def run(self, seed: int) -> ScenarioOutcome: ...
