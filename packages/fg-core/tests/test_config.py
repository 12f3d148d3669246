"""The settings of a game: every range, from both sides."""

from __future__ import annotations

import dataclasses
import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.testing.strategies import configs

quiet = settings(derandomize=True, database=None, deadline=None)

# name: (values inside, values outside)
RANGES: dict[str, tuple[list[Any], list[Any]]] = {
    "horizon": ([0, 1, 10**6], [-1, 1.5, "3", True, None]),
    "max_rounds": ([0, 1, 10**6], [-1, 0.5, None]),
    "max_round_timeout_s": ([1e-9, 60, 60.0], [0, 0.0, -1.0, math.inf, math.nan, "1", None]),
    "base_noise_std": ([0, 0.0, 5.0], [-1e-9, math.inf, math.nan, True, None]),
    "disturbance_prob": ([0, 1, 0.5, 0.0, 1.0], [-1e-9, 1.000001, math.nan, math.inf, "0.1"]),
    "disturbance_scale": ([0.0, 9.0], [-1.0, math.nan, math.inf]),
    "adversarial_intensity": ([0.0, 9.0], [-1.0, math.nan, math.inf]),
    "attack_cost": ([0.0, 9.0], [-1.0, math.nan, math.inf]),
    "attack_cap": ([0.0, 9.0, math.inf], [-1.0, math.nan, -math.inf]),
    "attack_total": ([0.0, 9.0, math.inf], [-1.0, math.nan, -math.inf]),
    "reveal_lag": ([1, 8], [0, -1, 1.0]),
    "lookback": ([1, 400], [0, -1, 2.5]),
    "refit_every": ([0, 4], [-1, 0.5]),
    "fit_gap": ([0, 4], [-1, 0.5]),
    "season_length": ([1, 12], [0, -4, 4.0]),
    "train_window": ([None, 2, 400], [1, 0, -5, 2.0]),
    "step_scale": ([None, 0.1, 7], [0.0, -1.0, math.nan, math.inf]),
    "persistence": ([None, 0.0, 1.0, 0.5], [-0.1, 1.1, math.nan]),
    "base_trend": ([0.0, -3.5, 3.5], [math.nan, math.inf, None, "up"]),
    "horizons": ([(1,), (1, 4), (4, 1), [1, 2]], [(), (0,), (1, 1), (1.0,), (-1,), (True,)]),
    "runtime_backend": (["python", "anything"], ["", None, 3]),
    "disturbance_model": (["gaussian", "anything"], ["", None, 3]),
    "defense_model": (["innovation_gate", "anything"], ["", None, 3]),
    "enable_refactor": ([True, False], [1, 0, None, "yes"]),
    "enable_llm_refactor": ([True, False], [1, None]),
    "observe_exogenous": ([True, False], [1, None]),
    "known_ahead": ([(), ("promo", "price")], ["promo", None, (3, 4), 3]),
}

GOOD = [(name, value) for name, (inside, _) in RANGES.items() for value in inside]
WRONG = [(name, value) for name, (_, outside) in RANGES.items() for value in outside]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_values_inside_their_range_are_kept(name: str, value: Any) -> None:
    kept = getattr(SimulationConfig(**{name: value}), name)
    assert kept == (tuple(value) if name == "horizons" else value)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_values_outside_their_range_are_errors_that_name_field_and_value(
    name: str, value: Any
) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} must be ") as caught:
        SimulationConfig(**{name: value})
    assert isinstance(caught.value, ValueError)
    shown = value[0] if name == "horizons" and value and len(value) == 1 else value
    assert repr(shown) in str(caught.value)


def test_every_field_with_a_range_is_tested_here() -> None:
    fields = {field.name for field in dataclasses.fields(SimulationConfig)}
    assert fields - set(RANGES) == {"coeff_map"}


@quiet
@given(configs())
def test_valid_settings_are_values(config: SimulationConfig) -> None:
    assert pickle.loads(pickle.dumps(config)) == config
    assert hash(replace(config)) == hash(config)


def test_nothing_can_be_set() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SimulationConfig().horizon = 5  # type: ignore[misc]


def test_a_change_is_validated_like_a_new_one() -> None:
    with pytest.raises(ConfigError, match="disturbance_prob"):
        replace(SimulationConfig(), disturbance_prob=2.0)


def test_the_coefficients_are_read_only_and_do_not_follow_their_origin() -> None:
    plain = {"unemp": -0.5}
    config = SimulationConfig(coeff_map=plain)
    plain["unemp"] = 0.0
    assert config.coeff_map == {"unemp": -0.5}
    with pytest.raises(TypeError):
        config.coeff_map["unemp"] = 1.0  # type: ignore[index]


def test_numpy_floats_are_numbers() -> None:
    assert SimulationConfig(attack_cap=np.float64(0.5)).attack_cap == 0.5


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(TypeError, match="convergence_treshold"):
        SimulationConfig(convergence_treshold=0.1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"horizons": 4}, "horizons must be whole numbers in a tuple"),
        ({"coeff_map": [1]}, "coeff_map must map"),
        ({"coeff_map": {"gdp": math.nan}}, "coeff_map\\['gdp'\\] must be finite"),
        ({"attack_cap": 10**400}, "attack_cap is too large"),
    ],
)
def test_values_of_the_wrong_kind_are_errors_of_ours(bad: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimulationConfig(**bad)
