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
    running,
    univariate_forecasters,
)
from fg_agents.linear import panel as panels
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


def forget():
    """Forget the panels, and with them all fits."""
    panels._panels.clear()
    panels._latest.clear()


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
    return by_game([agents], [state], horizon)


def by_game(games, states, horizon):
    """Expert forecasts of several games, asked for at once."""
    said = LinearForecaster.act_together(games, states, horizon)
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
    slopes = LinearForecaster.slopes_together([agents], [state], horizon).tolist()
    for agent, said, slope in zip(agents, expected, slopes, strict=True):
        assert said[2] or slope == agent.sensitivity(state, horizon)
    # Other games beside it change nothing, whoever plays there.
    other, few = states(window, 119), agents[3:9]
    games, shown = [agents, few, agents[-1:]], [state, other, state]
    expected += alone(few, other, horizon) + expected[-1:]
    assert by_game(games, shown, horizon) == expected
    slopes += LinearForecaster.slopes_together([few], [other], horizon).tolist() + slopes[-1:]
    found = LinearForecaster.slopes_together(games, shown, horizon)
    assert np.array_equal(found, slopes, equal_nan=True)


@settings(max_examples=6)
@given(
    ends=st.lists(st.integers(12, 119), min_size=1, max_size=2),
    own=st.sampled_from(["unemp", "gdp"]),
    segments=st.booleans(),
    jump=st.booleans(),
    data=st.data(),
)
def test_each_is_fitted_to_what_it_is_fitted_to_alone(quarters, ends, own, segments, jump, data):
    window = quarters(own=own, segments=segments)
    values = window.values.copy()
    if jump:
        values[10:] += 1e9  # some regressions lose all digits
    windows = [
        TrainingWindow(
            values[: end + 1],
            end,
            contexts=window.contexts[: end + 1],
            segments=window.segments[: end + 1] if window.segments else (),
        )
        for end in ends
    ]
    deep = [
        LinearForecaster(ShrunkAutoregression(order, tightness), f"deep{order}")
        for order in (1, 9, 17)
        for tightness in (None, 0.2)
    ]
    everyone = [*macro_forecasters(), *context_forecasters(), *univariate_forecasters(4), *deep]
    wanted = [(agent, seen) for seen in windows for agent in everyone]
    wanted = data.draw(st.permutations(wanted)) if len(windows) > 1 else wanted
    agents, seen = zip(*wanted, strict=True)
    found = LinearForecaster.fit_together(agents, seen)
    for agent, one, own_window in zip(agents, found, seen, strict=True):
        forget()
        expected = agent.fit(own_window)
        assert (one.name, one.reason) == (agent.name, expected.reason)
        if expected.fitted is None:
            continue
        assert one.fitted.system == expected.fitted.system
        for what in ("constant", "lags", "covariance"):
            a, b = getattr(one.fitted.model, what), getattr(expected.fitted.model, what)
            assert (a.shape, a.tobytes()) == (b.shape, b.tobytes()), (agent, what)
            # On their order in memory, last bits of forecasts depend.
            assert np.argsort(a.strides).tolist() == np.argsort(b.strides).tolist(), (agent, what)
        assert (one.fitted.rows, one.fitted.floor) == (expected.fitted.rows, expected.fitted.floor)
        assert one.memory == expected.memory


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


def series_of(seed, n, *, rate):
    """A series that breaks once, with a season of four and, if wanted, a column beside it."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(size=n)) + np.tile([0.0, 2.0, -1.0, 0.5], n)[:n]
    values[n // 2] += 60.0
    beside = [{"rate": x} for x in rng.normal(size=n).tolist()] if rate else ()
    return TrainingWindow(values, n - 1, contexts=beside, season_length=4)


def test_fits_on_many_series_at_once_are_those_of_each_alone():
    # Of one length and of others, below and above the 128 rows of a block of sums.
    made = [(0, 150, True), (1, 150, True), (2, 150, False), (3, 90, True), (4, 290, False)]
    windows = [series_of(seed, n, rate=rate) for seed, n, rate in made]
    everyone = (*univariate_forecasters(4), *context_forecasters())
    pairs = [(one, window) for window in windows for one in everyone]

    def forget_all():
        forget()
        panels._sized.clear()
        running._blocks.clear()

    forget_all()
    found = LinearForecaster.fit_together(*(list(each) for each in zip(*pairs, strict=True)))
    fitted = 0
    for (agent, window), one in zip(pairs, found, strict=True):
        forget_all()
        by_itself = agent.fit(window)
        assert one.reason == by_itself.reason
        if not one.reason:
            fitted += 1
            for name in ("constant", "lags", "covariance"):
                both = (getattr(each.fitted.model, name).tobytes() for each in (one, by_itself))
                assert len({*both}) == 1
            assert one.memory == by_itself.memory
    assert fitted > 4 * len(windows)
