r"""A local level with a fixed gain, as a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError
from fg_core.authoring import ReadsNoContext

from .memory import LevelMemory, Memory
from .model import LinearModel
from .panel import DataPanel
from .roles import OWN, Roles
from .system import Fits, System, fits_by_system

__all__ = ["LocalLevel"]

Array = NDArray[np.float64]

_LEAST_ROWS = 4
_SYSTEM = System((0,), (OWN, "level"), 0, (True, True), (0, 0), (False, False))


@dataclass(frozen=True)
class LocalLevel(ReadsNoContext):
    r"""Forecasts the smoothed level $m_t = m_{t-1} + g (y_t - m_{t-1})$, $m_1 = y_1$.

    A random walk seen through noise, once its filter has settled: $g = 1$ is the random walk,
    $g \to 0$ the mean. In the columns $(y_t, m_{t-1})$ it is a first-order linear model,

    $$\begin{pmatrix} y_{t+1} \\ m_t \end{pmatrix} =
      \begin{pmatrix} g & 1 - g \\ g & 1 - g \end{pmatrix}
      \begin{pmatrix} y_t \\ m_{t-1} \end{pmatrix} + \begin{pmatrix} e_{t+1} \\ 0 \end{pmatrix},
      \qquad \hat\sigma_h^2 = \hat\sigma^2 (1 + (h - 1) g^2),$$

    with $\hat\sigma^2$ the weighted mean square of the one-step errors so far.

    Args:
        gain: $g$, in (0, 1].
        role: The role that the series must play for it to have a forecast; "": any.
        discount: Factor in (0, 1] by which the weight of an error is multiplied per period.
        cutoff: Size of a change from which on a row counts less (`row_weights`); None: never.
        roles: Roles that columns play.

    Raises:
        ConfigError: A setting outside its range.

    Reference: Durbin & Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed.,
    section 2.11 (the steady state); Brown (1959), Statistical Forecasting for Inventory Control.

    >>> from fg_core import TrainingWindow
    >>> panel = DataPanel.of(TrainingWindow([0.0, 4.0, 2.0, 2.0, 6.0]))
    >>> LocalLevel(0.5).regressors(panel, LocalLevel(0.5).fits(panel, [4]).systems[0].system)[-1]
    array([6., 2.])
    """

    gain: float
    role: str = ""
    discount: float = 1.0
    cutoff: float | None = 6.0
    roles: Roles = field(default_factory=Roles)

    def __post_init__(self) -> None:
        if not 0.0 < self.gain <= 1.0:
            raise ConfigError(f"local level: gain must be in (0, 1], got {self.gain!r}")
        if not 0.0 < self.discount <= 1.0:
            raise ConfigError(f"local level: discount must be in (0, 1], got {self.discount!r}")
        if self.cutoff is not None and not self.cutoff > 0.0:
            raise ConfigError(f"local level: cutoff must be above 0, got {self.cutoff!r}")

    def fits(self, panel: DataPanel, ends: Sequence[int]) -> Fits:
        """Return the models of the rows up to each of `ends`, which rise.

        Returns:
            Models of the series and its level, in the unit of the series.
        """

        def system_at(end: int) -> System | str:
            if self.role and self.roles.own_role(panel.seen(end)) != self.role:
                return f"it is about {self.role}, and the series is not that"
            if end + 1 < _LEAST_ROWS:
                return f"{_LEAST_ROWS} rows wanted, {end + 1} there"
            return _SYSTEM

        return fits_by_system(ends, system_at, lambda _, rows: self._fit(panel, rows))

    def _fit(self, panel: DataPanel, ends: Sequence[int]) -> tuple[LinearModel, Array]:
        own, level = self.regressors(panel, _SYSTEM).T
        # The first error is that of the second row, whose level before is the first value.
        errors = (own - level)[1:]
        weights = panel.weights(self.cutoff, 1)[1:]
        squares, rows = np.zeros(len(ends)), np.zeros(len(ends))
        total, number, begin = 0.0, 0.0, 0
        for at, end in enumerate(ends):
            share = weights[begin:end] * self.discount ** np.arange(end - begin - 1, -1, -1.0)
            fade = self.discount ** (end - begin)
            total = fade * total + float(np.sum(share * errors[begin:end] ** 2))
            number = fade * number + float(np.sum(share))
            squares[at], rows[at], begin = total, number, end
        n, g = len(ends), self.gain
        covariance = np.zeros((n, 2, 2))
        covariance[:, 0, 0] = squares / rows
        lags = np.broadcast_to(np.array([[[g, 1.0 - g], [g, 1.0 - g]]]), (n, 1, 2, 2))
        return LinearModel(np.zeros((n, 2)), lags, covariance), rows

    def regressors(self, panel: DataPanel, system: System) -> Array:  # noqa: ARG002
        """Return values and the levels before them, shape (time, 2).

        Before the first value there is no level; it stands for its own.

        Returns:
            Array in the unit of the series.
        """
        values = panel.values[:, 0].tolist()
        levels, level = [values[0]], values[0]
        for value in values[1:]:
            levels.append(level)
            level += self.gain * (value - level)
        return np.column_stack([panel.values[:, 0], levels])

    def memory(self, panel: DataPanel, system: System, order: int) -> Memory:  # noqa: ARG002
        """Return the latest level.

        Returns:
            Memory of one row with one column.
        """
        own, before = self.regressors(panel, system)[-1].tolist()
        return LevelMemory(self.gain, panel.end_t, (before, before + self.gain * (own - before)))
