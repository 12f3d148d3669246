"""The built haskell-rlm beside Python: the same bits, and what happens when it is hurt."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ForecastGame, ForecastState, SimulationConfig, evolve_state
from fg_core.baselines import ForecastingAgent
from fg_core.registry import four_agent_factory
from fg_core.testing import check_strategy_runtime
from fg_llm import (
    FEATURES,
    BridgeError,
    HaskellRLMRuntime,
    HaskellSession,
    check_program,
    constant_value,
    evaluate_arrays,
    random_program,
    strategy_hash,
)
from fg_llm.haskell import Launch, find_program

pytestmark = pytest.mark.haskell

ROOT = Path(__file__).resolve().parents[2]


def launch() -> Launch:
    return find_program(ROOT)


@pytest.fixture(scope="module")
def haskell() -> Iterator[HaskellSession]:
    with HaskellSession(launch) as session:
        yield session


def test_programs_have_the_same_bits_names_and_bounds(haskell: HaskellSession) -> None:
    """10,000 random programs on ten states each, of sizes from tiny to beyond the limit."""
    generator = np.random.default_rng(20)
    for _ in range(10_000):
        program = random_program(generator, FEATURES, int(generator.integers(3, 64)))
        sizes = 10.0 ** generator.integers(-12, 14, size=10)
        rows = {name: generator.normal(size=10) * sizes for name in FEATURES}
        with np.errstate(all="ignore"):
            wanted = evaluate_arrays(program, rows)

        assert haskell.evaluate(program, rows).tobytes() == wanted.tobytes()
        found = haskell.check(program, FEATURES)
        assert found.hash == strategy_hash(program)
        assert found.constant == constant_value(program)
        assert found.low <= wanted.min()
        assert wanted.max() <= found.high


def test_bounds_hold_within_ranges(haskell: HaskellSession) -> None:
    generator = np.random.default_rng(21)
    for _ in range(1_000):
        program = random_program(generator, FEATURES, int(generator.integers(3, 40)))
        ends = np.sort(generator.normal(size=(len(FEATURES), 2)), axis=1)
        ranges = {name: (low, high) for name, (low, high) in zip(FEATURES, ends, strict=True)}
        rows = {name: generator.uniform(*ends, size=20) for name, ends in ranges.items()}

        found = haskell.check(program, FEATURES, ranges)

        values = evaluate_arrays(program, rows)
        assert found.low <= values.min()
        assert values.max() <= found.high


def test_a_proof_that_a_strategy_stays_within_its_limit(haskell: HaskellSession) -> None:
    nodes = [
        {"op": "feat", "name": "gap_12"},
        {"op": "softsign", "a": 0},
        {"op": "num", "milli": 100},
        {"op": "mul", "a": 1, "b": 2},
    ]

    found = haskell.check(check_program({"language": 1, "prog": nodes}, FEATURES), FEATURES)

    assert -0.1 <= found.low < -0.099
    assert 0.099 < found.high <= 0.1
    assert found.features == ("gap_12",)


finite = st.floats(-1e9, 1e9)


@given(
    value=finite,
    exogenous=finite,
    moved=st.tuples(finite, finite, finite),
    effects=st.lists(st.tuples(finite, finite), max_size=4),
)
@settings(max_examples=1_000)
def test_the_law_of_motion_has_the_same_bits(
    haskell: HaskellSession,
    value: float,
    exogenous: float,
    moved: tuple[float, float, float],
    effects: list[tuple[float, float]],
) -> None:
    names = [str(i) for i in range(len(effects))]
    state = ForecastState(
        0,
        value,
        exogenous,
        0.0,
        macro_context=dict(zip(names, (column for _, column in effects), strict=True)),
    )
    after = evolve_state(
        state,
        base_trend=moved[0],
        noise=moved[1],
        disturbance=moved[2],
        coeff_map=dict(zip(names, (coefficient for coefficient, _ in effects), strict=True)),
    )

    found = haskell.evolve(
        value,
        exogenous,
        base_trend=moved[0],
        noise=moved[1],
        disturbance=moved[2],
        effects=effects,
    )

    assert np.array(found).tobytes() == np.array([after.value, after.exogenous]).tobytes()


def test_a_game_is_the_same_with_either_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    state = ForecastState(0, 10.0, 0.0, 0.0)
    played = {
        name: ForecastGame(
            SimulationConfig(runtime_backend=name), agent_factory=four_agent_factory
        ).run(state, 30)
        for name in ("haskell", "prompt")
    }

    assert played["haskell"].steps == played["prompt"].steps


def test_the_runtime_keeps_the_promises_of_runtimes(haskell: HaskellSession) -> None:
    program = random_program(np.random.default_rng(3), FEATURES, 20)

    check_strategy_runtime(HaskellRLMRuntime(program, session=HaskellSession(launch)))


def test_a_killed_program_is_started_again(haskell: HaskellSession) -> None:
    state = ForecastState(2, 7.0, 0.0, 0.0, history=(1.0, 3.0))
    runtime = HaskellRLMRuntime(session=haskell)
    before = runtime.answer(state)
    assert haskell.pid is not None
    first = haskell.pid
    os.kill(first, signal.SIGKILL)

    after = runtime.answer(state)

    assert after == before
    assert haskell.pid != first


def test_a_stopped_program_is_ended_and_python_answers() -> None:
    session = HaskellSession(launch, timeout=1.0)
    runtime = HaskellRLMRuntime(session=session)
    state = ForecastState(2, 7.0, 0.0, 0.0, history=(1.0, 3.0))
    wanted = runtime.answer(state).delta
    assert session.pid is not None
    os.kill(session.pid, signal.SIGSTOP)

    assert runtime.answer(state).delta == wanted  # a new process answers
    session.close()


def test_a_line_over_the_limit_ends_the_program_and_is_said(haskell: HaskellSession) -> None:
    with pytest.raises(BridgeError, match="a line over the limit"):
        haskell.request("eval", program=0, rows="0" * 100_000_000)
    assert haskell.request("stats")["answered"] >= 1
    haskell.reset()


def test_cabal_run_answers_too() -> None:
    built = launch()
    assert not built.builds
    command = ("cabal", "-v0", "run", "exe:rlm")
    folder = ROOT / "haskell-rlm"
    slow = Launch(
        command,
        folder=str(folder),
        environment={"CABAL_CONFIG": str(folder / "offline-cabal.config")},
        builds=True,
    )
    with HaskellSession(lambda: slow) as session:
        assert session.version() == "0.1.0"


def test_its_agent_plays_in_the_line_up_of_four() -> None:
    agent = four_agent_factory(SimulationConfig(runtime_backend="haskellrlm"))[0]

    assert isinstance(agent, ForecastingAgent)
    assert isinstance(agent.runtime, HaskellRLMRuntime)
