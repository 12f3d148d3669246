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
    fitted = agent.fit(WINDOW) if hasattr(agent, "fit") else agent

    @given(next_states(), st.integers(1, 4))
    @settings(max_examples=2 * settings.default.max_examples, deadline=None)
    def answers(state, horizon):
        said = fitted.act(state, horizon)
        assert np.isfinite(said.delta)
        assert said.scale is None or (np.isfinite(said.scale) and said.scale > 0.0)
        assert fitted.act(replace(state), horizon) == said

    answers()
