"""Contracts of nature and of rules: disturbance, defense, world."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from fg_core.alternatives import OutlierAssessment
from fg_core.config import SimulationConfig
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["Defense", "Disturbance", "World"]


@runtime_checkable
class Disturbance(Protocol):
    """Disturbance of a series by nature in a round.

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
    ) -> OutlierAssessment: ...
    def learn(
        self, memory: tuple[Any, ...], revision: Any, surprise: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]: ...


@runtime_checkable
class World(Protocol):
    """World in which the series moves: simulated, or replayed from a record.

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
