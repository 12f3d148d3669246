"""The surface that code written for the older game relies on: the settings.

Names, order, defaults and ranges as they were, but for `defense_model`, whose default is
`innovation_gate`. These tests stay green in every later step.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from fg_core import ConfigError, SimulationConfig

DEFAULTS: dict[str, Any] = {
    "horizon": 100,
    "max_rounds": 200,
    "max_round_timeout_s": 1.0,
    "base_noise_std": 0.15,
    "disturbance_prob": 0.1,
    "disturbance_scale": 1.0,
    "adversarial_intensity": 1.0,
    "runtime_backend": "python",
    "disturbance_model": "gaussian",
    "defense_model": "innovation_gate",
    "enable_refactor": True,
    "enable_llm_refactor": False,
    "attack_cost": 0.0,
}


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_every_old_field_has_its_default(name: str) -> None:
    value = getattr(SimulationConfig(), name)
    assert value == DEFAULTS[name]
    assert type(value) is type(DEFAULTS[name])


def test_the_old_fields_come_first_and_in_the_old_order() -> None:
    names = [field.name for field in dataclasses.fields(SimulationConfig)]
    assert names[: len(DEFAULTS)] == list(DEFAULTS)


def test_the_old_fields_can_be_given_by_position() -> None:
    config = SimulationConfig(50, 60, 2.0, 0.2, 0.3, 0.4, 0.5, "python", "gaussian")
    assert (config.horizon, config.max_rounds, config.max_round_timeout_s) == (50, 60, 2.0)
    assert (config.base_noise_std, config.disturbance_prob) == (0.2, 0.3)
    assert (config.disturbance_scale, config.adversarial_intensity) == (0.4, 0.5)


def test_whatever_is_new_is_keyword_only_and_has_a_default() -> None:
    for field in dataclasses.fields(SimulationConfig)[len(DEFAULTS) :]:
        assert field.kw_only, field.name
        has_default = field.default is not dataclasses.MISSING
        assert has_default or field.default_factory is not dataclasses.MISSING, field.name


@pytest.mark.parametrize("name", ["horizon", "max_rounds"])
def test_rounds_may_be_none_at_all_but_not_negative(name: str) -> None:
    assert getattr(SimulationConfig(**{name: 0}), name) == 0
    with pytest.raises(ValueError, match=name):
        SimulationConfig(**{name: -1})


@pytest.mark.parametrize(
    "name",
    ["base_noise_std", "disturbance_scale", "adversarial_intensity", "attack_cost"],
)
def test_scales_and_costs_may_be_nothing_but_not_negative(name: str) -> None:
    assert getattr(SimulationConfig(**{name: 0.0}), name) == 0.0
    with pytest.raises(ValueError, match=f"{name} must be >= 0"):
        SimulationConfig(**{name: -0.01})


def test_the_timeout_must_be_above_nothing() -> None:
    assert SimulationConfig(max_round_timeout_s=1e-6).max_round_timeout_s == 1e-6
    for value in (0.0, -1.0):
        with pytest.raises(ValueError, match="max_round_timeout_s must be > 0"):
            SimulationConfig(max_round_timeout_s=value)


@pytest.mark.parametrize("value", [0.0, 1.0, 0, 1])
def test_a_probability_may_be_0_or_1(value: float) -> None:
    assert SimulationConfig(disturbance_prob=value).disturbance_prob == value


@pytest.mark.parametrize("value", [-0.01, 1.01, 50.0])
def test_a_probability_may_not_be_below_0_or_above_1(value: float) -> None:
    with pytest.raises(ValueError, match=rf"disturbance_prob must be in \[0, 1\], got {value}"):
        SimulationConfig(disturbance_prob=value)


@pytest.mark.parametrize(
    "name",
    [
        "max_round_timeout_s",
        "base_noise_std",
        "disturbance_prob",
        "disturbance_scale",
        "adversarial_intensity",
        "attack_cost",
    ],
)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_must_be_finite(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        SimulationConfig(**{name: value})


def test_an_error_is_a_value_error_and_one_of_ours() -> None:
    with pytest.raises(ValueError, match="horizon must be a whole number >= 0, got -3") as caught:
        SimulationConfig(horizon=-3)
    assert isinstance(caught.value, ConfigError)


def test_a_config_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SimulationConfig().horizon = 10  # type: ignore[misc]


def test_a_config_is_compared_by_value_and_replaced_by_name() -> None:
    config = SimulationConfig(horizon=10)
    assert config == SimulationConfig(horizon=10)
    assert dataclasses.replace(config, attack_cost=0.5).attack_cost == 0.5
    assert config.attack_cost == 0.0


def test_a_replaced_config_is_validated_again() -> None:
    with pytest.raises(ValueError, match="attack_cost"):
        dataclasses.replace(SimulationConfig(), attack_cost=-1.0)


def test_the_switches_are_booleans() -> None:
    config = SimulationConfig(enable_refactor=False, enable_llm_refactor=True)
    assert config.enable_refactor is False
    assert config.enable_llm_refactor is True


def test_plugin_names_are_kept_as_they_are() -> None:
    config = SimulationConfig(
        runtime_backend="haskell", disturbance_model="wolfpack", defense_model="stack:a,b"
    )
    assert (config.runtime_backend, config.disturbance_model, config.defense_model) == (
        "haskell",
        "wolfpack",
        "stack:a,b",
    )
