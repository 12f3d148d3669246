"""Windows and states with segments and contexts, for all tests of the hierarchy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import ForecastState, TrainingWindow
from fg_core.segments import rescale_segments
from fg_core.testing import example_states, example_window

NAMES = ("east", "north", "west")


@dataclass(frozen=True)
class Sample:
    """A series with three segments and two context columns, and its rows after the window."""

    parts: np.ndarray
    contexts: list
    n: int

    @property
    def values(self):
        return self.parts.sum(axis=1)

    def window(self, end=None, *, start=0, shift=0):
        end = self.n - 1 if end is None else end
        rows = slice(start, end + 1)
        return TrainingWindow(
            self.values[rows],
            end + shift,
            contexts=self.contexts[rows],
            segments=[dict(zip(NAMES, row, strict=True)) for row in self.parts[rows].tolist()],
        )

    def state(self, t, *, shift=0, lookback=20):
        return ForecastState(
            t + shift,
            float(self.values[t]),
            0.0,
            0.0,
            segment_values=dict(zip(NAMES, self.parts[t].tolist(), strict=True)),
            macro_context=self.contexts[t],
            history=tuple(self.values[max(0, t - lookback) : t].tolist()),
        )


def _sample(seed=0, n=120, after=40, level=0.0):
    """Segments that lead each other, with shocks in common, and columns that lead them all."""
    rng = np.random.default_rng(seed)
    total = n + after
    rate = rng.standard_normal(total)
    own = rng.standard_normal((total, 3)) + 0.6 * rng.standard_normal((total, 1))
    parts = np.zeros((total, 3))
    for t in range(1, total):
        lead = np.roll(parts[t - 1], 1)
        parts[t] = 0.5 * parts[t - 1] + 0.3 * lead + 0.4 * rate[t - 1] + own[t]
    contexts = [{"rate": float(x), "noise": float(np.sin(7.0 * i))} for i, x in enumerate(rate)]
    return Sample(parts + level, contexts, n)


@pytest.fixture(scope="session")
def sample():
    return _sample


def _conformance(segments=None):
    """The examples of fg_core, with segments that add up."""
    plain = example_window()
    weights = {"east": 0.2, "north": 0.5, "west": 0.3} if segments is None else segments

    def parts(t, value):
        tilted = {k: w + 0.05 * np.sin(t + i) for i, (k, w) in enumerate(weights.items())}
        return dict(rescale_segments(tilted, value))

    window = replace(plain, segments=[parts(t, float(v)) for t, v in enumerate(plain.values)])
    states = [
        replace(s, segment_values=parts(s.t, s.value)) if s.history else s
        for s in example_states(plain)
    ]
    return window, states


@pytest.fixture(scope="session")
def conformance():
    return _conformance
