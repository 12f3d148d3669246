"""Gradient-boosted trees, grown by xgboost, on the lags of a series and published context."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Self, get_args

import numpy as np

from fg_agents.model_forecaster import ModelForecaster
from fg_core import ConfigError, TrainingWindow
from fg_core.authoring import root_mean_square

from ._direct import DirectBackend, backtests
from ._lags import ChangeLags
from ._reduction import FloatArray
from ._xgboost import boost, evaluate, library

__all__ = ["XGBoostBackend", "xgboost_forecaster"]

Scale = Literal["residual", "quantile"]

_BLOCKS = 3
_LEVELS = (0.1, 0.9)
_COVERAGE = 0.8
_NORMAL_90 = 1.2815515655446004
"""The 90 % quantile of the standard normal distribution."""
_NARROWEST = 0.0625
_ROWS_PER_LAG, _MOST_LAGS = 30, 8
_SEASONS, _ROWS_BESIDE = 3, 40


@dataclass(frozen=True)
class _Trees:
    """The trees of one horizon, as bytes, and the scale of their errors; in reduced units.

    Args:
        mean: Mean of the changes in training; the trees are grown on what is left.
        trees: For the expected change.
        outer: For the outer quantiles; None: the scale is `error` everywhere.
        error: Root mean square error out of sample.
        stretch: Factor of half the distance of the outer quantiles.
    """

    mean: float
    trees: bytes
    outer: bytes | None = None
    error: float = 0.0
    stretch: float = 1.0

    def change(self, columns: FloatArray) -> FloatArray:
        return self.mean + evaluate(self.trees, columns)

    def scale(self, columns: FloatArray) -> FloatArray:
        if self.outer is None:
            return np.full(len(columns), self.error)
        return self.stretch * np.maximum(_half_width(self.outer, columns), _NARROWEST * self.error)


@dataclass(frozen=True)
class XGBoostBackend(DirectBackend):
    r"""Forecasts with xgboost's trees: $y_{t+h} - y_t$ from lags and published context.

    One set of trees per horizon (direct forecasts), grown when that horizon is first asked for.
    Its columns are those of `ChangeLags` on the reduced series: the value, how far it is from each
    of the last $p$, and, where a season is there and the window has three of them and forty rows,
    from the value a season ago and the one a season before the target; and the context
    (`macro_context`), less its mean, in units of its standard deviation: the columns that every
    row has from the first training origin on. Trees do not extrapolate: beyond the training data
    a forecast change stays what it is at their edge.

    Defaults are for short series: few, small and slow trees, that stay close to the mean change
    unless many rows say otherwise. They are the same for every series; nothing is tuned on the
    data that is forecast.

    **Scale.** The last third of the training origins is cut in three blocks, each forecast by
    trees grown on the origins whose targets were known when the block began; the trees that
    forecast use all of them. `scale="residual"` is the root mean square of these errors $e_i$, the
    same at every state. `scale="quantile"` depends on the state: half the distance $w$ of the 10 %
    and the 90 % quantile, both grown by xgboost (`reg:quantileerror`; in order, should they cross;
    at least a sixteenth of the residual scale), calibrated in the same blocks,

    $$\hat\sigma_h(x) = \frac{q}{z_{0.9}} w(x), \qquad
      q = \text{the } \lceil 0.8 (n + 1) \rceil \text{-th smallest of } |e_i| / w_i,$$

    so that $\hat y \pm z_{0.9} \hat\sigma$ would have covered four fifths of the $n$ targets there.

    Wants $\lceil 3 (2 m + h - 1) / 2 \rceil + r + h$ training rows, with $m$ = `min_child_weight`
    and $r$ what the lags reach back: one split is possible when the first block begins.

    **Repeatable.** The same data, settings and version of xgboost give the same bits on one
    machine, in any process; versions differ in the last digits, and so at times in a split.

    **Time and memory.** One thread, always. With the defaults, 200 rows and 14 columns, a horizon
    takes some 25 ms to fit (80 ms with quantiles), 800 rows 45 ms (135 ms): in proportion to
    `rounds`, and no more than that to rows and columns. A forecast takes 0.25 ms, one from a
    table of origins a hundredth of it. The trees of a horizon are 36 kB, and 70 kB more with
    quantiles: about 0.9 kB a tree, and deeper ones under 100 bytes for each further leaf, of which
    there is at most one for every `min_child_weight` rows. The first fit of a process also loads
    xgboost, in a second or two.

    Args:
        lags: $p$, at least 1; a state needs a history of $p$ numbers, and of a season. None: one
            for every 30 training rows, 1 to 8.
        use_context: Whether context is used.
        scale: "residual" or "quantile".
        rounds: Trees per horizon.
        max_depth: Cuts from the root of a tree to a leaf, 1 to 10.
        learning_rate: Share of each tree that counts, above 0, at most 1.
        min_child_weight: Rows in a leaf, at least.
        reg_lambda: Penalty on the squares of the leaves, in rows that say "no change".
        subsample: Share of the rows drawn for each tree, above 0, at most 1; 1: no chance in it.
        random_state: Seed of these draws; 0 or more.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range.

    Reference: Chen & Guestrin (2016), KDD, doi:10.1145/2939672.2939785 (xgboost); Romano,
    Patterson & Candes (2019), NeurIPS, arXiv:1905.03222 (quantiles calibrated by held-out errors).

    >>> from fg_core import ForecastState
    >>> window = TrainingWindow([float(t % 4 == 0) for t in range(90)], 89, season_length=4)
    >>> model = XGBoostBackend(lags=3, rounds=80).fit(window)
    >>> state = ForecastState(90, 0.0, 0.0, 0.0, history=(0.0, 0.0, 1.0, 0.0))
    >>> [round(model.predict(state, horizon), 1) + 0.0 for horizon in (1, 2, 3)]
    [0.0, 1.0, 0.0]
    """

    lags: int | None = None
    use_context: bool = True
    scale: Scale = "residual"
    rounds: int = 40
    max_depth: int = 2
    learning_rate: float = 0.1
    min_child_weight: int = 10
    reg_lambda: float = 5.0
    subsample: float = 1.0
    random_state: int = 0

    def __post_init__(self) -> None:
        whole: dict[str, tuple[int, float]] = {
            "rounds": (1, math.inf),
            "max_depth": (1, 10),
            "min_child_weight": (1, math.inf),
            "random_state": (0, 2**31 - 1),
        }
        if self.lags is not None:
            whole["lags"] = (1, math.inf)
        for name, (low, high) in whole.items():
            given = getattr(self, name)
            is_whole = isinstance(given, int) and not isinstance(given, bool)
            if not is_whole or not low <= given <= high:
                raise ConfigError(
                    f"XGBoostBackend: {name} {given!r} given, a whole number from {low} "
                    f"to {high} wanted".replace(" to inf", " on")
                )
        for name in ("learning_rate", "subsample"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ConfigError(
                    f"XGBoostBackend: {name} {getattr(self, name)} given, in (0, 1] wanted"
                )
        if not 0.0 <= self.reg_lambda < math.inf:
            raise ConfigError(
                f"XGBoostBackend: reg_lambda {self.reg_lambda} given, 0 or more wanted"
            )
        if self.scale not in get_args(Scale):
            raise ConfigError(
                f"XGBoostBackend: scale {self.scale!r} given, one of "
                f"{', '.join(get_args(Scale))} wanted"
            )

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Too short or constant a window makes a copy that says so when it is asked for a forecast.

        Returns:
            Fitted backend; this one is unchanged.

        Raises:
            PluginLoadError: xgboost is not installed.
        """
        library("XGBoostBackend")
        return replace(self, fitted=self._fitted(window, use_context=self.use_context))

    def _lags(self, n_rows: int, season_length: int) -> ChangeLags:
        count = self.lags or min(_MOST_LAGS, max(1, n_rows // _ROWS_PER_LAG))
        is_long = n_rows >= _SEASONS * season_length + _ROWS_BESIDE
        return ChangeLags(count, season_length if is_long else 1)

    def _least_origins(self, horizon: int) -> int:
        return -(-3 * (2 * self.min_child_weight + horizon - 1) // 2)

    def _regression(self, columns: FloatArray, changes: FloatArray, horizon: int) -> _Trees:
        errors, widths = [], []
        for known, block in backtests(changes.size, horizon, 2 * changes.size // 3, _BLOCKS):
            then = self._grow(columns[known], changes[known])
            errors.append(changes[block] - then.change(columns[block]))
            if then.outer is not None:
                widths.append(_half_width(then.outer, columns[block]))
        error = root_mean_square(np.concatenate(errors))
        whole = replace(self._grow(columns, changes), error=error)
        if self.scale == "residual":
            return whole
        held_out = np.maximum(np.concatenate(widths), _NARROWEST * error)
        distances = np.abs(np.concatenate(errors)) / np.where(held_out > 0.0, held_out, 1.0)
        return replace(whole, stretch=_covering(distances) / _NORMAL_90)

    def _grow(self, columns: FloatArray, changes: FloatArray) -> _Trees:
        mean = float(np.mean(changes))
        parameters: dict[str, object] = {
            "tree_method": "hist",
            "max_depth": self.max_depth,
            "learning_rate": self.learning_rate,
            "min_child_weight": self.min_child_weight,
            "reg_lambda": self.reg_lambda,
            "subsample": self.subsample,
            "seed": self.random_state,
            # Estimated by the library otherwise, in each version in another way.
            "base_score": 0.0,
        }
        squared = {**parameters, "objective": "reg:squarederror"}
        trees = boost(columns, changes - mean, squared, self.rounds)
        if self.scale == "residual":
            return _Trees(mean, trees)
        quantiles = {
            **parameters,
            "objective": "reg:quantileerror",
            "quantile_alpha": list(_LEVELS),
        }
        return _Trees(mean, trees, outer=boost(columns, changes - mean, quantiles, self.rounds))


def _half_width(outer: bytes, columns: FloatArray) -> FloatArray:
    """Return half the distance of the outer quantiles, shape (origin,), in whichever order."""
    found = evaluate(outer, columns)
    width: FloatArray = np.abs(found[:, 1] - found[:, 0]) / 2.0
    return width


def _covering(distances: FloatArray) -> float:
    """Return the distance that four fifths of the next ones stay below, if they are like these.

    >>> _covering(np.array([1.0, 2.0, 3.0, 4.0]))
    4.0
    """
    rank = min(distances.size, math.ceil(_COVERAGE * (distances.size + 1)))
    return float(np.sort(distances)[rank - 1])


def xgboost_forecaster() -> ModelForecaster:
    """Return boosted trees on lags and published context."""
    return ModelForecaster(XGBoostBackend(), "xgboost")
