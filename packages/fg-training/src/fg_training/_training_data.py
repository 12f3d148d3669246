"""Data and games of `fg-train`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from fg_core import Dataset, DataSource, DefenderAgent, Query, Registry
from fg_core.defenses import defense_from_name
from fg_core.errors import ConfigError, DataError, PluginError
from fg_core.executors import executor_for
from fg_core.locations import is_location, require_file
from fg_core.plugins import INSTALL_HINT
from fg_core.policies import load_policy

from ._program import PROGRAM
from .budgeted_game import BudgetedGame, join_budgeted
from .recorded_games import RecordedGame, later_game, recorded_game, series_duel, train_rows
from .training_settings import TrainingSettings

__all__ = [
    "opposing_team",
    "played_games",
    "read_dataset",
    "scoring_games",
    "training_game",
]

_SOURCES = "fg_core.sources"


def read_dataset(settings: TrainingSettings) -> Dataset:
    """Return the dataset that the settings name; warnings are told."""
    with PROGRAM.telling_warnings():
        return _dataset(settings)


def training_game(settings: TrainingSettings, dataset: Dataset, jobs: int) -> BudgetedGame:
    """Return the tabled game of all series, tabulated in so many processes."""
    rows = [train_rows(dataset, name, settings.train_until) for name in _names(settings, dataset)]
    task = partial(
        series_duel,
        budget=settings.budget,
        role=settings.role,
        features=settings.features,
        team=opposing_team(settings),
    )
    return join_budgeted(executor_for(jobs).map(task, rows))


def opposing_team(settings: TrainingSettings) -> Any:
    """Return the agent that an adversary learns against; None: nobody defends.

    Raises:
        ConfigError: Neither a defense nor a file, or the file's policy is no team's.
        ArtifactError: The file is damaged, or made for something else.
    """
    given = settings.defender
    if given == "none":
        return None
    if not given.endswith(".json"):
        return DefenderAgent(defense_from_name(given), given)
    policy = load_policy(given)
    if policy.role not in ("defender", "correction"):
        raise ConfigError(f"--defender {given}: its policy is of the role {policy.role}")
    return policy.agent


def scoring_games(settings: TrainingSettings, dataset: Dataset) -> tuple[list[RecordedGame], str]:
    """Return games to score teams in, and in words which periods they are.

    They are the periods that training left out; where it left out none, those of training.
    """
    names = _names(settings, dataset)
    until = settings.train_until
    if until is None:
        return played_games(settings, dataset), "the periods of training"
    games = [later_game(dataset, name, until) for name in names]
    found = [one for one in games if one is not None]
    if not found:
        raise DataError(f"no series has a period from {until} on to score: train until earlier")
    return found, f"periods from {until} on, which training has not seen"


def played_games(settings: TrainingSettings, dataset: Dataset) -> list[RecordedGame]:
    """Return the games of all series on the periods of training."""
    names = _names(settings, dataset)
    return [recorded_game(train_rows(dataset, name, settings.train_until)) for name in names]


def _names(settings: TrainingSettings, dataset: Dataset) -> list[str]:
    return list(settings.series or dataset.series_ids)


def _dataset(settings: TrainingSettings) -> Dataset:
    registry = Registry(_SOURCES)
    if not registry.names():
        raise PluginError(f"no data source is installed: fg-data has some; {INSTALL_HINT}")
    name, location = settings.source, ""
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
    return source.fetch(Query(settings.series, seed=settings.seed, location=location))
