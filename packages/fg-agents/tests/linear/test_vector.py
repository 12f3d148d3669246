"""Which columns a vector autoregression takes, and when there is none."""

import numpy as np
import pytest

from fg_agents.linear import DataPanel, Roles, VectorAutoregression
from fg_core import ConfigError, TrainingWindow


def system(specification, window):
    return specification.system(DataPanel.of(window), len(window) - 1)


def test_all_columns_or_those_that_are_named(macro):
    everything = system(VectorAutoregression(), macro).names
    assert everything == ("value", *sorted(macro.contexts[0]))
    some = VectorAutoregression(("money", "infl", "income", "no such column"))
    assert system(some, macro).names == ("value", "m1_growth", "infl")
    twice = VectorAutoregression(("inflation", "infl"))
    assert system(twice, macro).names == ("value", "infl")


def test_segments_are_taken_where_they_are_named(growth):
    assert not any(
        name.startswith("segments.") for name in system(VectorAutoregression(), growth).names
    )
    real = VectorAutoregression(("unemployment", "consumption", "segments.investment"))
    assert system(real, growth).names == (
        "value",
        "unemp",
        "segments.consumption",
        "segments.investment",
    )


def test_forms_follow_roles_and_persistence(macro):
    named = VectorAutoregression(
        ("inflation", "rate", "activity"),
        difference=("inflation", "value"),
        sums=("rate", "activity"),
    )
    found = system(named, macro)
    assert found.names == ("value", "infl", "tbilrate", "growth")
    assert found.persistent[:3] == (True, True, True)  # unemployment, inflation, a rate
    assert found.steps == (1, 1, 0, 0)
    assert found.sums == (False, False, True, found.persistent[3])
    assert system(VectorAutoregression(difference="persistent"), macro).steps == tuple(
        int(wanders) for wanders in system(VectorAutoregression(), macro).persistent
    )


def test_unknown_columns_wander_if_their_record_does():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((100, 2))
    contexts = [
        {"walk": float(a), "noise": float(b)}
        for a, b in zip(np.cumsum(noise[:, 0]), noise[:, 1], strict=True)
    ]
    window = TrainingWindow(np.cumsum(rng.standard_normal(100)), 99, contexts=contexts)
    assert system(VectorAutoregression(), window).persistent == (True, False, True)


def test_a_model_about_roles(macro):
    about = VectorAutoregression((), about=("unemployment", "activity"))
    assert system(about, macro).names == ("value", "growth")
    other = VectorAutoregression((), about=("inflation", "rate"))
    assert system(other, macro) == "it is about inflation, rate, and the series is none of these"
    missing = VectorAutoregression((), about=("unemployment", "income"))
    assert system(missing, macro) == "no context column for income"
    told = VectorAutoregression((), about=("rate", "inflation"), roles=Roles(own="rate"))
    assert system(told, macro).names == ("value", "infl")


def test_no_columns_and_too_many():
    bare = TrainingWindow(np.arange(40.0))
    assert system(VectorAutoregression(), bare) == "the context has none of the columns"
    wide = TrainingWindow(
        np.arange(40.0),
        39,
        contexts=[{f"c{i}": float(i * t) for i in range(41)} for t in range(40)],
    )
    assert "41 columns, at most 40 wanted" in system(VectorAutoregression(), wide)


def test_a_column_of_the_future_settles_no_role(macro):
    """What a series is may not be concluded from columns that come later."""
    contexts = [
        {k: v for k, v in row.items() if k != "growth" or t >= 60}
        for t, row in enumerate(macro.contexts)
    ]
    window = TrainingWindow(macro.values, macro.end_t, contexts=contexts)
    about = VectorAutoregression((), about=("unemployment", "rate"))
    panel = DataPanel.of(window)
    assert isinstance(about.system(panel, 59), str)  # neither unemployment nor activity is there
    assert about.system(panel, 119).names == ("value", "tbilrate")


def test_settings_are_checked():
    for wrong in ({"order": 0}, {"tightness": None}, {"sum_tightness": 0.0}, {"discount": 2.0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            VectorAutoregression(**wrong)
