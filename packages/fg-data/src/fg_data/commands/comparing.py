"""`fg-data check --against`: does another source say the same?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fg_core import ConfigError
from fg_core.locations import is_location
from fg_core.nearest import nearest_first
from fg_data.datasets import load_dataset
from fg_data.histories.aggregation import METHODS
from fg_data.poisoning.suspicion import own_frequency_of
from fg_data.quality import Finding, compare_series

from .loading import Loaded

__all__ = ["Against", "compared_with", "parse_against"]

_SETTINGS = ("tolerance", "factor", "by")
_EXAMPLE = "--against us_macro:cpi,tolerance=1%,factor=auto,by=eop"


@dataclass(frozen=True)
class Against:
    """What a series is compared with, and how.

    Args:
        source: Name of a source, or path of a file.
        series: Name of its series; empty: the one it has.
        tolerance: Largest difference that is allowed.
        relative: Whether it is a share of the value.
        factor: Multiple of its values that the series is; None: the median ratio.
        by: How values of the finer of the two are aggregated.
    """

    source: str
    series: str = ""
    tolerance: float = 0.01
    relative: bool = True
    factor: float | None = 1.0
    by: str = "avg"


def parse_against(text: str) -> Against:
    """Return what the option asks for.

    Args:
        text: Source, a colon and a series, and settings with commas in front of them.

    Returns:
        Source and settings.

    Raises:
        ConfigError: An unknown setting, or one that cannot be read.

    >>> parse_against("us_macro:cpi,tolerance=0.5%,factor=auto")
    Against(source='us_macro', series='cpi', tolerance=0.005, relative=True, factor=None, by='avg')
    """
    where, told = text, {}
    while "," in where:
        rest, setting = where.rsplit(",", 1)
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not equals:
            raise ConfigError(f"--against: {setting!r} is no setting; write {_EXAMPLE}")
        if name not in _SETTINGS:
            near = ", ".join(nearest_first(name, _SETTINGS))
            raise ConfigError(f"--against has no setting {name!r}; it has (nearest first) {near}")
        if name in told:
            raise ConfigError(f"--against: {name} is given twice")
        told[name], where = value, rest
    if not where.strip():
        raise ConfigError(f"--against names no source; write {_EXAMPLE}")
    source, series = _parts(where.strip())
    tolerance = told.get("tolerance", "1%")
    relative = tolerance.endswith("%")
    factor = told.get("factor", "1")
    by = told.get("by", "avg")
    if by not in METHODS:
        raise ConfigError(f"--against: by is one of {', '.join(METHODS)}, got {by!r}")
    size = _positive("tolerance", tolerance.removesuffix("%"))
    return Against(
        source,
        series,
        size / 100.0 if relative else size,
        relative,
        None if factor == "auto" else _positive("factor", factor, " or auto"),
        by,
    )


def compared_with(text: str, loaded: Loaded) -> list[Finding]:
    """Compare the one series that was loaded with another source.

    Args:
        text: Text of the option.
        loaded: Data of the command.

    Returns:
        A fault if they do not agree; else none.

    Raises:
        ForecastGameError: The other source cannot be read, or they cannot be compared.
    """
    asked = parse_against(text)
    other = load_dataset(asked.source, series=asked.series or ())
    theirs = _only(other.series_ids, f"{asked.source!r}, so add :NAME to --against")
    ours = [(dataset, name) for dataset, name, _ in loaded.series()]
    name = _only([name for _, name in ours], "the data, so choose one with --series")
    found = compare_series(
        ours[0][0].series(name),
        other.series(theirs),
        frequencies=(own_frequency_of(ours[0][0], name), own_frequency_of(other, theirs)),
        tolerance=asked.tolerance,
        relative=asked.relative,
        method=asked.by,
        factor=asked.factor,
    )
    if found.agrees:
        return []
    return [Finding("fault", "disagreement", name, f"against {theirs} of {asked.source}: {found}")]


def _parts(where: str) -> tuple[str, str]:
    """Return source and series; a path keeps its colons."""
    source, colon, series = where.rpartition(":")
    if colon and source and not is_location(series):
        return source, series
    return where, ""


def _positive(name: str, text: str, more: str = "") -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (number > 0.0 and math.isfinite(number)):
        raise ConfigError(f"--against: {name} must be a number above 0{more}, got {text!r}")
    return number


def _only(names: Sequence[str], where: str) -> str:
    listed = list(names)
    if len(listed) != 1:
        raise ConfigError(
            f"one series is compared with another, and {len(listed)} are in {where}: "
            f"{', '.join(listed[:5])}"
        )
    return str(listed[0])
