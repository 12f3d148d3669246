"""Options of a hybrid, as texts and as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fg_core import ConfigError
from fg_core.nearest import nearest_first

__all__ = ["MODES", "OPTIONS", "HybridOptions"]

MODES = ("extend", "stress")
"""Whether the path continues the history, or lies on top of it."""

OPTIONS = ("base", "half_life", "join", "like", "mode", "periods", "weight")
"""Options of a query that the source knows."""

_MOST_PERIODS = 1200


@dataclass(frozen=True)
class HybridOptions:
    """Options by which a hybrid is made.

    Args:
        base: The real source, or the path of a file.
        mode: "extend" or "stress".
        join: First period that is made up or stressed, with a time zone; None: the one after the
            last real one (extend), or the first of the last fifth (stress).
        periods: Number of periods of an extension.
        weight: Weight of the made-up path, in standard deviations of the real history; 0: none of
            it.
        half_life: Periods in which the memory of the join fades by half.
        like: The made-up series that stands in for every series; empty: by name.

    Raises:
        ConfigError: A value outside its range.
    """

    base: str = "us_macro"
    mode: str = "extend"
    join: datetime | None = None
    periods: int = 40
    weight: float = 1.0
    half_life: float = 4.0
    like: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigError(f"mode is one of {', '.join(MODES)}, got {self.mode!r}")
        if not 1 <= self.periods <= _MOST_PERIODS:
            raise ConfigError(f"periods are from 1 to {_MOST_PERIODS}, got {self.periods}")
        if not (math.isfinite(self.weight) and 0.0 <= self.weight <= 10.0):
            raise ConfigError(f"weight is from 0 to 10, got {self.weight}")
        if not (math.isfinite(self.half_life) and 0.01 <= self.half_life <= 1e6):
            raise ConfigError(f"half_life is from 0.01 to a million periods, got {self.half_life}")
        if self.join is not None and self.join.tzinfo is None:
            raise ConfigError(f"join {self.join} has no time zone; give it one")

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> HybridOptions:
        """Return options that come as text.

        Returns:
            Options of the types that their fields state.

        Raises:
            ConfigError: An unknown option, or one that does not read as what it must be.

        >>> HybridOptions.from_texts({"mode": "stress", "weight": "0.5"}).weight
        0.5
        """
        values: dict[str, str | int | float | datetime] = {}
        for name, text in texts.items():
            if name not in OPTIONS:
                raise ConfigError(
                    f"the source 'hybrid' has no option {name!r}; it has (nearest first) "
                    f"{', '.join(nearest_first(name, OPTIONS))}"
                )
            values[name] = _value(name, text)
        return cls(**values)  # type: ignore[arg-type]


def _value(name: str, text: str) -> str | int | float | datetime:
    try:
        if name == "periods":
            return int(text)
        if name in ("weight", "half_life"):
            return float(text)
        if name == "join":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        wanted = "a date such as 2005-01-01" if name == "join" else "a number"
        raise ConfigError(f"option {name} must be {wanted}, got {text!r}") from None
    return text
