"""The work of `fg-train --refine`: what the trained team forecasts, handed to a refiner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fg_core import Dataset, ForecastGame, Registry
from fg_core.artifact import write_atomically
from fg_core.documents import canonical
from fg_core.errors import ConfigError, PluginError
from fg_core.protocols import EpisodeRefiner
from fg_core.refinement import episode_outcomes, proposal_table, refinement_summary
from fg_core.revealed import RevealedForecast

from ._program import PROGRAM
from ._training_data import played_games
from .recorded_games import RecordedGame, team_registry
from .training_settings import TrainingSettings

__all__ = ["load_refiner", "refine", "team_outcomes"]

_GROUP = "fg_core.refiners"


def load_refiner(settings: TrainingSettings, options: Mapping[str, Any]) -> EpisodeRefiner | None:
    """Return the refiner that the options name, before any training; None: none is named.

    Raises:
        ConfigError: There is nothing to refine or to explain.
        UnknownPluginError: No installed package has a refiner of that name.
        PluginError: It does not refine between episodes.
    """
    name = options["refine"]
    if name is None:
        if options["explain"]:
            raise ConfigError("--explain says what --refine did: give both")
        return None
    if settings.role == "adversary":
        raise ConfigError("--refine corrects a team that forecasts: --role adversary has none")
    found = Registry(_GROUP).load(name)()
    if not isinstance(found, EpisodeRefiner):
        raise PluginError(
            f"refiner {name!r} proposes numbers within a game and does not refine between "
            "episodes; `recursive` does"
        )
    return found


def refine(
    refiner: EpisodeRefiner,
    settings: TrainingSettings,
    dataset: Dataset,
    agent: Any,
    out: Path,
    options: Mapping[str, Any],
) -> None:
    """Hand the forecasts of the trained team to a refiner; print and write what it made of them.

    Writes `refinement.json`, and what was asked and answered to `refinement.jsonl`, to the folder.
    A refiner that cannot ask anybody is a warning, and the file says so.
    """
    quiet = options["quiet"]
    episodes = [team_outcomes(one, agent) for one in played_games(settings, dataset)]
    record = out / "refinement.jsonl"
    report = refiner.refine_episodes(episodes, record=record)
    content = {**asdict(report), "net_gain": report.net_gain}
    write_atomically(out / "refinement.json", canonical(content) + b"\n")
    told = refinement_summary(report)
    if report.unavailable:
        PROGRAM.tell(f"warning: {told}")
    elif not quiet:
        print(told)
    if options["explain"]:
        print(proposal_table(report.proposals) if report.proposals else "nothing was proposed")
    if not quiet:
        print(f"written: {out / 'refinement.json'}")


def team_outcomes(one: RecordedGame, agent: Any) -> tuple[RevealedForecast, ...]:
    """Return the forecasts of a team on a record that nobody tampers with, and their targets.

    Args:
        one: game without anyone who attacks or defends.
        agent: agent of the team, in its seat.

    Returns:
        One-step forecasts, oldest first.
    """
    registry = team_registry(one.game.registry, agent)
    game = ForecastGame(one.game.config, seed=one.game.seed, registry=registry)
    return episode_outcomes(game.run(one.initial, one.rounds, world=one.world))
