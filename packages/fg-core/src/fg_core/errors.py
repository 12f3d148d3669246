"""Every error that Forecast Game raises on purpose.

A message says what was wrong, where (file, row, series, option) and what to do about it.

    ForecastGameError
    |-- ConfigError            a setting out of its range (also a ValueError)
    |-- DataError              data that cannot be used as they are (also a ValueError)
    |   `-- UnknownSeriesError a service has no series of that name (also a LookupError)
    |-- ArtifactError          a file of ours that is damaged, truncated or of another version
    |-- AgentError             an agent raised, or returned something that is not an action
    |-- ForecastUnavailable    raised *by* a forecaster that has no forecast at this origin
    |-- SourceError            a data service refused, or sent what cannot be used
    |   |-- SourceKeyError     it does not accept the key (also a ConfigError)
    |   `-- SourceUnavailableError  it cannot be reached, or fails; later it may work
    |       `-- SourceRateError     it was asked too often
    `-- PluginError            anything wrong with a plugin
        |-- UnknownPluginError no plugin of that name (also a LookupError)
        |-- PluginClashError   two distributions claim one name
        `-- PluginLoadError    the plugin's module or attribute does not load
"""

from __future__ import annotations

__all__ = [
    "AgentError",
    "ArtifactError",
    "ConfigError",
    "DataError",
    "ForecastGameError",
    "ForecastUnavailable",
    "PluginClashError",
    "PluginError",
    "PluginLoadError",
    "SourceError",
    "SourceKeyError",
    "SourceRateError",
    "SourceUnavailableError",
    "UnknownPluginError",
    "UnknownSeriesError",
]


class ForecastGameError(Exception):
    """Root of all errors raised on purpose by the packages of Forecast Game."""


class ConfigError(ForecastGameError, ValueError):
    """A setting is of the wrong type or outside its range."""


class DataError(ForecastGameError, ValueError):
    """Data are missing, malformed, too short or out of order."""


class UnknownSeriesError(DataError, LookupError):
    """A data service has no series of this name."""


class ArtifactError(ForecastGameError, ValueError):
    """A file that we wrote is damaged, truncated, or of a format version we do not read."""


class AgentError(ForecastGameError):
    """An agent failed, or returned something that the game cannot use."""


class ForecastUnavailable(ForecastGameError):  # noqa: N818 - a signal to the pool, not a failure
    """Raised by a forecaster that has no forecast at this origin.

    The pool goes on without it for that origin, and the game counts the absence.
    """


class SourceError(ForecastGameError):
    """A data service refused a request, or sent something that cannot be used."""


class SourceKeyError(SourceError, ConfigError):
    """A data service does not accept the key, or wants one and got none."""


class SourceUnavailableError(SourceError):
    """A data service cannot be reached or fails; asked later, it may answer."""


class SourceRateError(SourceUnavailableError):
    """A data service was asked too often."""


class PluginError(ForecastGameError):
    """A plugin is unknown, ambiguous or broken."""


class UnknownPluginError(PluginError, LookupError):
    """No installed distribution provides a plugin of this name."""


class PluginClashError(PluginError):
    """Two distributions provide different plugins under one name."""


class PluginLoadError(PluginError):
    """A plugin is installed, but its module or attribute does not load."""
