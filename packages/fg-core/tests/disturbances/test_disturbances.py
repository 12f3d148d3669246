"""All disturbances: promises, formulas computed by hand, rates and scales, names, parameters."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, ForecastGame, ForecastState, Registry, SimulationConfig
from fg_core.disturbances import (
    DriftDisturbance,
    EvasionDisturbance,
    GaussianDisturbance,
    RegimeShiftDisturbance,
    ShiftDisturbance,
    VolatilityBurstDisturbance,
    VolatilityScaledDisturbance,
)
from fg_core.rng import Stream
from fg_core.testing import check_disturbance, plugin_names
from fg_core.testing.strategies import configs, states

ALIASES = {
    GaussianDisturbance: ("gaussian", "default"),
    ShiftDisturbance: ("shift", "regime_shift_basic"),
    EvasionDisturbance: ("evasion", "evasion_like"),
    VolatilityScaledDisturbance: ("volatility_scaled", "volatility", "vol_scaled"),
    RegimeShiftDisturbance: ("regime_shift", "regime"),
    VolatilityBurstDisturbance: ("volatility_burst", "burst"),
    DriftDisturbance: ("drift", "systematic_drift"),
}
REGISTRY = Registry("fg_core.disturbances")
RULES = [REGISTRY.load(name)() for name in plugin_names(REGISTRY.group, "fg-core")]
CUSTOM = [
    ShiftDisturbance(size=2.0),
    EvasionDisturbance(share=0.7),
    VolatilityScaledDisturbance(floor=0.3, ceiling=0.6),
    RegimeShiftDisturbance(size=0.1, every=5),
    VolatilityBurstDisturbance(factor=9.0),
    DriftDisturbance(rate=0.5, ceiling=1.0),
]
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
ALWAYS = SimulationConfig(disturbance_prob=1.0, disturbance_scale=2.0, adversarial_intensity=1.5)


@pytest.mark.parametrize("rule", [*RULES, *CUSTOM], ids=repr)
def test_conforms(rule):
    check_disturbance(rule)


@pytest.mark.parametrize(("cls", "names"), ALIASES.items(), ids=lambda item: str(item))
def test_aliases_are_the_same_disturbance(cls, names):
    for name in names:
        assert REGISTRY.load(name) is cls
    assert cls().name == names[0]


def test_every_rule_is_found_by_its_own_name():
    for rule in RULES:
        assert REGISTRY.load(rule.name) is type(rule)


# ------------------------------------------------------------------------------------- formulas


def by_hand(name, state, u, z, config):
    """The table of formulas, in plain Python: fires iff u <= probability."""
    s, i = config.disturbance_scale, config.adversarial_intensity
    if not (config.disturbance_prob > 0.0 and u[0] <= config.disturbance_prob):
        return 0.0
    if name == "gaussian":
        return s * i * z[0]
    if name == "shift":
        return 0.35 * i
    if name == "evasion":
        return (1.0 if state.value >= 0.0 else -1.0) * 0.2 * s * i
    if name == "volatility_scaled":
        return s * i * min(10.0, max(0.05, abs(state.hidden_shift) + abs(state.exogenous))) * z[0]
    if name == "regime_shift":
        if state.t == 0 or state.t % 12 != 0:
            return 0.0
        return 0.8 * i if u[1] >= 0.5 else -0.8 * i
    if name == "volatility_burst":
        return 2.5 * s * i * z[0]
    assert name == "drift"
    side = 1.0 if state.exogenous >= 0.0 else -1.0
    return side * min(0.03 * (state.t + 1), 3.0) * i


draws = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
normals = st.floats(-8.2, 8.2)


@by_name
@given(state=states(max_history=0), config=configs(), u=draws, z=normals)
def test_formula(rule, state, config, u, z):
    found = rule.sample(state, list(u[: rule.n_uniforms]), [z] * rule.n_normals, config)
    assert type(found) is float
    assert math.isfinite(found)
    assert found == pytest.approx(by_hand(rule.name, state, u, [z], config), rel=1e-12, abs=1e-300)


@by_name
@given(state=states(max_history=0), u=draws, z=normals)
def test_nothing_happens_at_probability_or_intensity_zero(rule, state, u, z):
    never, idle = (
        replace(ALWAYS, disturbance_prob=0.0),
        replace(ALWAYS, adversarial_intensity=0.0),
    )
    for config in (never, idle):
        found = rule.sample(state, [0.0, *u[1:]][: rule.n_uniforms], [z], config)
        assert found == 0.0
        assert math.copysign(1.0, found) == 1.0


@pytest.mark.parametrize("rule", [*RULES, *CUSTOM], ids=repr)
@given(seed=st.integers(0, 2**32), config=configs(), t=st.integers(0, 300))
def test_a_batch_equals_its_games_to_the_last_bit(rule, seed, config, t):
    rng = np.random.default_rng(seed)
    value, exogenous, shift = rng.normal(0.0, 3.0, (3, 9))
    value[0] = exogenous[0] = shift[0] = 0.0
    u, z = rng.random((rule.n_uniforms, 9)), rng.normal(size=(rule.n_normals, 9))
    whole = rule.sample(ForecastState(t, value, exogenous, shift), u, z, config)
    assert whole.shape == (9,)
    for g in range(9):
        alone = ForecastState(t, float(value[g]), float(exogenous[g]), float(shift[g]))
        one = rule.sample(alone, u[:, g].tolist(), z[:, g].tolist(), config)
        assert np.float64(one).tobytes() == whole[g].tobytes()


# ----------------------------------------------------------------------------- rates and scales

N = 20_000
STATE = ForecastState(24, 3.0, -0.5, 0.25)


def sampled(rule, config, state=STATE):
    stream = Stream(5, "disturbance", rule.name)
    u = np.array([[stream.uniform(t, i) for t in range(N)] for i in range(rule.n_uniforms)])
    z = np.array([[stream.normal(t, 2 + i) for t in range(N)] for i in range(rule.n_normals)])
    many = ForecastState(
        state.t,
        np.full(N, state.value),
        np.full(N, state.exogenous),
        np.full(N, state.hidden_shift),
    )
    return rule.sample(many, u, z, config)


@by_name
@pytest.mark.parametrize("probability", [0.05, 0.3, 1.0])
def test_it_fires_with_its_probability(rule, probability):
    found = sampled(rule, replace(ALWAYS, disturbance_prob=probability))
    deviation = 4.0 * math.sqrt(probability * (1.0 - probability) / N)
    assert (found != 0.0).mean() == pytest.approx(probability, abs=deviation)


@pytest.mark.parametrize(
    ("rule", "spread"),
    [
        (GaussianDisturbance(), 3.0),
        (VolatilityBurstDisturbance(), 7.5),
        (VolatilityScaledDisturbance(), 2.25),
    ],
)
def test_random_sizes_have_mean_zero_and_their_spread(rule, spread):
    found = sampled(rule, ALWAYS)
    assert found.mean() == pytest.approx(0.0, abs=4.0 * spread / math.sqrt(N))
    assert found.std() == pytest.approx(spread, rel=4.0 / math.sqrt(2 * N))


def test_breaks_come_at_their_dates_with_even_odds():
    rule = RegimeShiftDisturbance()
    found = sampled(rule, ALWAYS)
    assert np.abs(found) == pytest.approx(1.2)
    assert (found > 0.0).mean() == pytest.approx(0.5, abs=2.0 / math.sqrt(N))
    dates = [
        t
        for t in range(60)
        if rule.sample(ForecastState(t, 1.0, 0.0, 0.0), [0.5, 0.5], [], ALWAYS) != 0.0
    ]
    assert dates == [12, 24, 36, 48]


def test_a_push_has_a_direction_even_at_zero():
    still = ForecastState(9, -0.0, -0.0, 0.0)
    assert EvasionDisturbance().sample(still, [0.5], [], ALWAYS) > 0.0
    assert DriftDisturbance().sample(still, [0.5], [], ALWAYS) > 0.0


def test_the_ceiling_of_the_drift_is_met_in_round_99():
    at = [
        DriftDisturbance().sample(ForecastState(t, 0.0, 0.0, 0.0), [0.5], [], ALWAYS)
        for t in (98, 99, 5000)
    ]
    assert at == pytest.approx([1.5 * 2.97, 4.5, 4.5])


# ------------------------------------------------------------------------------ settings, games


@pytest.mark.parametrize(
    ("cls", "bad"),
    [
        (ShiftDisturbance, {"size": -0.1}),
        (ShiftDisturbance, {"size": math.nan}),
        (EvasionDisturbance, {"share": math.inf}),
        (EvasionDisturbance, {"share": "0.2"}),
        (VolatilityScaledDisturbance, {"floor": 0.0}),
        (VolatilityScaledDisturbance, {"ceiling": 0.01}),
        (RegimeShiftDisturbance, {"every": 0}),
        (RegimeShiftDisturbance, {"every": 2.5}),
        (RegimeShiftDisturbance, {"size": True}),
        (VolatilityBurstDisturbance, {"factor": -1.0}),
        (DriftDisturbance, {"rate": -0.03}),
        (DriftDisturbance, {"ceiling": math.inf}),
    ],
)
def test_parameters_are_checked(cls, bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        cls(**bad)


@by_name
def test_games_under_it_differ_from_clean_ones_by_it_alone(rule):
    config = SimulationConfig(
        horizon=40,
        disturbance_prob=0.8,
        disturbance_model=rule.name,
        attack_total=0.0,
    )
    start = ForecastState(0, 10.0, 0.0, 0.0)
    game = ForecastGame(config, seed=3)
    disturbed, clean = game.run(start), game.run(start, disturbed=False)
    gap, pressure = 0.0, 0.0
    for one, other in zip(disturbed.steps, clean.steps, strict=True):
        gap += 0.4 * pressure + one.disturbance
        pressure = 0.6 * pressure + 0.2 * one.disturbance
        assert one.next_state.value - other.next_state.value == pytest.approx(gap, abs=1e-9)
    assert any(step.disturbance != 0.0 for step in disturbed.steps)
    assert not any(step.disturbance for step in clean.steps)


def test_the_stormiest_settings_stay_finite():
    config = SimulationConfig(
        horizon=400,
        max_rounds=400,
        disturbance_prob=1.0,
        disturbance_scale=5.0,
        adversarial_intensity=5.0,
        disturbance_model="volatility_scaled",
    )
    out = ForecastGame(config, seed=3).run(ForecastState(0, 10.0, 0.0, 0.0))
    assert all(math.isfinite(step.target) for step in out.steps)
    assert all(abs(step.disturbance) <= 25.0 * 10.0 * 8.3 for step in out.steps)
