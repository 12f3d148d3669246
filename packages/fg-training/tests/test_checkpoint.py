from __future__ import annotations

import json
import math
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_core.errors import ArtifactError, ConfigError
from fg_core.plugins import Registry
from fg_core.testing import check_policy_loader
from fg_training import (
    SHORT,
    LearningRates,
    QTableAgent,
    Schedule,
    SelfPlay,
    TableDefender,
    TablePolicyLoader,
    WoLFPHCAgent,
    load_run,
    random_markov_game,
    save_defender,
    save_run,
)
from fg_training.table_defender import PRINT_CELLS


def a_run() -> SelfPlay:
    game = random_markov_game(4, 4, 2, 3, discount=0.8)
    constant = LearningRates(Schedule(0.1), Schedule(0.001, math.inf), 4.0, "run")
    row = WoLFPHCAgent(4, 2, rates=SHORT, discount=0.8)
    return SelfPlay(game, row, QTableAgent(4, 3, rates=constant, discount=0.8), seed=3, run=2)


def tables(play: SelfPlay) -> list[Any]:
    return [
        getattr(agent, name).tolist()
        for agent in (play.row, play.column)
        for name in ("q", "policy", "average", "visits")
    ]


def test_a_run_that_was_stopped_and_read_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    straight, stopped = a_run(), a_run()
    straight.advance(800)
    for steps in (300, 137):
        stopped.advance(steps)
        save_run(tmp_path / "run.json", stopped)
        stopped = load_run(tmp_path / "run.json")
    stopped.advance(363)

    assert tables(stopped) == tables(straight)
    assert (stopped.step, stopped.state, stopped.seed, stopped.run) == (800, straight.state, 3, 2)
    assert type(stopped.row) is WoLFPHCAgent
    assert stopped.column.rates == straight.column.rates
    uniforms = np.linspace(0.01, 0.99, 30).tolist()
    for state in range(4):
        assert [stopped.row.act(state, u) for u in uniforms] == [
            straight.row.act(state, u) for u in uniforms
        ]


def test_a_frozen_learner_stays_frozen(tmp_path: Path) -> None:
    play = a_run()
    play.column.frozen = True
    save_run(tmp_path / "run.json", play)
    assert load_run(tmp_path / "run.json").column.frozen


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the content of a document and give it the right checksum."""
    envelope = json.loads(path.read_text())
    change(envelope["content"])
    body = json.dumps(envelope["content"], separators=(",", ":"))
    head = {key: envelope[key] for key in ("format", "version")}
    head["sha256"] = sha256(body.encode()).hexdigest()
    path.write_text(json.dumps(head)[:-1] + ',"content":' + body + "}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["learners"].pop("column"), "row and column"),
        (lambda c: c["learners"]["row"].update(kind="dqn"), "no learner 'dqn'"),
        (lambda c: c["learners"]["row"]["policy"][0].append(0.0), "run.json"),
        (lambda c: c["learners"]["row"].update(policy=[[0.9, 0.2]] * 4), "add up to 1"),
        (lambda c: c["learners"]["row"].update(visits=[1.0]), "shape"),
        (lambda c: c.update(state=9), "state"),
        (lambda c: c.update(discount=0.5), "discounts"),
        (lambda c: c.update(more=1), "damaged"),
    ],
)
def test_what_does_not_fit_together_is_an_error(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    path = tmp_path / "run.json"
    save_run(path, a_run())
    rewritten(path, lambda content: None)
    load_run(path)
    rewritten(path, change)
    with pytest.raises(ArtifactError, match=message):
        load_run(path)


def test_damaged_and_foreign_files_are_errors_that_say_so(tmp_path: Path) -> None:
    path, policy = tmp_path / "run.json", tmp_path / "policy.json"
    save_run(path, a_run())
    data = path.read_bytes()
    for damaged in (data[:-40], data.replace(b'"seed":3', b'"seed":4'), b"", b"\x80\x04."):
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match="damaged"):
            load_run(path)
    save_defender(policy, TableDefender((0.5,) * PRINT_CELLS.n_cells))
    with pytest.raises(ArtifactError, match="forecast-game-table-defender"):
        load_run(policy)


def test_a_table_that_is_not_finite_is_not_written(tmp_path: Path) -> None:
    play = a_run()
    play.row.q[0, 0] = np.nan
    with pytest.raises(ConfigError, match="finite"):
        save_run(tmp_path / "run.json", play)
    assert not (tmp_path / "run.json").exists()


def test_a_trained_defender_is_a_plugin_of_the_core(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    agent = TableDefender(tuple(np.linspace(0.0, 1.0, PRINT_CELLS.n_cells)), name="mine")
    save_defender(path, agent)
    loader = Registry("fg_core.policies").load("table_defender")()
    assert isinstance(loader, TablePolicyLoader)
    assert loader.load(str(path)) == agent
    check_policy_loader(loader, str(path), "defender")
