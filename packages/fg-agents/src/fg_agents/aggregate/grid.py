"""The settings of a pool of pools: a grid, every point of which is a pool."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from fg_core import ConfigError
from fg_core.pooling import Likelihood, ScaleRule

__all__ = ["PoolGrid"]


@dataclass(frozen=True)
class PoolGrid:
    r"""Grid of pools that run side by side, and the rules by which each of them learns.

    There is a pool for every combination of the first four. The scale that a forecaster states is
    rescaled by its past errors: the variance by $f^2 = (a_0 + \sum_k d^k \min(z_k^2, c)) / (a_0 +
    \sum_k d^k)$, with z its standardised errors.

    Args:
        member_sets: Sets of members of a pool, as groups of forecasters; an empty set holds all
            forecasters. Sets that come to the same members count once, and sets without any not at
            all.
        discounts: d, of the squared errors behind the scales, each in (0, 1].
        temperatures: Powers of the likelihood, above 0; below 1 a pool learns more slowly than
            Bayes' rule.
        recalibrate: Whether a pool's own spread is corrected by its past errors.
        alphas: Forgetting factors that are mixed within each pool by their log score.
        alpha_discount: Discount of that score.
        floor: Floor of the weights, above 0; each is at least floor / (1 + floor) of its prior
            weight.
        shrinkage: Share of the prior weights (the same for every group) mixed into learned ones.
        likelihood: Density by which forecasts are judged.
        scale: Constants of the scales; its discount is one of `discounts` instead.
        horizon_sharing: Factors are f_h^(1 - x) f_1^x with the factor f_1 of the shortest horizon,
            which hears of a change first.
        spread: Constants of the recalibration.
        eta: Rate at which the weights of pools follow their CRPS; 0: never.
        loss_discount: Discount of that CRPS.
        loss_sharing: Share of the evidence about pools that comes from all horizons.

    Raises:
        ConfigError: A constant is outside its range.

    >>> PoolGrid().n_pools
    12
    """

    member_sets: tuple[tuple[str, ...], ...] = ((),)
    discounts: tuple[float, ...] = (0.9, 0.95, 0.985)
    temperatures: tuple[float, ...] = (0.25, 1.0)
    recalibrate: tuple[bool, ...] = (False, True)
    _: KW_ONLY
    alphas: tuple[float, ...] = (0.9, 0.95, 0.98, 1.0)
    alpha_discount: float = 0.99
    floor: float = 0.001
    shrinkage: float = 0.2
    likelihood: Likelihood = field(default_factory=lambda: Likelihood("student_t"))
    scale: ScaleRule = field(default_factory=ScaleRule)
    horizon_sharing: float = 0.5
    spread: ScaleRule = field(
        default_factory=lambda: ScaleRule(discount=0.97, prior=8.0, lowest=0.6, highest=1.6)
    )
    eta: float = 3.0
    loss_discount: float = 0.98
    loss_sharing: float = 0.5

    def __post_init__(self) -> None:
        sets = tuple(tuple(groups) for groups in self.member_sets)
        object.__setattr__(self, "member_sets", sets)
        for name in ("discounts", "temperatures", "recalibrate", "alphas"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("member_sets", "discounts", "temperatures", "recalibrate", "alphas"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ConfigError(f"{name} needs one value or more, all different, got {values!r}")
        unit = (
            *(("discounts", d) for d in self.discounts),
            *(("alphas", a) for a in self.alphas),
            ("alpha_discount", self.alpha_discount),
            ("loss_discount", self.loss_discount),
        )
        for name, value in unit:
            if not 0.0 < value <= 1.0:
                raise ConfigError(f"{name} must be in (0, 1], got {value!r}")
        for name in ("shrinkage", "horizon_sharing", "loss_sharing"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} must be in [0, 1], got {getattr(self, name)!r}")
        if not all(t > 0.0 for t in self.temperatures):
            raise ConfigError(f"temperatures must be above 0, got {self.temperatures!r}")
        if not self.floor > 0.0:
            raise ConfigError(
                f"floor must be above 0, so that nobody's weight is ever lost, got {self.floor!r}"
            )
        if not self.eta >= 0.0:
            raise ConfigError(f"eta must be at least 0, got {self.eta!r}")

    @property
    def n_pools(self) -> int:
        """Largest number of pools that run side by side."""
        one = len(self.discounts) * len(self.temperatures) * len(self.recalibrate)
        return len(self.member_sets) * one
