"""Default settings of games on recorded series."""

from __future__ import annotations

from fg_core import SimulationConfig

__all__ = ["DEFENDER", "DOUBTED_FOR", "quiet_settings"]

DOUBTED_FOR = 8
"""Origins for which defenders may doubt a value that may be revised: the longest episode of
`EpisodeFilter`."""

DEFENDER = "innovation_gate"
"""Name of the defender of recorded series, unless the user chooses another."""


def quiet_settings(defender: str = DEFENDER) -> SimulationConfig:
    """Return the settings of a game on recorded series, unless the user chooses others.

    The refactorer is off: on data before the evaluation period it made forecasts worse.

    Args:
        defender: name of a plugin of `fg_core.defenders` or `fg_core.defenses`, or a stack.

    Returns:
        Settings, for `WalkForwardBacktester` and `LatestForecaster`.

    >>> quiet_settings().defense_model, quiet_settings("gate").defense_model
    ('innovation_gate', 'gate')
    """
    return SimulationConfig(enable_refactor=False, defense_model=defender)
