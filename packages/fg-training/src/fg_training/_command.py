"""The work of `fg-train`: data, game, training, and what is printed and written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fg_core import Dataset, DataSource, Query, Registry
from fg_core.console import OK
from fg_core.errors import ConfigError, PluginError
from fg_core.locations import is_location, require_file
from fg_core.plugins import INSTALL_HINT

from ._program import PROGRAM
from .adversarial import RADversarialTrainer
from .checkpoint import save_defender
from .q_table import QTableAgent
from .recorded_games import DOUBTS, join_games, series_game, train_rows
from .schedules import SHORT
from .sinks import open_sinks
from .table_defender import TableDefender
from .tabled_game import TabledGame
from .training_loop import EpisodeRecord, TrainingLoop
from .wolf_phc import WoLFPHCAgent

_SOURCES = "fg_core.sources"
_LEARNERS: dict[str, type[QTableAgent]] = {"q": QTableAgent, "wolf": WoLFPHCAgent}
_HEADS = ("episode", "reward", "TD error", "change", "clean", "worst case", "NashConv")


def run(options: Mapping[str, Any]) -> int:
    """Train as the options say; return the exit code."""
    out = Path(options["out"])
    if options["resume"] and options["algorithm"] == "minimax":
        raise ConfigError("--resume goes with q and wolf: minimax begins anew and takes seconds")
    if options["algorithm"] == "minimax" and (options["tensorboard"] or options["mlflow"]):
        raise ConfigError("--tensorboard and --mlflow go with q and wolf, which have episodes")
    if options["resume"] and not (out / "checkpoint.json").is_file():
        raise ConfigError(f"{out / 'checkpoint.json'} is not there: begin without --resume")
    with PROGRAM.telling_warnings():
        dataset = _dataset(options)
    names = options["series"] or list(dataset.series_ids)
    game = join_games(
        [
            series_game(train_rows(dataset, name, options["train_until"]), options["budget"])
            for name in names
        ]
    )
    rounds = game.losses.shape[0]
    if not options["quiet"]:
        print(f"{len(names)} series, {rounds} rounds; losses are CRPS in one-step scales")
    policy = _exact(game, options) if options["algorithm"] == "minimax" else None
    if policy is None:
        policy = _learned(game, options, out)
    defender = TableDefender.from_policy(policy, DOUBTS)
    save_defender(out / "policy.json", defender)
    if not options["quiet"]:
        print("doubt by surprise: " + " ".join(f"{p:.2f}" for p in defender.p_bad))
        print(f"written: {out / 'policy.json'}")
    return OK


def _exact(game: TabledGame, options: Mapping[str, Any]) -> Any:
    found = RADversarialTrainer(seed=options["seed"]).train(game, epochs=options["episodes"])
    last, rounds = found.curve[-1], game.losses.shape[0]
    if not options["quiet"]:
        print(
            f"{last.epoch} epochs: worst case {last.worst_loss / rounds:.4f}, NashConv "
            f"{last.nash_conv / rounds:.5f} per round"
        )
    return found.policy


def _learned(game: TabledGame, options: Mapping[str, Any], out: Path) -> Any:
    path, episodes = out / "checkpoint.json", options["episodes"]
    if options["resume"]:
        loop = TrainingLoop.load(path, game)
        wanted = _LEARNERS[options["algorithm"]]
        if type(loop.learner) is not wanted or loop.seed != options["seed"]:
            raise ConfigError(
                f"{path} is of --algorithm {loop.learner.kind} --seed {loop.seed}: say the same"
            )
        if len(loop.curve) >= episodes:
            raise ConfigError(
                f"{path} has {len(loop.curve)} episodes: give a larger number with --episodes"
            )
    else:
        learner = _LEARNERS[options["algorithm"]](game.n_cells, game.n_doubts, rates=SHORT)
        loop = TrainingLoop(game, learner, seed=options["seed"])
    if not options["quiet"]:
        print(" ".join(f"{head:>10}" for head in _HEADS))
    step = max(1, (episodes - len(loop.curve)) // 10)
    asked = {name: options[name] for name in ("algorithm", "source", "budget", "seed")}
    sinks = open_sinks(
        tensorboard=options["tensorboard"],
        mlflow=options["mlflow"],
        run=out.name,
        settings=asked,
        first_episode=len(loop.curve) + 1,
    )
    with PROGRAM.telling_warnings(), sinks:
        while len(loop.curve) < episodes:
            wanted = min(step, episodes - len(loop.curve))
            last = loop.run(wanted, on_episode=sinks.book)[-1]
            loop.save(path)
            if not options["quiet"]:
                print(_line(last))
    loop.write_curve(out / "curve.jsonl")
    return loop.learner.average_mix()


def _line(one: EpisodeRecord) -> str:
    figures = (one.reward, one.td_error, one.policy_change, one.clean_loss)
    more = (one.average_worst_loss, one.nash_conv)
    return " ".join([f"{one.episode:>10}", *(f"{x:>10.4f}" for x in (*figures, *more))])


def _dataset(options: Mapping[str, Any]) -> Dataset:
    registry = Registry(_SOURCES)
    if not registry.names():
        raise PluginError(f"no data source is installed: fg-data has some; {INSTALL_HINT}")
    name, location = options["source"], ""
    if name is None:
        name = "fred_training"
        if not os.environ.get("FRED_API_KEY", "").strip():
            name = "synthetic"
            PROGRAM.tell(
                "warning: no FRED_API_KEY: training on the synthetic proxy; real data at hand: "
                "--source us_macro"
            )
    if is_location(name, registry.names()):
        name, location = "file", str(require_file(name))
    source = registry.load(name)()
    if not isinstance(source, DataSource):
        raise PluginError(f"plugin {name!r} of {_SOURCES} makes no data source")
    query = Query(tuple(options["series"]), seed=options["seed"], location=location)
    return source.fetch(query)
