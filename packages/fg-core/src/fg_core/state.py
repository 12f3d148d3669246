"""The state of the game: what is true, or what an agent is shown of it.

The same type serves both. The world's state is complete; an *observation* is a state whose value
is the print (the value as published, perhaps tampered with) and whose hidden fields are masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from .frozen import frozen_mapping

__all__ = ["ForecastState", "without_empty_end"]


def _no_numbers() -> Mapping[str, float]:
    return frozen_mapping()


def without_empty_end(
    known_ahead: tuple[Mapping[str, float], ...],
) -> tuple[Mapping[str, float], ...]:
    """Return what is known in advance up to the last period of which anything is.

    Args:
        known_ahead: Context per period ahead, the next period first.

    Returns:
        Contexts without the empty ones at the end.

    >>> without_empty_end(({}, {"sale": 1.0}, {}))
    ({}, {'sale': 1.0})
    """
    n = len(known_ahead)
    while n and not known_ahead[n - 1]:
        n -= 1
    return known_ahead[:n]


@dataclass(frozen=True)
class ForecastState:
    """One period of one series. Immutable; mappings are read-only.

    Args:
        t: Number of the period; it counts up by one per round.
        value: Latest value, in the unit of the series.
        exogenous: Persistent outside pressure on the series (simulated worlds).
        hidden_shift: Disturbance that led to this state; masked (0) in every observation.
        segment_id: Name of the segment that this series is, if it is one.
        segment_values: Value per segment; they add up to `value`.
        macro_context: Context that had been *published* by this period, by column.
        history: Values of earlier periods, one per period, oldest first: the revealed value, else
            the print.
        n_unrevealed: Number of values at the end of `history` that are prints not yet revealed.
        displacement: Distance that disturbances have moved a replayed series from its record;
            masked.
        game: Number of the game among games of one seed; agents see it too.
        missing: Periods in `history` that have no value yet, ascending; there the value before
            them stands in for theirs.
        known_ahead: Context that is known in advance (calendar, holidays, planned prices): entry
            h - 1 is that of period t + h, as far as it is known at t. Nothing is known of periods
            beyond its end, and empty mappings at its end are dropped, since they say the same.

    >>> ForecastState(0, 2.5, 0.0, 0.0, history=(2.1, 2.3)).history[-1]
    2.3
    >>> december = ForecastState(11, 2.5, 0.0, 0.0, known_ahead=({}, {"promotion": 1.0}, {}))
    >>> len(december.known_ahead), december.known_ahead[2 - 1]["promotion"]
    (2, 1.0)
    """

    t: int
    value: float
    exogenous: float
    hidden_shift: float
    segment_id: str = ""
    segment_values: Mapping[str, float] = field(default_factory=_no_numbers)
    macro_context: Mapping[str, float] = field(default_factory=_no_numbers)
    history: tuple[float, ...] = ()
    _: KW_ONLY
    n_unrevealed: int = 0
    displacement: float = 0.0
    game: int = 0
    missing: tuple[int, ...] = ()
    known_ahead: tuple[Mapping[str, float], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "segment_values", frozen_mapping(self.segment_values))
        object.__setattr__(self, "macro_context", frozen_mapping(self.macro_context))
        if type(self.history) is not tuple:
            object.__setattr__(self, "history", tuple(self.history))
        if self.known_ahead or type(self.known_ahead) is not tuple:
            entries = tuple([frozen_mapping(row) for row in self.known_ahead])
            object.__setattr__(self, "known_ahead", without_empty_end(entries))

    @property
    def path(self) -> tuple[float, ...]:
        """`history` and `value` in one tuple, oldest first."""
        return (*self.history, self.value)
