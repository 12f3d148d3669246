r"""A defender whose doubt lasts: a filter over episodes of false prints.

An *episode* begins at some print, has a shape (level, ramp, a single print that is revised late, up
and down) and a length, and all of it is revised when it ends. What is doubted is therefore not the
newest print alone: a print that surprised stays doubtful while it is not revised, and the prints
after it with it, however ordinary they look. The posterior of the episodes (see
`fg_core.defenses.episodes.posterior`) is answered as exclusive alternatives over all prints that
are neither revised nor settled. Frequency, length, shape and size of episodes are learned from what
reveals and revisions tell (`episodes.counts`); scale and turmoil of true surprises from the last 24
of the history as it stands, each with the probability that its print is true.

The surprises are those of the defender's own autoregression of order 4, by least squares on settled
values, so that it may stand before any forecasters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.alternatives import Alternative, AlternativeArrays
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.defenses.episodes import (
    AGE,
    LONGEST,
    NEWEST_FIRST,
    CommonShock,
    EpisodeMemory,
    EpisodePrior,
    TailedNormal,
    false_if_unrevised,
    posterior_of,
)
from fg_core.defenses.episodes.autoregression import ORDER
from fg_core.errors import AgentError, ConfigError
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import replace_unchecked
from fg_core.protocols import OutlierAssessment, Revealed
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["EpisodeFilter"]

Array = NDArray[np.float64]
Values = Sequence[Array] | Sequence[float]
Contexts = Sequence[Mapping[str, float]]

_REMEMBERED = 24
"""Surprises from which scale and turmoil are learned."""
_AGES = np.arange(_REMEMBERED - 1.0, -1.0, -1.0)
_AGES.flags.writeable = False
_TOGETHER = 128
"""Games whose doubts are computed at once, so that temporaries stay small."""
_LEAST = 1e-3
"""Probability below which an alternative is left out: each costs a forecast."""


@dataclass(frozen=True)
class EpisodeFilter:
    """Doubts all prints that are neither revised nor settled; see the module.

    With a reveal lag of 1, or values that are settled one origin after they came out, it doubts the
    newest print alone.

    Args:
        name: Name of the agent.
        prior: Prior of episodes, and by how much counts outweigh it.
        tail_share: Share of true prints in turmoil before any is seen, in (0, 1).
        tail_weight: How many prints that is worth, above 0.
        tail_factor: By how much wider surprises in turmoil are, at least 1.
        discount: Discount of earlier surprises per print, in (0, 1].
        memory: What it has been told; set by `fit` and `update`.

    Raises:
        ConfigError: A constant is outside its range.

    >>> quiet = [10.0, 10.4, 9.8, 10.1, 10.3, 9.9, 10.2, 9.7] * 5
    >>> fitted = EpisodeFilter().fit(TrainingWindow(quiet))
    >>> state = ForecastState(40, 17.0, 0.0, 0.0, history=tuple(quiet))
    >>> fitted.act(state, ProbabilisticForecast(10.0, 0.1)).p_bad > 0.8
    True
    """

    learns_from_revisions: ClassVar[bool] = True
    doubts_earlier_prints: ClassVar[bool] = True
    leaves_arrays_alone: ClassVar[bool] = True

    name: str = "episode_filter"
    prior: EpisodePrior = field(default_factory=EpisodePrior)
    tail_share: float = 0.02
    tail_weight: float = 20.0
    tail_factor: float = 5.0
    discount: float = 0.9
    memory: EpisodeMemory | None = None

    def __post_init__(self) -> None:
        checks = (
            ("tail_share", 0.0 < self.tail_share < 1.0, "(0, 1)"),
            ("tail_weight", 0.0 < self.tail_weight < np.inf, "(0, inf)"),
            ("tail_factor", 1.0 <= self.tail_factor < np.inf, "[1, inf)"),
            ("discount", 0.0 < self.discount <= 1.0, "(0, 1]"),
        )
        for name, holds, wanted in checks:
            if not holds:
                raise ConfigError(f"{name} must be in {wanted}, got {getattr(self, name)!r}")

    def fit(self, window: TrainingWindow) -> Self:
        """Return the defender at the start of a game on this series."""
        return replace(self, memory=EpisodeMemory.start(window))

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return _REACH

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:  # noqa: ARG002
        """Return the doubt about all prints that are not settled; pure."""
        path, beside = (*state.history[-_REACH:], state.value), (state.macro_context,)
        if state.n_unrevealed == 0:
            p_bad, delta, scale = self._doubts(state.t, path, 1, beside)[:, 0, 0].tolist()
            return AgentAction(self.name, delta, scale=scale, p_bad=p_bad)
        found = self._alternatives(state.t, path, state.n_unrevealed, beside)
        patterns = [tuple(row) for row in np.asarray(found.pattern).tolist()]
        rows = zip(
            found.probability[:, 0].tolist(),
            found.delta[:, 0].tolist(),
            patterns,
            found.scale[:, 0].tolist(),
            strict=True,
        )
        return AgentAction.doubting(self.name, [Alternative(*row) for row in rows])

    def act_array(self, state: StateArrays, predictive: MixtureArrays) -> OutlierAssessment:  # noqa: ARG002
        """Return what `act` returns, for many games."""
        path, beside = (*state.history[-_REACH:], state.value), state.contexts()
        if state.n_unrevealed == 0:
            p_bad, delta, scale = self._doubts(state.t, path, 1, beside)[:, 0]
            return OutlierAssessment(delta, p_bad, scale)
        found = self._alternatives(state.t, path, state.n_unrevealed, beside)
        return OutlierAssessment.doubting(self.name, found, state.n_games)

    def update(self, revealed: Revealed) -> Self:
        """Return the defender after a value is revised or settled."""
        return self._told(revealed)

    def update_array(self, revealed: Revealed) -> Self:
        """Return what `update` returns, for many games."""
        return self._told(revealed)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one defender that stands for these, one per game; None where they differ."""
        first = agents[0]
        memories = [one.memory for one in agents if one.memory is not None]
        if len(memories) < len(agents):
            return None
        alike = replace(first, memory=None)
        if any(replace(one, memory=None) != alike for one in agents):
            return None
        memory = EpisodeMemory.stack(memories)
        return None if memory is None else replace(first, memory=memory)

    def _told(self, revealed: Revealed) -> Self:
        if self.memory is None:
            return self
        state = revealed.state
        history = [np.atleast_1d(one) for one in state.history[-ORDER:]]
        values = np.atleast_1d(revealed.reported), np.atleast_1d(state.value)
        origin = state.t + 1 if revealed.origin is None else revealed.origin
        memory = self.memory.told(
            self.prior, state.t, origin, values, history, settled=revealed.settled
        )
        shown: Any = state
        contexts = shown.contexts() if hasattr(shown, "contexts") else (state.macro_context,)
        return replace_unchecked(self, memory=memory.beside(state.t, contexts))

    def _alternatives(
        self, t: int, path: Values, n_unrevealed: int, beside: Contexts
    ) -> AlternativeArrays:
        """Return the alternatives of all games; those that reach too far back are left out."""
        prints = min(LONGEST, n_unrevealed + 1)
        probability, delta, scale = self._doubts(t, path, prints, beside)
        likely = np.where(probability >= _LEAST, probability, 0.0)
        near = prints >= AGE
        return AlternativeArrays(
            likely[near], delta[near], NEWEST_FIRST[near, :prints], scale[near]
        )

    def _doubts(self, t: int, path: Values, prints: int, beside: Contexts) -> Array:
        """Return probability, correction and its scale, shape (3, hypothesis, game)."""
        if self.memory is None:
            raise AgentError(f"defender {self.name!r} must be fitted before it is asked")
        memory = self.memory.until(t, self.prior)
        steps, support = memory.moments.steps(path), memory.supported(t, beside)
        n, parts = steps.shape[0], []
        for begin in range(0, n, _TOGETHER):
            games = slice(begin, begin + _TOGETHER)
            rows = memory.rows(games) if n > _TOGETHER else memory
            moved = support if support is None or len(support) == 1 else support[games]
            parts.append(self._posterior(rows, steps[games], t, prints, moved))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def _posterior(
        self, memory: EpisodeMemory, steps: Array, t: int, prints: int, support: Array | None
    ) -> Array:
        """Return `_doubts` of games few enough to be computed at once."""
        model = memory.moments.fitted
        common = earlier_common = None
        if support is not None:
            shock = CommonShock.of(support, self.tail_factor)
            common, earlier_common = shock.take(slice(1, None)), shock.take(slice(None, -1))
        n_values = steps.shape[1]
        absent = _REACH + 1 - n_values
        if absent > 0:
            steps = np.concatenate([np.repeat(steps[:, :1], absent, axis=1), steps], axis=1)
        surprises = model.surprises(steps)
        unrevised = np.minimum(memory.unrevised(t), min(prints, n_values - ORDER))
        z = surprises[:, :-1] / model.sigma[:, np.newaxis]
        weights = self.discount**_AGES
        if absent > 0:
            weights = np.where(np.arange(_REMEMBERED) >= absent, weights, 0.0)
        if (unrevised > 1).any():
            # From the newest print but one back: may it still turn out false?
            doubtful = unrevised[:, np.newaxis] - 1 > _AGES
            # How true these are is judged by what surprises were before them.
            before = self._true(z, np.where(doubtful, 0.0, weights), model.sigma)
            counts = replace(memory.counts, last=np.zeros_like(memory.counts.last))
            earlier = surprises[:, -LONGEST - 1 : -1]
            found = posterior_of(
                self.prior, counts, model, before, earlier, unrevised - 1, common=earlier_common
            )
            false = false_if_unrevised(self.prior, counts, found)[:, ::-1]
            good = np.concatenate(
                [np.ones((len(false), _REMEMBERED - LONGEST)), 1.0 - false], axis=1
            )
            weights = weights * good
        else:
            weights = np.broadcast_to(weights, z.shape)
        true = self._true(z, weights, model.sigma)
        found = posterior_of(
            self.prior,
            memory.counts,
            model,
            true,
            surprises[:, -LONGEST:],
            unrevised,
            prints,
            common,
        )
        unit = memory.moments.unit[:, np.newaxis]
        scale = np.sqrt(np.maximum(found.variance, 0.0))
        return np.stack([found.probability.T, -(found.mean * unit).T, (scale * unit).T])

    def _true(self, z: Array, weights: Array, sigma: Array) -> TailedNormal:
        return TailedNormal.learned(
            z,
            weights,
            sigma,
            share=self.tail_share,
            weight=self.tail_weight,
            factor=self.tail_factor,
        )


_REACH = _REMEMBERED + ORDER
"""Earlier values from which all surprises follow."""
