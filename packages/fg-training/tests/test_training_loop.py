from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fg_core.errors import ArtifactError, ConfigError
from fg_training import (
    SHORT,
    QTableAgent,
    TabledGame,
    TrainingLoop,
    WoLFPHCAgent,
)


def tables(seed: int = 2, budget: float = 3.0, n: int = 20) -> TabledGame:
    """A game in which hits 1 and 2 are seen as cells of their own, and doubt 1 answers them."""
    rng = np.random.default_rng(seed)
    losses = 0.3 * np.abs(rng.standard_normal((n, 3, 2)))
    losses[:, 0, 1] += 0.5
    losses[:, 1:, 0] += 2.0
    cells = np.tile([0, 1, 2], (n, 1))
    costs = np.tile([0.0, 1.0, 1.0], (n, 1))
    return TabledGame(losses, cells, 3, costs, budget)


def learned(loop: TrainingLoop) -> list[object]:
    agent = loop.learner
    parts = (agent.q, agent.policy, agent.average, agent.visits, loop._hits)
    return [part.tolist() for part in parts]


def test_a_learner_finds_the_answer_to_hits() -> None:
    game = tables()
    loop = TrainingLoop(game, QTableAgent(3, 2, rates=SHORT, exploration=0.1), seed=1)
    untrained = game.loss_of_hits(loop.learner.mix())
    curve = loop.run(200)
    assert loop.learner.policy.argmax(axis=1).tolist() == [0, 1, 1]
    worst = (game.worst_hits(np.full((3, 2), 0.5)) * untrained).sum() / 20
    assert curve[-1].worst_loss < 0.7 * worst
    assert np.mean([one.td_error for one in curve[-50:]]) < np.mean(
        [one.td_error for one in curve[:10]]
    )
    assert curve[-1].coverage == 1.0


def test_without_an_adversary_cells_of_hits_stay_unseen() -> None:
    loop = TrainingLoop(tables(), QTableAgent(3, 2, rates=SHORT), adversary="none")
    last = loop.run(10)[-1]
    assert last.coverage == pytest.approx(1 / 3)
    assert loop.learner.mix()[1].tolist() == [0.5, 0.5]


def test_the_reward_is_that_of_what_was_played() -> None:
    game = tables()
    learner = QTableAgent(3, 2, exploration=0.0)
    learner.start_from([1.0, 0.0])
    learner.frozen = True
    forced = TrainingLoop(game, learner, adversary="none").run(1)[0]
    learner.start_from([0.0, 1.0])
    other = TrainingLoop(game, learner, adversary="none").run(1)[0]
    assert forced.reward == pytest.approx(-game.losses[:, 0, 0].mean())
    assert other.reward == pytest.approx(-game.losses[:, 0, 1].mean())
    assert forced.clean_loss == pytest.approx(-forced.reward)


def test_a_loop_that_was_saved_and_read_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    def start() -> TrainingLoop:
        return TrainingLoop(tables(), WoLFPHCAgent(3, 2, rates=SHORT), seed=9)

    straight, stopped = start(), start()
    straight.run(12)
    stopped.run(5)
    stopped.save(tmp_path / "loop.json")
    resumed = TrainingLoop.load(tmp_path / "loop.json", tables())
    resumed.run(7)
    assert learned(resumed) == learned(straight)
    assert resumed.curve == straight.curve


def test_a_loop_of_another_game_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    TrainingLoop(tables(), QTableAgent(3, 2)).save(path)
    for other in (tables(seed=3), tables(budget=2.0)):
        with pytest.raises(ArtifactError, match="another game"):
            TrainingLoop.load(path, other)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ArtifactError, match="damaged"):
        TrainingLoop.load(path, tables())


def test_it_stops_when_the_policy_has_settled() -> None:
    learner = QTableAgent(3, 2)
    learner.frozen = True
    assert len(TrainingLoop(tables(), learner).run(50, tolerance=1e-9, patience=4)) == 4


def test_curves_are_written_as_lines_and_as_a_table(tmp_path: Path) -> None:
    loop = TrainingLoop(tables(), QTableAgent(3, 2))
    loop.run(3)
    loop.write_curve(tmp_path / "curve.jsonl")
    loop.write_curve(tmp_path / "curve.csv")
    lines = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    assert [line["episode"] for line in lines] == [1, 2, 3]
    assert lines[-1]["worst_loss"] == loop.curve[-1].worst_loss
    head, *rows = (tmp_path / "curve.csv").read_text().splitlines()
    assert head.split(",")[:2] == ["episode", "reward"]
    assert float(rows[1].split(",")[1]) == loop.curve[1].reward
    with pytest.raises(ConfigError, match=r"\.jsonl"):
        loop.write_curve(tmp_path / "curve.txt")


def test_learners_and_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match="3 cells"):
        TrainingLoop(tables(), QTableAgent(2, 2))
    with pytest.raises(ConfigError, match="adversary"):
        TrainingLoop(tables(), QTableAgent(3, 2), adversary="strong")
    with pytest.raises(ConfigError, match="patience"):
        TrainingLoop(tables(), QTableAgent(3, 2)).run(1, patience=0)
