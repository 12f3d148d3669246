"""Whatever a state holds, every registered forecaster answers it with finite numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ForecastState, Registry
from fg_core.segments import rescale_segments
from fg_core.testing import example_states, example_window

FORECASTERS = Registry("fg_core.forecasters").names()
WINDOW = example_window()
TEMPLATE = example_states(WINDOW)[0]
NUMBER = st.floats(-1e6, 1e6)


FOR_DEMAND = (
    *("croston", "empirical", "empirical_recent", "negative_binomial", "negative_binomial_recent"),
    *("sba", "tsb"),
)
"""Forecasters of demand, which is never below zero; two of them count."""


def demand_of(state):
    """Return a state of whole numbers that are not below zero, and count as far as anybody does."""
    past = tuple(float(round(abs(value))) for value in state.history)
    value = float(round(abs(state.value) % 1000.0))
    return replace(state, value=value, history=past, segment_values={}, segment_id="")


@st.composite
def next_states(draw):
    """The state after the window: a value of any size, and any context and segments."""
    value = draw(NUMBER)
    names = list(WINDOW.segments[-1]) if WINDOW.segments else []
    segments = {name: draw(NUMBER) for name in names}
    columns = list(WINDOW.contexts[-1]) if WINDOW.contexts else []
    return ForecastState(
        WINDOW.end_t + 1,
        value,
        0.0,
        0.0,
        TEMPLATE.segment_id,
        rescale_segments(segments, value),
        {name: draw(NUMBER) for name in columns},
        tuple(WINDOW.values[-64:].tolist()),
    )


@pytest.mark.parametrize("name", FORECASTERS)
def test_deltas_and_scales_are_finite(name):
    agent = Registry("fg_core.forecasters").load(name)()
    counts = name in FOR_DEMAND
    window = replace(WINDOW, values=np.round(np.abs(WINDOW.values))) if counts else WINDOW
    fitted = agent.fit(window) if hasattr(agent, "fit") else agent

    @given(next_states(), st.integers(1, 4))
    @settings(max_examples=2 * settings.default.max_examples, deadline=None)
    def answers(state, horizon):
        state = demand_of(state) if counts else state
        said = fitted.act(state, horizon)
        assert np.isfinite(said.delta)
        least = 0.0 if said.shape is None else -1.0  # all of it may be at one value
        assert said.scale is None or (np.isfinite(said.scale) and said.scale > least)
        assert fitted.act(replace(state), horizon) == said

    answers()
