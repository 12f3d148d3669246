"""The session with haskell-rlm against programs that lie, fail or die, and its fallback."""

from __future__ import annotations

import os
import pickle
import re
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_core import ForecastState
from fg_core.testing import check_strategy_runtime
from fg_llm import (
    FEATURES,
    BridgeError,
    HaskellRLMRuntime,
    HaskellSession,
    PromptStrategyRuntime,
    StrategyError,
    check_program,
)
from fg_llm.haskell import Launch, find_program

PROGRAM = check_program({"language": 1, "prog": [{"op": "feat", "name": "change_1"}]}, FEATURES)
STATE = ForecastState(2, 7.0, 0.0, 0.0, history=(1.0, 3.0))

SERVER = """
import json, os, signal, sys, time
mode, folder = sys.argv[1], sys.argv[2]
starts = os.path.join(folder, "starts")
open(starts, "a").write("x")
open(os.path.join(folder, "pids"), "a").write(f"{os.getpid()} ")
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"id": asked["id"], "ok": True}
    if asked["op"] == "hello":
        answer.update(protocol=2 if mode == "version" else 1, language=1, version="7")
    elif mode == "dies" or (mode == "dies once" and os.path.getsize(starts) == 1):
        sys.exit(5)
    elif mode == "wrong id":
        answer["id"] -= 1
    elif mode == "no json":
        print("Up to date", flush=True)
        continue
    elif mode == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif mode == "stops":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif mode == "says half":
        sys.stdout.write('{"id": 3, "ok"')
        sys.stdout.flush()
        time.sleep(60)
    elif mode == "babbles":
        while True:
            os.write(1, b"Up to date\\n" * 100)
    elif mode == "says 100 MB":
        for _ in range(100):
            sys.stdout.write("0" * 1_000_000)
    elif mode == "has no heap":
        sys.stderr.write("rlm: Heap exhausted")
        sys.exit(251)
    elif mode == "refuses":
        answer.update(ok=False, code="too_deep", node=3)
    elif asked["op"] == "eval":
        rows = asked["rows"]
        answer["values"] = {"short": "00", "text": 3}.get(mode, rows)  # the identity
    print(json.dumps(answer), flush=True)
"""


def launch(mode: str, folder: Path) -> Launch:
    return Launch((sys.executable, "-S", "-c", SERVER, mode, str(folder)))


def session(mode: str, folder: Path) -> HaskellSession:
    return HaskellSession(partial(launch, mode, folder))


def n_starts(folder: Path) -> int:
    return len((folder / "starts").read_text())


def test_values_come_back_and_one_process_is_kept(tmp_path: Path) -> None:
    rows = {"change_1": np.array([1.5, -0.0, np.inf, 5e-324])}
    with session("good", tmp_path) as good:
        assert good.evaluate(PROGRAM, rows).tobytes() == rows["change_1"].tobytes()
        assert good.evaluate(PROGRAM, rows).tobytes() == rows["change_1"].tobytes()
        assert good.version() == "7"
    assert n_starts(tmp_path) == 1


def test_a_long_table_is_sent_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fg_llm.haskell.session._ROW_BYTES", 160)
    rows = {"change_1": np.arange(25.0)}
    with session("good", tmp_path) as good:
        assert good.evaluate(PROGRAM, rows).tolist() == rows["change_1"].tolist()


def test_a_process_that_dies_once_is_replaced_and_asked_again(tmp_path: Path) -> None:
    with session("dies once", tmp_path) as dying:
        assert dying.evaluate(PROGRAM, {"change_1": np.array([2.0])}).tolist() == [2.0]
    assert n_starts(tmp_path) == 2


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("dies", "ended with code 5"),
        ("wrong id", "answer is to another request"),
        ("no json", "answer is no JSON"),
        ("short", "0 values for 1 rows|no numbers"),
        ("text", "no numbers"),
    ],
)
def test_what_fails_twice_is_given_up_after_three_times(
    mode: str, reason: str, tmp_path: Path
) -> None:
    row = {"change_1": np.array([2.0])}
    failing = session(mode, tmp_path)
    for _ in range(3):
        with pytest.raises(BridgeError, match=reason):
            failing.evaluate(PROGRAM, row)
    started = n_starts(tmp_path)

    with pytest.raises(BridgeError, match="given up after 3 failures"):
        failing.evaluate(PROGRAM, row)
    assert n_starts(tmp_path) == started

    failing.reset()
    with pytest.raises(BridgeError, match=reason):
        failing.evaluate(PROGRAM, row)
    assert n_starts(tmp_path) > started


def test_another_protocol_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="speaks protocol 2 and language 1, 1 and 1 are wanted"):
        session("version", tmp_path).version()
    assert n_starts(tmp_path) == 1


