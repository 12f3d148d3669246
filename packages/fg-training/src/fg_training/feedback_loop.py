"""Learning from outcomes as they are realised, one by one, for a job that runs every period.

Each period a forecast is issued by the weights as they stand, and kept. When its outcome is
published, the weights of the forecasters learn from it by their likelihoods, and the learner, if
there is one, from what its action came to. Between calls everything is in a file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError, DataError
from fg_core.pooling.weights import bayes_weights, forget
from fg_core.scoring import crps_mixture
from fg_core.transcendental import exp, log

from .checkpoint import LearnerDocument, learner_document, learner_of
from .q_table import QTableAgent

__all__ = ["Feedback", "IterativeFeedbackLoop"]

Array = NDArray[np.float64]
FEEDBACK_KIND = DocumentKind("forecast-game-feedback-loop", 1)


@dataclass(frozen=True)
class Feedback:
    """What a realised outcome came to.

    Args:
        period: period of the outcome.
        crps: CRPS of the forecast that was issued, in the unit of the series.
        error: outcome less the mean of that forecast.
        weights: weights of the forecasters after the outcome, in their order.
        td_error: temporal difference of the learner; None: no action was played.
    """

    period: datetime
    crps: float
    error: float
    weights: tuple[float, ...]
    td_error: float | None


class _Issued(msgspec.Struct, forbid_unknown_fields=True):
    period: datetime
    issued_at: datetime
    means: list[float]
    scales: list[float]
    weights: list[float]
    cell: int | None
    action: int | None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    names: list[str]
    alpha: float
    floor: float
    unit: float
    log_weights: list[float]
    waiting: list[_Issued]
    realised: list[datetime]
    learner: LearnerDocument | None


class IterativeFeedbackLoop:
    """Weights of forecasters, and values of a learner, that learn from realised outcomes.

    Args:
        names: names of the forecasters.
        learner: learner whose actions are played with the forecasts; None: there is none.
        alpha: forgetting factor of the weights in (0, 1]; 1 forgets nothing.
        floor: floor of the weights, at least 0; see `fg_core.pooling.weights.forget`.
        unit: one-step scale of the series, in which the learner's rewards are counted.

    Raises:
        ConfigError: No names, one twice, or a number out of its range.

    >>> from datetime import UTC
    >>> loop = IterativeFeedbackLoop(["a", "b"])
    >>> may, june = datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC)
    >>> loop.issue(june, may, [1.0, 3.0], [1.0, 1.0])
    (0.5, 0.5)
    >>> [round(w, 2) for w in loop.realise(june, 3.0, datetime(2020, 7, 9, tzinfo=UTC)).weights]
    [0.12, 0.88]
    """

    def __init__(
        self,
        names: Sequence[str],
        learner: QTableAgent | None = None,
        *,
        alpha: float = 0.99,
        floor: float = 0.001,
        unit: float = 1.0,
    ) -> None:
        if not names or len(set(names)) != len(names):
            raise ConfigError(f"names of forecasters must be there, each once: {list(names)!r}")
        if not (0.0 < alpha <= 1.0 and floor >= 0.0 and np.isfinite(floor)):
            raise ConfigError(f"alpha must be in (0, 1] and floor at least 0: {alpha!r}, {floor!r}")
        if not (unit > 0.0 and np.isfinite(unit)):
            raise ConfigError(f"unit must be finite and above 0, got {unit!r}")
        self.names = tuple(names)
        self.learner = learner
        self.alpha = alpha
        self.floor = floor
        self.unit = unit
        self._log_weights: Array = np.full(len(names), -np.log(float(len(names))))
        self._waiting: dict[datetime, _Issued] = {}
        self._realised: set[datetime] = set()

    @property
    def weights(self) -> tuple[float, ...]:
        """Weights by which the next forecast is issued."""
        return tuple(exp(forget(self._log_weights, self.alpha, self.floor)).tolist())

    @property
    def waiting(self) -> tuple[datetime, ...]:
        """Periods whose forecast waits for its outcome, in order."""
        return tuple(sorted(self._waiting))

    def issue(
        self,
        period: datetime,
        issued_at: datetime,
        means: Sequence[float],
        scales: Sequence[float],
        *,
        cell: int | None = None,
        action: int | None = None,
    ) -> tuple[float, ...]:
        """Keep a forecast until its outcome is known.

        Args:
            period: period that is forecast, with a time zone.
            issued_at: moment at which the forecast is made, with a time zone.
            means: mean by forecaster, in the unit of the series.
            scales: standard deviation by forecaster, above 0.
            cell: cell in which the learner acted; None: it did not.
            action: action that it played, and that is in the forecast.

        Returns:
            Weights of the forecast, in the order of the names.

        Raises:
            DataError: A period that has a forecast or an outcome already, a moment without a time
                zone, or numbers that are not finite or of another count.
            ConfigError: A cell or action that the learner does not have.
        """
        _zoned(period, issued_at)
        if period in self._waiting or period in self._realised:
            raise DataError(f"{period.isoformat()} was forecast already: an outcome counts once")
        mean, scale = np.asarray(means, dtype=np.float64), np.asarray(scales, dtype=np.float64)
        right = mean.shape == scale.shape == (len(self.names),)
        if not (right and np.isfinite(mean).all() and np.isfinite(scale).all() and scale.min() > 0):
            raise DataError(f"means and scales must be {len(self.names)} finite numbers each")
        if (cell is None) != (action is None):
            raise ConfigError("cell and action go together")
        if cell is not None and action is not None:
            agent = self.learner
            if agent is None:
                raise ConfigError("an action was played and there is no learner")
            if not (0 <= cell < agent.n_states and 0 <= action < agent.n_actions):
                raise ConfigError(f"the learner has no cell {cell} with an action {action}")
        used = self.weights
        self._waiting[period] = _Issued(
            period, issued_at, mean.tolist(), scale.tolist(), list(used), cell, action
        )
        return used

    def realise(self, period: datetime, value: float, known_at: datetime) -> Feedback:
        """Learn from an outcome, in place.

        Args:
            period: period of the outcome.
            value: outcome, in the unit of the series.
            known_at: moment from which on it was known, with a time zone.

        Returns:
            What it came to.

        Raises:
            DataError: No forecast of that period waits, the outcome was taken before, it was known
                when the forecast was made, or it is not finite. Nothing is then learned.
        """
        _zoned(period, known_at)
        if period in self._realised:
            raise DataError(f"the outcome of {period.isoformat()} was learned from already")
        issued = self._waiting.get(period)
        if issued is None:
            raise DataError(f"no forecast of {period.isoformat()} waits for its outcome")
        if known_at <= issued.issued_at:
            raise DataError(
                f"the outcome of {period.isoformat()} was known at {known_at.isoformat()}, before "
                f"its forecast was made, {issued.issued_at.isoformat()}"
            )
        if not np.isfinite(value):
            raise DataError(f"an outcome must be finite, got {value!r}")
        mean, scale = np.array(issued.means), np.array(issued.scales)
        weights = np.array(issued.weights)
        surprise = (value - mean) / scale
        likelihood = -0.5 * surprise * surprise - log(scale)
        self._log_weights = bayes_weights(
            forget(self._log_weights, self.alpha, self.floor), likelihood
        )
        score = float(crps_mixture(weights, mean, scale, value))
        td_error = None
        if self.learner is not None and issued.cell is not None and issued.action is not None:
            td_error = self.learner.learn(
                issued.cell, issued.action, -score / self.unit, issued.cell, terminated=True
            )
        del self._waiting[period]
        self._realised.add(period)
        error = float(value - (weights * mean).sum())
        return Feedback(period, score, error, tuple(exp(self._log_weights).tolist()), td_error)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the loop goes on from, whole or not at all.

        Args:
            path: path of the file; missing parent folders are made.

        Raises:
            OSError: The file cannot be written.
        """
        content = _Document(
            list(self.names),
            self.alpha,
            self.floor,
            self.unit,
            self._log_weights.tolist(),
            [self._waiting[period] for period in self.waiting],
            sorted(self._realised),
            None if self.learner is None else learner_document(self.learner),
        )
        write_document(path, content, FEEDBACK_KIND)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> IterativeFeedbackLoop:
        """Read a loop, which goes on with the bits of one that never stopped.

        Args:
            path: path of the file.

        Returns:
            The loop.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or what is in it does
                not fit together.
            OSError: It cannot be read.
        """
        found = read_document(path, _Document, FEEDBACK_KIND)
        try:
            learner = None if found.learner is None else learner_of(found.learner)
            loop = cls(found.names, learner, alpha=found.alpha, floor=found.floor, unit=found.unit)
            if len(found.log_weights) != len(found.names):
                raise ConfigError(f"{len(found.log_weights)} weights of {len(found.names)} names")
            for one in found.waiting:
                loop.issue(
                    one.period,
                    one.issued_at,
                    one.means,
                    one.scales,
                    cell=one.cell,
                    action=one.action,
                )
                if len(one.weights) != len(found.names):
                    raise ConfigError("weights of a forecast do not fit the names")
                loop._waiting[one.period] = one
        except ValueError as error:
            raise ArtifactError(f"{path}: {error}") from error
        loop._log_weights = np.array(found.log_weights)
        loop._realised = set(found.realised)
        return loop


def _zoned(*moments: datetime) -> None:
    for moment in moments:
        if moment.utcoffset() is None:
            raise DataError(f"{moment!r} has no time zone; moments and periods must have one")
