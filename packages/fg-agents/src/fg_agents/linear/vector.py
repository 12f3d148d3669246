"""Vector autoregressions of a series and context columns, under a Minnesota prior."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from fg_core import ConfigError

from .autoregressive import PERSISTENT, check_estimation
from .minnesota import MinnesotaPrior
from .panel import SEGMENTS, DataPanel
from .roles import OWN, PERSISTENT_ROLES, Roles
from .specification import RegressionSpecification, estimation_of
from .system import Estimation, System

__all__ = ["MOST_COLUMNS", "VectorAutoregression"]

MOST_COLUMNS = 40
"""Columns of a model beside the series, at most: with more, a fit costs seconds."""


@dataclass(frozen=True)
class VectorAutoregression(RegressionSpecification):
    r"""A vector autoregression of what was known (see `DataPanel`), under a `MinnesotaPrior`.

    Columns are named by what they stand for (a role of `Roles`) or as they are called; the series
    itself is always the first and is called "value". A column wanders, so that its prior is a
    random walk, if its role says so (inflation, unemployment, a rate) or its persistence in the
    panel is at least 0.8; the prior of the others is white noise.

    Args:
        columns: Columns that are used where they are there, by role or name; None: all of the
            context, and no segments.
        about: Roles that the model is about. The series itself must play one of them and columns
            the others, else there is no fit. Empty: the model is for any series.
        difference: Columns modelled in one-step changes, by role or name; "persistent": those that
            wander. All others are modelled as they are, and the model is for levels in any case.
        sums: Columns with a sum-of-coefficients dummy, by role or name, where they wander and are
            not in changes.
        order: Lags of the columns in their forms, at least 1.
        tightness: $\lambda$ of the prior.
        sum_tightness: $\tau$ of the sum-of-coefficients dummies.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.
        cutoff: Size of a change from which on a row counts less (`row_weights`); None: never.
        roles: Roles that columns play.

    Raises:
        ConfigError: A setting outside its range.

    >>> from fg_core import TrainingWindow
    >>> rate = [2.0 + (t * t) % 7 for t in range(40)]
    >>> beside = [{"rate": r, "noise": (t * 5) % 3} for t, r in enumerate(rate)]
    >>> values = [0.0, *rate[:-1]]  # the series follows the rate
    >>> panel = DataPanel.of(TrainingWindow(values, contexts=beside))
    >>> fit = VectorAutoregression(order=1, tightness=10.0).fits(panel, [39]).systems[0]
    >>> fit.system.names, (fit.model.lags[0, 0, 0].round(2) + 0.0).tolist()
    (('value', 'noise', 'rate'), [0.0, 0.0, 1.0])
    """

    columns: tuple[str, ...] | None = None
    _: KW_ONLY
    about: tuple[str, ...] = ()
    difference: tuple[str, ...] | Literal["persistent"] = ()
    sums: tuple[str, ...] = ()
    order: int = 4
    tightness: float = 0.2
    sum_tightness: float = 1.0
    discount: float = 1.0
    cutoff: float | None = 6.0
    roles: Roles = field(default_factory=Roles)

    def __post_init__(self) -> None:
        check_estimation("vector autoregression", self.order, self.discount, self.cutoff)
        if self.tightness is None:
            raise ConfigError("vector autoregression: a tightness is wanted")
        MinnesotaPrior(self.tightness, sum_tightness=self.sum_tightness)

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the context columns that may be in the model, by name or for the roles they play.

        Returns:
            Names of columns.
        """
        if self.columns is None:
            return frozenset(columns)
        wanted = (*self.about, *self.columns)
        known = self.roles.columns
        named = [name for one in wanted for name in (one, *known.get(one, ()))]
        return frozenset(columns).intersection(named)

    @property
    def estimation(self) -> Estimation:
        """Rules of estimation."""
        return estimation_of(
            self.order, self.tightness, self.sum_tightness, self.discount, self.cutoff
        )

    def system(self, panel: DataPanel, end: int) -> System | str:
        """Return the columns of a fit to the rows up to `end`, or why there can be none.

        Returns:
            Columns and their forms, or a text that says why there are none.
        """
        # Models that differ in how they are estimated alone share it: the panel remembers it.
        key = "system", end, self.columns, self.about, self.difference, self.sums, self.roles
        found: System | str | None = panel.shared.get(key)
        if found is None:
            found = panel.shared[key] = self._system(panel, end)
        return found

    def _system(self, panel: DataPanel, end: int) -> System | str:
        own_role = self.roles.own_role(panel.seen(end))
        usable = panel.usable(end)
        found = self.roles.found(usable)
        lacking = self._lacking(own_role, found)
        if lacking:
            return lacking
        # Segments together are the series; those that are wanted are named.
        context = tuple([name for name in usable if not name.startswith(SEGMENTS)])
        wanted = context if self.columns is None else (*self.about, *self.columns)
        named = [found.get(name, name) for name in wanted if name != own_role]
        names = tuple(dict.fromkeys([name for name in named if name in usable]))
        if not names:
            return "the context has none of the columns"
        if len(names) > MOST_COLUMNS:
            return f"{len(names)} columns, at most {MOST_COLUMNS} wanted: name some"
        columns = (0, *[panel.column(name) for name in names])
        role_of = {name: role for role, name in found.items()}
        calls = [(OWN, own_role), *[(name, role_of.get(name, "")) for name in names]]
        persistent = [
            role in PERSISTENT_ROLES or panel.persistence(column, end) >= PERSISTENT
            for column, (_, role) in zip(columns, calls, strict=True)
        ]
        steps = [
            int(wanders if self.difference == "persistent" else _named(call, self.difference))
            for wanders, call in zip(persistent, calls, strict=True)
        ]
        sums = [
            wanders and not step and _named(call, self.sums)
            for wanders, step, call in zip(persistent, steps, calls, strict=True)
        ]
        forms = tuple(persistent), tuple(steps), tuple(sums)
        return System(columns, (OWN, *names), panel.start(columns), *forms)

    def _lacking(self, own_role: str, found: Mapping[str, str]) -> str:
        if not self.about:
            return ""
        if own_role not in self.about:
            return f"it is about {', '.join(self.about)}, and the series is none of these"
        missing = [role for role in self.about if role != own_role and role not in found]
        return f"no context column for {', '.join(missing)}" if missing else ""


def _named(call: tuple[str, str], names: tuple[str, ...]) -> bool:
    name, role = call
    return name in names or (role != "" and role in names)
