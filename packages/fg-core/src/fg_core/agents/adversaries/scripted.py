"""An adversary that hits what it is told to hit: one script for all games, or one per game."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.action import AgentAction
from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

__all__ = ["ScriptedAdversary"]


@dataclass(frozen=True, eq=False)
class ScriptedAdversary:
    """Adds to each print what its script says for that period, and nothing in other periods.

    Hits are in the unit of the series, so that the attacks of a game (`BatchOutputs.attacks`,
    `StepResult.attack`) can be played again to the last bit; hits in step scales are multiplied by
    the step scale of the game first. The game cuts them to the budget as it does for any
    adversary, and rounds the print to the resolution of the series.

    Several scripts are played by number of the game (`AttackBudget.game`): row i belongs to game
    `first_game + i`, also where a batch is played in parts. Without a budget the number of the
    game is not known, and the first script is played.

    Args:
        hits: Mapping from period to hit, or hits of consecutive periods from `first_t` on, shape
            (round,), for all games alike; or shape (game, round), one script per game.
        context: Scripts of hits on context columns, by column: each as `hits`, in the unit of the
            column.
        first_t: Period of the first hit; not for a mapping, which names its periods.
        first_game: Number of the game that the first row belongs to.
        name: Name of the agent.

    Raises:
        ConfigError: Hits are not finite numbers or of another shape, or a period is not whole.

    >>> ScriptedAdversary({3: 0.5}).act(ForecastState(3, 1.0, 0.0, 0.0)).delta
    0.5
    >>> from fg_core.testing.examples import example_budget
    >>> agent = ScriptedAdversary([[0.0, 0.2], [0.4, 0.0]], first_t=120)
    >>> agent.act(ForecastState(120, 1.0, 0.0, 0.0), example_budget(game=1)).delta
    0.4
    >>> agent = ScriptedAdversary(context={"unemployment": {3: -0.5}})
    >>> dict(agent.act(ForecastState(3, 1.0, 0.0, 0.0)).context)
    {'unemployment': -0.5}
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    hits: Mapping[int, float] | ArrayLike = ()
    _: KW_ONLY
    first_t: int = 0
    first_game: int = 0
    name: str = "script"
    context: Mapping[str, Mapping[int, float] | ArrayLike] = field(default_factory=FrozenMapping)
    _columns: Mapping[str, ScriptedAdversary] = field(init=False, repr=False)
    _periods: NDArray[np.int64] = field(init=False, repr=False)
    _scripts: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("first_t", "first_game"):
            object.__setattr__(self, name, _whole(name, getattr(self, name)))
        if isinstance(self.hits, Mapping):
            if self.first_t != 0 and not self.context:
                raise ConfigError(
                    f"a mapping names its periods: first_t = {self.first_t} is for "
                    "hits of consecutive periods"
                )
            by_period = {_whole("a period", t): hit for t, hit in self.hits.items()}
            object.__setattr__(self, "hits", FrozenMapping(by_period))
            periods = np.array(sorted(by_period), dtype=np.int64)
            scripts = _hits([by_period[t] for t in periods.tolist()])
        else:
            scripts = _hits(self.hits)
            object.__setattr__(self, "hits", scripts)
            periods = self.first_t + np.arange(scripts.shape[-1], dtype=np.int64)
        object.__setattr__(self, "_periods", _fixed(periods))
        object.__setattr__(self, "_scripts", scripts)
        columns = {name: self._column(name, given) for name, given in self.context.items()}
        object.__setattr__(self, "_columns", FrozenMapping(columns))
        scripts_of = {name: one.hits for name, one in columns.items()}
        object.__setattr__(self, "context", FrozenMapping(scripts_of))

    def _column(self, column: str, given: Any) -> ScriptedAdversary:
        first_t = 0 if isinstance(given, Mapping) else self.first_t
        try:
            return ScriptedAdversary(
                given, first_t=first_t, first_game=self.first_game, name=self.name
            )
        except ConfigError as error:
            raise ConfigError(f"script of the context column {column!r}: {error}") from error

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScriptedAdversary):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        scripts = self._scripts
        return (
            self.name,
            self.first_game if scripts.ndim == 2 else 0,
            self._periods.tobytes(),
            scripts.shape,
            scripts.tobytes(),
            tuple(sorted((column, one._key()) for column, one in self._columns.items())),
        )

    def __reduce__(self) -> tuple[Callable[[Any], Any], tuple[Any]]:
        # Made anew from its settings, so that the copy can be written to as little as this one.
        settings: dict[str, Any] = {
            "first_t": self.first_t,
            "first_game": self.first_game,
            "name": self.name,
            "context": self.context,
        }
        return partial(type(self), **settings), (self.hits,)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`.

        Raises:
            ConfigError: A game that has no script.
        """
        if self._periods.size == 0:
            return 0.0
        t = np.asarray(state.t)
        column = np.minimum(np.searchsorted(self._periods, t), self._periods.size - 1)
        if self._scripts.ndim == 1:
            hit = self._scripts[column]
        else:
            hit = self._scripts[self._rows(budget), column]
        return np.where(self._periods[column] == t, hit, 0.0)[()]

    @property
    def context_delta(self) -> Callable[..., Mapping[str, Any]]:
        """What it adds to context columns, by column, elementwise; absent where it has no script.

        Called with the state and the budget, as `delta`.
        """
        if not self._columns:
            raise AttributeError("context_delta")
        return self._context_delta

    def _context_delta(self, state: Any, budget: Any = None) -> Mapping[str, Any]:
        return {column: one.delta(state, budget) for column, one in self._columns.items()}

    def _rows(self, budget: Any) -> NDArray[np.int64]:
        """Return the row of the script that each game plays."""
        if budget is None:
            return np.zeros((), dtype=np.int64)
        games = np.asarray(budget.game, dtype=np.int64)
        rows: NDArray[np.int64] = games - self.first_game
        missing = (rows < 0) | (rows >= self._scripts.shape[0])
        if missing.any():
            last = self.first_game + self._scripts.shape[0] - 1
            raise ConfigError(
                f"adversary {self.name!r} has scripts for the games {self.first_game} to {last} "
                f"and none for game {int(games[missing].flat[0])}"
            )
        return rows

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        delta = float(self.delta(state, budget))
        if not self._columns:
            return AgentAction(self.name, delta)
        hits = {name: float(hit) for name, hit in self._context_delta(state, budget).items()}
        return AgentAction(self.name, delta, context={name: x for name, x in hits.items() if x})


def _whole(name: str, number: Any) -> int:
    if not isinstance(number, bool):
        try:
            return operator.index(number)
        except TypeError:
            pass
    raise ConfigError(f"{name} of a script must be a whole number, got {number!r}")


def _hits(given: Any) -> NDArray[np.float64]:
    try:
        hits = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the hits of a script must be an array of numbers: {error}") from error
    if hits.ndim not in (1, 2) or (hits.ndim == 2 and hits.shape[0] == 0):
        raise ConfigError(
            f"hits have the shape (round,), or (game, round) with a game at least, got {hits.shape}"
        )
    if not np.isfinite(hits).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(hits))[0])
        raise ConfigError(
            f"the hits of a script must be finite, got {hits[where]} at index {where}"
        )
    return _fixed(hits)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy over immutable bytes, which cannot be made writable."""
    return np.frombuffer(array.tobytes(), dtype=array.dtype).reshape(array.shape)
