"""The runtime of a written strategy: conformance, bits of batches, limits."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core import ConfigError, ForecastState, SimulationConfig
from fg_core.baselines import ForecastingAgent
from fg_core.runtime_status import status_of
from fg_core.testing import check_forecaster, check_strategy_runtime
from fg_llm import (
    FEATURES,
    PromptStrategyRuntime,
    StrategyError,
    check_program,
    random_program,
    strategy_hash,
)


@pytest.mark.parametrize("seed", range(5))
def test_is_a_runtime_and_its_agent_a_forecaster(seed: int) -> None:
    program = random_program(np.random.default_rng(seed), FEATURES, 20)
    runtime = PromptStrategyRuntime(program)

    check_strategy_runtime(runtime)
    check_forecaster(ForecastingAgent(runtime=runtime))


def test_a_change_is_cut_to_the_limit() -> None:
    huge = check_program({"language": 1, "prog": [{"op": "num", "milli": 999_000}]}, FEATURES)
    state = ForecastState(2, 3.0, 0.0, 0.0, history=(1.0, 2.0))

    assert PromptStrategyRuntime(huge, limit=2.0).forecast_delta(state) == 2.0
    assert PromptStrategyRuntime(huge).forecast_delta(ForecastState(0, 3.0, 0.0, 0.0)) == 0.0


def test_the_status_names_the_strategy() -> None:
    runtime = PromptStrategyRuntime()

    assert strategy_hash(runtime.program)[:12] in str(status_of(runtime))


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_out_of_range_is_refused(limit: float) -> None:
    with pytest.raises(ConfigError, match="limit must be finite and above 0"):
        PromptStrategyRuntime(limit=limit)


def test_a_program_over_other_features_is_refused() -> None:
    program = check_program({"language": 1, "prog": [{"op": "feat", "name": "x"}]}, {"x"})

    with pytest.raises(StrategyError, match="unknown_feature"):
        PromptStrategyRuntime(program)


def test_settings_can_name_it() -> None:
    from fg_core.registry import four_agent_factory

    forecaster = four_agent_factory(SimulationConfig(runtime_backend="prompt"))[0]

    assert forecaster == ForecastingAgent(runtime=PromptStrategyRuntime())
