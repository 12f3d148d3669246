"""Autoregressions of a series on itself: in levels or changes, shrunk, discounted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, get_args

from fg_core import ConfigError
from fg_core.authoring import ReadsNoContext

from .minnesota import MinnesotaPrior
from .panel import DataPanel
from .roles import OWN, PERSISTENT_ROLES, Roles
from .specification import RegressionSpecification, estimation_of
from .system import Estimation, System

__all__ = ["PERSISTENT", "Difference", "ShrunkAutoregression", "check_estimation"]

Difference = Literal["none", "first", "persistent", "seasonal"]

PERSISTENT = 0.8
"""Share of a displacement that lasts a period, from which on a column counts as wandering."""


@dataclass(frozen=True)
class ShrunkAutoregression(ReadsNoContext, RegressionSpecification):
    r"""$z_t = c + \sum_{l=1}^p \phi_l z_{t-l} + e_t$, with $z$ the series or its changes.

    Coefficients are shrunk as `MinnesotaPrior` says: towards a random walk where the series
    wanders, else towards white noise. It wanders if its role says so (inflation, unemployment, a
    rate; see `Roles`) or its `DataPanel.persistence` is at least 0.8. Changes are shrunk towards
    white noise, so that the level is a random walk with drift. Without a tightness this is least
    squares.

    Args:
        order: $p$, at least 1.
        tightness: $\lambda$ of the prior; None: no prior.
        difference: "none": the level. "first": one-step changes. "persistent": one-step changes
            where the series wanders, else the level. "seasonal": changes over a season; without
            a season there is no fit.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.
        cutoff: Size of a change from which on a row counts less (`row_weights`); None: never.
        roles: Roles that columns play.

    Raises:
        ConfigError: A setting outside its range.

    >>> from fg_core import TrainingWindow
    >>> window = TrainingWindow([float(t % 3) for t in range(30)])
    >>> fit = ShrunkAutoregression(2, None).fits(DataPanel.of(window), [29]).systems[0]
    >>> fit.model.lags[0, :, 0, 0].round(6).tolist(), fit.model.constant[0].round(6).tolist()
    ([-1.0, -1.0], [3.0])
    """

    order: int = 4
    tightness: float | None = 0.2
    difference: Difference = "none"
    discount: float = 1.0
    cutoff: float | None = 6.0
    roles: Roles = field(default_factory=Roles)

    def __post_init__(self) -> None:
        if self.difference not in get_args(Difference):
            raise ConfigError(
                f"autoregression: difference {self.difference!r} given, one of "
                f"{', '.join(get_args(Difference))} wanted"
            )
        check_estimation("autoregression", self.order, self.discount, self.cutoff)
        MinnesotaPrior(self.tightness)

    @property
    def estimation(self) -> Estimation:
        """Rules of estimation."""
        return estimation_of(self.order, self.tightness, 1.0, self.discount, self.cutoff)

    def system(self, panel: DataPanel, end: int) -> System | str:
        """Return the one column and its form.

        Returns:
            System of the series alone; a text where the series cannot be fitted.
        """
        role = self.roles.own_role(panel.seen(end))
        persistent = role in PERSISTENT_ROLES or panel.persistence(0, end) >= PERSISTENT
        step = {"none": 0, "first": 1, "persistent": int(persistent)}.get(
            self.difference, panel.season_length
        )
        if self.difference == "seasonal" and panel.season_length < 2:
            return "the series has no season"
        return _of_itself(persistent, step)


@lru_cache(maxsize=256)
def _of_itself(persistent: bool, step: int) -> System:
    """Return the system of the series alone; one object for all series."""
    return System((0,), (OWN,), 0, (persistent,), (step,), (False,))


def check_estimation(who: str, order: int, discount: float, cutoff: float | None) -> None:
    """Raise `ConfigError` for a number of lags, a discount or a cutoff outside its range.

    Args:
        who: Name of the model in messages.
        order: Number of lags, at least 1.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.
        cutoff: Size of a change from which on a row counts less; None: all rows count in full.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ConfigError(f"{who}: order must be a whole number >= 1, got {order!r}")
    if not 0.0 < discount <= 1.0:
        raise ConfigError(f"{who}: discount must be in (0, 1], got {discount!r}")
    if cutoff is not None and not cutoff > 0.0:
        raise ConfigError(f"{who}: cutoff must be above 0, got {cutoff!r}")
