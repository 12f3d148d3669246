"""Settings of a training set: series, window, readings, shares; and its name in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from fg_core import ConfigError, frozen_mapping
from fg_data.cache import CacheKey
from fg_data.readings import require_reading

__all__ = ["TrainingSettings"]


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that decides what is in a training set, but for the figures.

    Args:
        series: Names, each once.
        start: First period; None: the first that every series has a value of.
        end: Last period; None: the last.
        readings: Reading of each series, by its name: "level" or "growth"; a series that is not
            named is read by `automatic_reading`.
        ages: Whether the ages of the context stand beside it.
        train: Share of periods in the training part.
        valid: Share in the validation part; the rest is the test part.
        release_lag: Days from the end of a period to its release, for series of which neither the
            archive nor the table of release lags says when a figure was published.

    Raises:
        ConfigError: No series, one of them twice, readings of other series or unknown ones,
            moments without a time zone, or shares that leave a part nothing.
    """

    series: tuple[str, ...]
    start: datetime | None = None
    end: datetime | None = None
    readings: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    ages: bool = True
    train: float = 0.7
    valid: float = 0.15
    release_lag: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))
        object.__setattr__(self, "readings", frozen_mapping(self.readings))
        if not self.series or len(set(self.series)) != len(self.series):
            raise ConfigError(
                f"a training set wants series, each once; got {', '.join(self.series) or 'none'}"
            )
        for name, reading in self.readings.items():
            require_reading(reading)
            if name not in self.series:
                raise ConfigError(
                    f"a reading is given for {name!r}, which is not one of the series "
                    f"{', '.join(self.series)}"
                )
        for name in ("start", "end"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ConfigError(f"{name} {moment} has no time zone; give it one")
        if not (self.train > 0.0 and self.valid > 0.0 and self.train + self.valid < 1.0):
            raise ConfigError(
                "shares must be above 0 and leave something for the test part: train "
                f"{self.train}, valid {self.valid}"
            )

    def key(self, source: str, *, file: str = "") -> CacheKey:
        """Return the name in the cache.

        Args:
            source: Name of the source of such training sets.
            file: Name of a file that people know it by; empty: a name made from the settings.

        Returns:
            Key of the file.

        >>> TrainingSettings(("GDP",)).key("mine").path.name.startswith("training-GDP-")
        True
        """
        details = {
            "readings": dict(sorted(self.readings.items())),
            "ages": self.ages,
            "train": self.train,
            "valid": self.valid,
            "release_lag": self.release_lag,
        }
        return CacheKey(
            source,
            self.series,
            "training",
            start=self.start,
            end=self.end,
            transformation=msgspec.json.encode(details).decode(),
            file=file,
            words=", ".join(
                [
                    f"train {self.train:g}, valid {self.valid:g}",
                    *(f"{name} by {how}" for name, how in sorted(self.readings.items())),
                    *([] if self.ages else ["without ages"]),
                    *([] if self.release_lag is None else [f"release lag {self.release_lag}"]),
                ]
            ),
        )
