"""Linear forecasters asked together: each says, to the last bit, what it says alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import (
    LinearForecaster,
    ShrunkAutoregression,
    VectorAutoregression,
    context_forecasters,
    macro_forecasters,
)
from fg_core import AgentError, ForecastUnavailable, TrainingWindow
from fg_core.protocols import Revealed

ROWS = st.integers(60, 119)


def agents_of(window, end, *, known=0, extra=()):
    """Forecasters of all kinds, fitted to the rows up to `end`, that know some rows more."""
    first = TrainingWindow(
        window.values[: end + 1],
        end,
        contexts=window.contexts[: end + 1],
        segments=window.segments[: end + 1] if window.segments else (),
    )
    everyone = (*macro_forecasters(), *context_forecasters(), *extra)
    return [replace(one, name=f"a{i}").fit(first) for i, one in enumerate(everyone)]


def alone(agents, state, horizon):
    """What each says by itself: delta, scale and reason."""
    found = []
    for agent in agents:
        try:
            action = agent.act(state, horizon)
        except ForecastUnavailable as reason:
            found.append((None, None, str(reason)))
        else:
            found.append((action.delta, action.scale, ""))
    return found


def together(agents, state, horizon):
    """What they say when they are asked at once, in the same form."""
    said = LinearForecaster.act_together(agents, state, horizon)
    rows = zip(said.delta.tolist(), said.scale.tolist(), said.reason, strict=True)
    return [(None, None, why) if why else (d, s, "") for d, s, why in rows]


@settings(max_examples=12)
@given(
    end=ROWS,
    later=st.integers(0, 9),
    update=st.booleans(),
    horizon=st.sampled_from([1, 2, 4, 7]),
    own=st.sampled_from(["unemp", "gdp"]),
    segments=st.booleans(),
    shown=st.sampled_from(["all", "some", "none"]),
)
def test_each_says_what_it_says_alone(
    quarters, states, end, later, update, horizon, own, segments, shown
):
    window = quarters(own=own, segments=segments)
    by_parts = LinearForecaster(VectorAutoregression(("consumption", "rate")), "parts")
    agents = agents_of(window, end, extra=(by_parts,))
    row = min(119, end + later)
    for t in range(end + 1, row) if update else ():
        told = Revealed(states(window, t), float(window.values[t]))
        agents = [agent.update(told) for agent in agents]
    state = states(window, row)
    if shown != "all":
        names = ("tbilrate", "growth") if shown == "some" else ()
        state = replace(state, macro_context={name: state.macro_context[name] for name in names})
    expected = alone(agents, state, horizon)
    assert together(agents, state, horizon) == expected
    there = [agent for agent, said in zip(agents, expected, strict=True) if not said[2]]
    slopes = LinearForecaster.slopes_together(there, state, horizon).tolist()
    assert slopes == [agent.sensitivity(state, horizon) for agent in there]


def test_what_another_state_showed_is_not_taken_for_what_this_one_shows(quarters, states):
    window = quarters(segments=True)
    by_parts = LinearForecaster(VectorAutoregression(("consumption", "rate")), "parts")
    agents = agents_of(window, 100, extra=(by_parts,))
    first = states(window, 101)
    others = [
        replace(first, value=first.value + 1.0),
        replace(first, history=(*first.history[:-1], first.history[-1] + 1.0)),
        replace(first, macro_context={**first.macro_context, "tbilrate": 9.0}),
        replace(first, segment_values={**first.segment_values, "consumption": 9.0}),
        replace(first, t=first.t + 1),
        replace(first, value=0.0),
        replace(first, value=-0.0),
    ]
    said = [alone(agents, first, 1)]
    for state in others:
        assert together(agents, first, 1) == said[0]
        said.append(alone(agents, state, 4))
        assert together(agents, state, 4) == said[-1]
    assert len({repr(one) for one in said[:-1]}) == len(said) - 1


def test_a_forecast_that_overflows_is_missing(macro, states):
    agents = agents_of(macro, 100)
    state = replace(states(macro, 101), value=1.7e308, history=(-1.7e308,) * 9)
    said = together(agents, state, 1)
    assert said == alone(agents, state, 1)
    assert any("overflows" in why for _, _, why in said)
    assert any(not why for _, _, why in said)


@pytest.mark.parametrize(
    ("history", "value"), [((1.0,), 1.0), ((np.nan,) * 9, 1.0), ((1.0,) * 9, np.inf)]
)
def test_a_state_that_is_too_short_or_not_finite_names_the_forecaster(
    macro, states, history, value
):
    short = LinearForecaster(ShrunkAutoregression(1, None), "short")
    long = LinearForecaster(ShrunkAutoregression(4, None), "long")
    agents = [one.fit(macro) for one in (short, long)]
    state = replace(states(macro, 119), value=value, history=history)
    messages = []
    for ask in (alone, together):
        with pytest.raises(AgentError) as caught:
            ask(agents, state, 1)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_forecasters_with_the_same_columns_remember_one_record(macro, states):
    agents = [one for one in agents_of(macro, 100) if one.group == "real"]
    told = Revealed(states(macro, 101), float(macro.values[101]))
    alike = {}
    for one in agents:
        alike.setdefault((one.fitted.system.columns, one.fitted.order), []).append(one)
    assert max(map(len, alike.values())) > 3
    for some in alike.values():
        assert len({id(one.memory) for one in some}) == 1
        assert len({id(one.update(told).memory) for one in some}) == 1