def test_a_refusal_is_an_error_of_the_strategy_and_no_failure(tmp_path: Path) -> None:
    with session("refuses", tmp_path) as refusing, pytest.raises(StrategyError) as refused:
        refusing.evaluate(PROGRAM, {"change_1": np.array([2.0])})
    assert (refused.value.code, refused.value.node) == ("too_deep", 3)
    assert n_starts(tmp_path) == 1


def test_a_copy_starts_a_process_of_its_own(tmp_path: Path) -> None:
    with session("good", tmp_path) as good:
        good.version()
        copied = pickle.loads(pickle.dumps(good))
        assert copied.pid is None
        with copied:
            assert copied.version() == "7"
            assert copied.pid != good.pid


def nothing_there() -> Launch:
    return Launch(reason="ghc (install ghc) is not on the path")


def test_without_haskell_python_answers_and_says_so() -> None:
    runtime = HaskellRLMRuntime(PROGRAM, session=HaskellSession(nothing_there))
    python = PromptStrategyRuntime(PROGRAM)

    with pytest.warns(RuntimeWarning, match="instead of haskell: .*install ghc"):
        answer = runtime.answer(STATE)

    assert answer.delta == python.forecast_delta(STATE)
    assert answer.given_by.backend == "python"
    assert answer.given_by.fallback_for == "haskell"
    assert "install ghc" in answer.given_by.fallback_reason
    assert runtime.status() == answer.given_by
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        check_strategy_runtime(runtime)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("dies", "ended with code 5"),
        ("is killed", "ended with code -9"),
        ("stops", "did not answer within 0.3 s"),
        ("says half", "did not answer within 0.3 s"),
        ("babbles", "more than one line"),
        ("says 100 MB", "too long"),
        ("has no heap", "ended with code 251: rlm: Heap exhausted"),
        ("wrong id", "to another request"),
        ("no json", "is no JSON"),
    ],
)
def test_whatever_a_process_does_python_answers_and_nothing_is_left(
    mode: str, reason: str, tmp_path: Path
) -> None:
    seconds = 0.3 if "0.3 s" in reason else 30.0
    hurt = HaskellSession(partial(launch, mode, tmp_path), timeout=seconds)
    runtime = HaskellRLMRuntime(PROGRAM, session=hurt)

    with pytest.warns(RuntimeWarning, match=f"instead of haskell: .*({reason})"):
        answer = runtime.answer(STATE)

    assert answer.delta == PromptStrategyRuntime(PROGRAM).forecast_delta(STATE)
    assert re.search(reason, answer.given_by.fallback_reason)
    for pid in (tmp_path / "pids").read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_with_it_haskell_answers_and_says_so(tmp_path: Path) -> None:
    runtime = HaskellRLMRuntime(PROGRAM, session=session("good", tmp_path))

    answer = runtime.answer(STATE)

    assert answer.delta == PromptStrategyRuntime(PROGRAM).forecast_delta(STATE)
    assert (answer.given_by.backend, answer.given_by.version) == ("haskell", "7")
    runtime.close()
    runtime.close()


def test_the_search_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FG_RLM", "FG_HASKELL_RLM"):
        monkeypatch.delenv(name, raising=False)
    assert "no folder haskell-rlm here or above" in find_program(tmp_path).reason

    package = tmp_path / "haskell-rlm"
    package.mkdir()
    (package / "haskell-rlm.cabal").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    assert "cabal (install cabal-install) is not on the path" in find_program(tmp_path).reason

    _tool(tools / "cabal", "exit 1")
    assert "ghc (install ghc) is not on the path" in find_program(tmp_path).reason

    _tool(tools / "ghc", "exit 0")
    found = find_program(tmp_path)
    assert found.command[1:] == ("-v0", "run", "exe:rlm")
    assert found.builds
    assert found.environment == {"CABAL_CONFIG": str(package / "offline-cabal.config")}

    _tool(tools / "cabal", f"echo {tools / 'ghc'}")
    assert find_program(tmp_path).command == (str(tools / "ghc"),)

    monkeypatch.setenv("FG_RLM", str(tools / "none"))
    assert "FG_RLM names no program that can be run" in find_program(tmp_path).reason
    monkeypatch.setenv("FG_RLM", str(tools / "ghc"))
    assert find_program(tmp_path).command == (str(tools / "ghc"),)


def test_a_failed_build_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _tool(tmp_path / "cabal", "echo 'src/Main.hs:3: error' >&2; exit 1")
    found: Any = Launch((str(tmp_path / "cabal"), "-v0", "run", "exe:rlm"), builds=True)

    with pytest.raises(BridgeError, match=r"ended with code 1: src/Main\.hs:3: error"):
        HaskellSession(lambda: found).version()


def _tool(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
