"""Roles of the columns of a macroeconomic panel.

A rule such as Okun's speaks of unemployment and activity, not of columns. The game does not tell
a forecaster what its own series is called, so that is concluded: where, of the four roles that
the rules are about, exactly one is played by no context column, the series itself plays it (a
source never shows a series beside itself). A series that this does not settle has no role, and
rules say nothing about it; a user who knows better says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fg_core import ConfigError, frozen_mapping

__all__ = ["KNOWN_COLUMNS", "OWN", "PERSISTENT_ROLES", "ROLES", "Roles"]

OWN = "value"
"""Name of a forecaster's own series among the columns of its model."""

ROLES = (
    "inflation",
    "unemployment",
    "rate",
    "activity",
    "consumption",
    "investment",
    "money",
    "income",
)
_MAIN = ROLES[:4]
_REMEMBERED = 16
"""Sets of columns whose roles are remembered: they come and go, but seldom."""

PERSISTENT_ROLES = frozenset({"inflation", "unemployment", "rate"})
"""Roles of rates that wander: without evidence, the best forecast is the last value."""

KNOWN_COLUMNS: Mapping[str, tuple[str, ...]] = frozen_mapping(
    {
        "inflation": ("infl", "inflation", "CPIAUCSL", "PCEPI", "CPILFESL", "PCEPILFE"),
        "unemployment": ("unemp", "unemployment", "UNRATE"),
        "rate": ("tbilrate", "policy_rate", "FEDFUNDS", "TB3MS"),
        "activity": ("growth", "gdp_growth", "GDPC1", "GDP", "INDPRO"),
        "consumption": ("cons_growth", "PCECC96", "PCE", "segments.consumption"),
        "investment": ("inv_growth", "GPDIC1", "segments.investment"),
        "money": ("m1_growth", "M1REAL", "M1SL", "M2SL"),
        "income": ("dpi_growth", "DPIC96"),
    }
)
"""Columns known by name, by role; of several that are there, the first is taken."""


@dataclass(frozen=True)
class Roles:
    """Roles that columns play.

    Args:
        columns: Names of columns by role, in order of preference.
        own: The role of the forecaster's own series; "": concluded from the columns.

    Raises:
        ConfigError: An unknown role.

    >>> roles = Roles()
    >>> context = ("growth", "tbilrate", "unemp")
    >>> roles.own_role(context), dict(roles.found(context))["rate"]
    ('inflation', 'tbilrate')
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: KNOWN_COLUMNS)
    own: str = ""

    def __post_init__(self) -> None:
        columns = {role: tuple(names) for role, names in self.columns.items()}
        object.__setattr__(self, "columns", frozen_mapping(columns))
        for role in (*self.columns, *([self.own] if self.own else [])):
            if role not in ROLES:
                raise ConfigError(f"unknown role {role!r}; there are {', '.join(ROLES)}")

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Every fit looks for what models with these roles share.
        return hash((self.columns, self.own))

    def __getstate__(self) -> dict[str, Any]:
        # Hashes of texts are another program's in another process.
        return {key: value for key, value in self.__dict__.items() if key != "_hash"}

    def __repr__(self) -> str:
        """Return the roles that differ from the default, which a report shows per forecaster."""
        columns = "" if self.columns == KNOWN_COLUMNS else f"columns={dict(self.columns)!r}"
        own = f"own={self.own!r}" if self.own else ""
        return f"Roles({', '.join(part for part in (columns, own) if part)})"

    def found(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the columns that are there by role.

        Returns:
            Name of the column, by role.
        """
        here = frozenset(names)
        known = self._known.get(here)
        if known is None:
            played = {
                role: next((name for name in candidates if name in here), "")
                for role, candidates in self.columns.items()
            }
            known = frozen_mapping({role: name for role, name in played.items() if name})
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[here] = known
        return known

    @cached_property
    def _known(self) -> dict[frozenset[str], Mapping[str, str]]:
        return {}

    def own_role(self, names: Iterable[str]) -> str:
        """Return the role of the series that has these columns beside it; "": none.

        Returns:
            Name of the role.
        """
        if self.own:
            return self.own
        found = self.found(names)
        missing = [role for role in _MAIN if role not in found]
        return missing[0] if len(missing) == 1 else ""
