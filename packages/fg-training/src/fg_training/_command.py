"""The work of `fg-train run` and `fg-train resume`: training, and what is printed and written."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np

from fg_core.console import OK
from fg_core.errors import ConfigError

from ._plot import draw_curve
from ._program import PROGRAM
from ._refine import load_refiner, refine
from ._training_data import read_dataset, training_game
from .adversarial import AdversarialEpoch, EpochRecord, RADversarialTrainer
from .budgeted_game import BudgetedGame
from .duel import RIVAL_RATES
from .duel_loop import DuelLoop
from .episode_loop import EpisodeLoop, curve_line
from .policy_files import save_adversary, save_defender, save_forecaster
from .q_table import QTableAgent
from .recorded_games import CORRECTIONS, DOUBTS, HITS
from .schedules import SHORT
from .sinks import Sinks, open_sinks
from .table_adversary import TableAdversary
from .table_defender import TableDefender
from .table_forecaster import TableForecaster, corrections_that_pay
from .training_loop import TrainingLoop
from .training_settings import TrainingSettings, read_settings, write_settings
from .wolf_phc import WoLFPHCAgent

_LEARNERS: dict[str, type[QTableAgent]] = {"q": QTableAgent, "wolf": WoLFPHCAgent}
_COLUMNS = {
    "episode": "episode",
    "reward": "reward",
    "td_error": "TD error",
    "policy_change": "change",
    "clean_loss": "clean",
    "average_worst_loss": "worst case",
    "adversary_loss": "attacked",
    "nash_conv": "NashConv",
    "spent": "spent",
    "challenger_loss": "challenger",
}
_SAVES = 10


def run(options: Mapping[str, Any]) -> int:
    """Train as the options say; return the exit code."""
    settings = TrainingSettings(
        options["source"],
        tuple(options["series"]),
        options["train_until"],
        options["algorithm"],
        options["role"],
        options["budget"],
        options["seed"],
        options["evaluate_every"],
        options["patience"],
        options["defender"],
        tuple(options["features"]),
    )
    if options["resume"] and settings.algorithm == "minimax":
        raise ConfigError("--resume goes with q and wolf: minimax begins anew and takes seconds")
    return _train(settings, options, Path(options["out"]), "latest" if options["resume"] else None)


def resume(options: Mapping[str, Any]) -> int:
    """Go on with the training of a folder, as its settings say; return the exit code."""
    out = Path(options["out"])
    settings = read_settings(out)
    if settings.algorithm == "minimax":
        raise ConfigError(f"{out} was trained by minimax, which begins anew: use `run`")
    return _train(settings, options, out, options["checkpoint"])


def _train(
    settings: TrainingSettings, options: Mapping[str, Any], out: Path, checkpoint: str | None
) -> int:
    refiner = load_refiner(settings, options)
    path = None if checkpoint is None else checkpoint_path(out, checkpoint)
    dataset = read_dataset(settings)
    game = training_game(settings, dataset, options["jobs"])
    if not options["quiet"]:
        print(
            f"{len(game.starts)} series, {game.n_rounds} rounds; losses are CRPS in one-step scales"
        )
        if settings.role == "adversary":
            print(f"the adversary learns against the defender {settings.defender}")
    if settings.algorithm == "minimax":
        with _sinks(options, out, settings, 1) as sinks:
            trained = _exact(game, settings, options, out, sinks)
        write_settings(out, settings)
    else:
        trained = policies_of(_played(settings, game, options, out, path))
    _write_results(out, settings, game, *trained, options["quiet"])
    if refiner is not None:
        agent = agents_of(settings, game, *trained)["policy"]
        refine(refiner, settings, dataset, agent, out, options)
    return OK


def _played(
    settings: TrainingSettings,
    game: BudgetedGame,
    options: Mapping[str, Any],
    out: Path,
    path: Path | None,
) -> EpisodeLoop[Any]:
    """Return the loop after its episodes, begun anew or from a checkpoint."""
    loop = new_loop(settings, game) if path is None else load_loop(path, settings, game)
    episodes = options["episodes"]
    if len(loop.curve) >= episodes:
        raise ConfigError(
            f"{path} has {len(loop.curve)} episodes: give a larger number with --episodes"
        )
    if loop.is_past_best(settings.patience):
        raise ConfigError(
            f"{path} has not become better for {settings.patience} evaluations: train anew with "
            "more --patience"
        )
    write_settings(out, settings)
    with PROGRAM.telling_warnings(), _sinks(options, out, settings, len(loop.curve) + 1) as sinks:
        _episodes(loop, settings, out, episodes, options["quiet"], sinks)
    return loop


def _sinks(
    options: Mapping[str, Any], out: Path, settings: TrainingSettings, first_episode: int
) -> Sinks:
    return open_sinks(
        tensorboard=options["tensorboard"],
        mlflow=options["mlflow"],
        run=out.name,
        settings=msgspec.structs.asdict(settings),
        first_episode=first_episode,
    )


def _title(settings: TrainingSettings) -> str:
    return f"{settings.role}, {settings.algorithm}, budget {settings.budget:g} per round"


# ------------------------------------------------------------------------------------ the loops


def new_loop(settings: TrainingSettings, game: BudgetedGame) -> EpisodeLoop[Any]:
    """Return the loop of the settings before its first episode."""
    kind = _LEARNERS[settings.algorithm]
    tables = game.tables
    if settings.role in ("defender", "forecaster"):
        learner = kind(tables.n_cells, tables.n_doubts, rates=SHORT)
        return TrainingLoop(tables, learner, seed=settings.seed, challenge=game)
    size = game.grid.n_cells, game.n_hits
    # Cells do not say how many rounds are left, so that not to hit would seem to cost nothing by
    # what the next state is worth: such an adversary does less than one hit in all rounds.
    # Alone it explores more: against a team that learns, what it explores is what the team meets.
    exploration = 0.3 if settings.role == "adversary" else 0.1
    rival = kind(*size, rates=RIVAL_RATES, exploration=exploration, discount=0.0)
    team = kind(tables.n_cells, tables.n_doubts, rates=SHORT)
    team.frozen = settings.role == "adversary"
    return DuelLoop(game, team, rival, seed=settings.seed)


def load_loop(path: Path, settings: TrainingSettings, game: BudgetedGame) -> EpisodeLoop[Any]:
    """Return the loop of a checkpoint.

    Raises:
        ArtifactError: The file is damaged, of another role, or of another game.
        ConfigError: It is of another algorithm or seed.
    """
    loop: Any
    if settings.role in ("defender", "forecaster"):
        loop = TrainingLoop.load(path, game.tables, challenge=game)
        learner = loop.learner
    else:
        loop = DuelLoop.load(path, game)
        learner = loop.rival
    if type(learner) is not _LEARNERS[settings.algorithm] or loop.seed != settings.seed:
        raise ConfigError(
            f"{path} is of --algorithm {learner.kind} --seed {loop.seed}: say the same"
        )
    found: EpisodeLoop[Any] = loop
    return found


def checkpoint_path(out: Path, which: str) -> Path:
    """Return the checkpoint that is meant: "latest", "best", or the number of an episode.

    Raises:
        ConfigError: It is not there; the message says which are.
    """
    if which == "latest":
        path = out / "checkpoint.json"
    elif which == "best":
        path = out / "checkpoint-best.json"
    else:
        path = out / f"checkpoint-{int(which):06}.json"
    if not path.is_file():
        there = sorted(
            one.stem.removeprefix("checkpoint-") for one in out.glob("checkpoint-*.json")
        )
        more = f"; there are {', '.join(there)}" if there else ""
        hint = "begin without --resume" if which == "latest" else "evaluations write them"
        raise ConfigError(f"{path} is not there: {hint}{more}")
    return path


def _episodes(
    loop: EpisodeLoop[Any],
    settings: TrainingSettings,
    out: Path,
    episodes: int,
    quiet: bool,
    sinks: Sinks,
) -> None:
    """Play up to so many episodes in all; write log and checkpoints, print the table."""
    out.mkdir(parents=True, exist_ok=True)
    # What a run that was killed logged after its last checkpoint is played again.
    loop.write_curve(out / "curve.jsonl")
    step = max(1, (episodes - len(loop.curve)) // _SAVES)
    shown = sys.stderr.isatty() and not quiet
    lines = []
    left = episodes - len(loop.curve)
    progress = click.progressbar(length=left, label="episodes", file=sys.stderr)
    with (out / "curve.jsonl").open("ab") as log, progress if shown else nullcontext() as bar:

        def booked(record: Any) -> None:
            log.write(curve_line(record))
            log.flush()
            sinks.book(record)
            if bar is not None:
                bar.update(1)
            if record.challenger_loss is not None:
                loop.save(out / f"checkpoint-{record.episode:06}.json")
                if loop.best_episode == record.episode:
                    loop.save(out / "checkpoint-best.json")

        head = True
        stopped = False
        while len(loop.curve) < episodes and not stopped:
            wanted = min(step, episodes - len(loop.curve))
            found = loop.run(
                wanted,
                evaluate_every=settings.evaluate_every,
                evaluations=settings.patience,
                on_episode=booked,
            )
            stopped = loop.is_past_best(settings.patience)
            loop.save(out / "checkpoint.json")
            rows = [*([_heads(found[-1])] if head else []), _line(found[-1])]
            head = False
            if shown:
                lines += rows  # a bar and a table do not share a terminal
            elif not quiet:
                print("\n".join(rows), flush=True)
    if lines:
        print("\n".join(lines))
    if not quiet and loop.best_episode is not None:
        why = f"; stopped early, {settings.patience} evaluations without a better one"
        print(f"best against a fresh challenger: episode {loop.best_episode}{why * stopped}")


def _heads(record: Any) -> str:
    return " ".join(f"{text:>10}" for name, text in _COLUMNS.items() if hasattr(record, name))


def _line(record: Any) -> str:
    found = []
    for name in _COLUMNS:
        if hasattr(record, name):
            value = getattr(record, name)
            found.append("-" if value is None else f"{value:.4f}" if name != "episode" else value)
    return " ".join(f"{text:>10}" for text in found)


# --------------------------------------------------------------------------------- the policies


def _exact(
    game: BudgetedGame,
    settings: TrainingSettings,
    options: Mapping[str, Any],
    out: Path,
    sinks: Sinks,
) -> tuple[Any, Any, Any]:
    """Train by best responses, with a line of the curve per epoch; return as `policies_of`."""
    out.mkdir(parents=True, exist_ok=True)
    with PROGRAM.telling_warnings(), (out / "curve.jsonl").open("wb") as log:

        def booked(epoch: AdversarialEpoch) -> None:
            record = EpochRecord.of(epoch, game.n_rounds)
            log.write(curve_line(record))
            sinks.book(record)

        trained = RADversarialTrainer(seed=settings.seed).train(
            game.tables, epochs=options["episodes"], on_epoch=booked
        )
    last = trained.curve[-1]
    if not options["quiet"]:
        print(
            f"{last.epoch} epochs: worst case {last.worst_loss / game.n_rounds:.4f}, NashConv "
            f"{last.nash_conv / game.n_rounds:.5f} per round"
        )
    return trained.policy, trained.hits, None


def policies_of(loop: EpisodeLoop[Any]) -> tuple[Any, Any, Any]:
    """Return the team's mean policy, the hits that it trained under, and the adversary's policy."""
    if isinstance(loop, TrainingLoop):
        return loop.learner.average_mix(), loop.hits, None
    assert isinstance(loop, DuelLoop)
    team = None if loop.team.frozen else loop.team.average_mix()
    return team, None, loop.rival.policy


def agents_of(
    settings: TrainingSettings, game: BudgetedGame, team: Any, hits: Any, rival: Any
) -> dict[str, Any]:
    """Return trained agents by the name of their file: "policy" and "adversary"."""
    found: dict[str, Any] = {}
    if settings.role == "forecaster":
        paid = corrections_that_pay(game.tables, team, hits, CORRECTIONS)
        found["policy"] = TableForecaster.from_policy(paid, CORRECTIONS, settings.cells())
    elif team is not None:
        found["policy"] = TableDefender.from_policy(team, DOUBTS, settings.cells())
    if rival is not None:
        # Whatever it explored in training, it plays what it has learned to be best.
        pure = np.eye(len(HITS))[rival.argmax(axis=1)]
        found["adversary"] = TableAdversary.from_policy(pure, HITS, game.grid)
    return found


def _write_results(
    out: Path,
    settings: TrainingSettings,
    game: BudgetedGame,
    team: Any,
    hits: Any,
    rival: Any,
    quiet: bool,
) -> None:
    """Write policies and the picture of the curve."""
    for name, agent in agents_of(settings, game, team, hits, rival).items():
        path = out / f"{name}.json"
        if isinstance(agent, TableDefender):
            save_defender(path, agent)
            text = "doubt by surprise: " + " ".join(f"{p:.2f}" for p in agent.p_bad)
        elif isinstance(agent, TableForecaster):
            save_forecaster(path, agent)
            text = "correction by cell: " + " ".join(f"{x:+.2f}" for x in agent.corrections)
        else:
            save_adversary(path, agent)
            text = f"the adversary hits in {_share_hit(agent):.0%} of its cells"
        if not quiet:
            print(text)
            print(f"written: {path}")
    picture = draw_curve(out / "curve.jsonl", out / "curve.png", _title(settings))
    if not quiet:
        print(f"written: {picture}" if picture else "no picture: it needs fg-training[plot]")


def _share_hit(agent: TableAdversary) -> float:
    none = agent.hits.index(0.0)
    return float(np.mean([row[none] < 0.5 for row in agent.policy]))
