"""The work of `fg-train evaluate`: a trained policy beside what there is without training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fg_core.artifact import write_atomically
from fg_core.console import OK
from fg_core.documents import canonical

from ._command import agents_of, checkpoint_path, load_loop, policies_of
from ._training_data import opposing_team, read_dataset, scoring_games, training_game
from .adversarial import RADversarialTrainer
from .budgeted_game import BudgetedGame
from .evaluation import (
    ATTACKS,
    FIXED_DEFENSES,
    TeamScore,
    fixed_teams,
    held_out_seed,
    paired_difference,
    score_teams,
    untrained_share,
)
from .recorded_games import HITS
from .table_adversary import TableAdversary
from .training_loop import TrainingLoop
from .training_settings import TrainingSettings, read_settings

_DRAWS = 5
"""Games of each attack and challengers of each team that losses are means over."""


def evaluate(options: Mapping[str, Any]) -> int:
    """Score the policy of a folder beside others; return the exit code."""
    out = Path(options["out"])
    settings = read_settings(out)
    dataset = read_dataset(settings)
    game = training_game(settings, dataset, options["jobs"])
    trained, which, visited = _trained(out, settings, game, options)
    games, periods = scoring_games(settings, dataset)
    teams = {**fixed_teams(), **_untrained(settings, game)}
    if "policy" in trained:
        teams["trained"] = trained["policy"]
    if settings.defender not in teams:
        teams[Path(settings.defender).stem] = opposing_team(settings)
    attacks = dict(ATTACKS)
    if "adversary" in trained:
        uniform = np.full((game.grid.n_cells, len(HITS)), 1.0 / len(HITS))
        attacks["untrained adversary"] = TableAdversary.from_policy(uniform, HITS, game.grid)
        attacks["trained adversary"] = trained["adversary"]
    seed = held_out_seed(settings.seed)
    scores = score_teams(
        teams,
        games,
        budget=settings.budget,
        episodes=options["episodes"],
        seed=seed,
        attacks=attacks,
        draws=_DRAWS,
        jobs=options["jobs"],
    )
    by_name = {one.name: one for one in scores}
    answer = _answer(by_name)
    untrained = None
    if "policy" in trained:
        role = "forecaster" if settings.role == "forecaster" else "defender"
        untrained = untrained_share(games, role, settings.cells(), visited)
    differences = _differences(by_name)
    if not options["quiet"]:
        rounds = sum(one.rounds for one in games)
        print(f"checkpoint {which}; {len(games)} series, {rounds} rounds: {periods}")
        print(f"mean CRPS in one-step scales; hits cost at most {settings.budget:g} per round")
        print(_table(scores))
        for one in differences:
            print(_sentence(one))
        if answer.get("gain_in_worst_case") is not None:
            gain = answer["gain_in_worst_case"]
            print(f"gain in the worst case, over training without adversary: {gain:+.4f}")
        if untrained is not None:
            print(
                f"decisions in cells that training was never in: {untrained[0]:.1%}, under hits "
                f"{untrained[1]:.1%}"
            )
    content = {
        "checkpoint": which,
        "periods": periods,
        "budget": settings.budget,
        "challenger_episodes": options["episodes"],
        "seed": seed,
        "draws": _DRAWS,
        "teams": [_row(one) for one in scores],
        **answer,
        "differences": differences,
        "untrained_cells": untrained,
    }
    write_atomically(out / "evaluation.json", canonical(content) + b"\n")
    if not options["quiet"]:
        print(f"written: {out / 'evaluation.json'}")
    return OK


def _trained(
    out: Path, settings: TrainingSettings, game: BudgetedGame, options: Mapping[str, Any]
) -> tuple[dict[str, Any], str, Any]:
    """Return trained agents by the name of their file, their checkpoint, and the team's cells seen.

    The last is whether training has been in a cell, shape (cell,).
    """
    if settings.algorithm == "minimax":
        # It has no checkpoint: its training takes seconds and has one result.
        found = RADversarialTrainer(seed=settings.seed).train(
            game.tables, epochs=options["episodes"]
        )
        seen = np.zeros(game.tables.n_cells, dtype=np.bool_)
        seen[game.tables.cells[found.hits > 0.0]] = True
        return agents_of(settings, game, found.policy, found.hits, None), "of minimax", seen
    loop: Any = load_loop(checkpoint_path(out, options["checkpoint"]), settings, game)
    team = loop.learner if isinstance(loop, TrainingLoop) else loop.team
    return agents_of(settings, game, *policies_of(loop)), str(len(loop.curve)), team.visits > 0.0


def _untrained(settings: TrainingSettings, game: BudgetedGame) -> dict[str, Any]:
    """Return the team before training, and trained exactly where nobody hits."""
    if settings.role == "adversary":
        return {}
    tables = game.tables
    calm = np.tile(game.hits == 0.0, (game.n_rounds, 1)).astype(np.float64)
    uniform = np.full((tables.n_cells, tables.n_doubts), 1.0 / tables.n_doubts)
    alone = agents_of(settings, game, tables.best_policy(calm), calm, None)["policy"]
    if settings.role == "forecaster":  # a mean of no correction is no correction
        return {"trained, no adversary": alone}
    untrained = agents_of(settings, game, uniform, calm, None)["policy"]
    return {"untrained": untrained, "trained, no adversary": alone}


def _answer(scores: Mapping[str, TeamScore]) -> dict[str, float | None]:
    if "trained" not in scores:
        return {}
    own, other = scores["trained"], scores["trained, no adversary"]
    gain = None
    if own.challenger is not None and other.challenger is not None:
        gain = other.challenger - own.challenger
    worst = None if own.worst is None or other.worst is None else other.worst - own.worst
    return {
        "price_of_robustness": own.clean - other.clean,
        "gain_against_challenger": gain,
        "gain_in_worst_case": worst,
    }


def _differences(scores: Mapping[str, TeamScore]) -> list[dict[str, Any]]:
    """Return what the trained team loses less what others do, clean and under challengers.

    Others are the fixed defense that loses least to its challengers (that is chosen by the scores
    themselves, which favours it), and training without an adversary.
    """
    if "trained" not in scores:
        return []
    challenged = {name: scores[name].challenger for name in FIXED_DEFENSES}
    known = {name: loss for name, loss in challenged.items() if loss is not None}
    found = []
    for other in (scores[min(known, key=known.__getitem__)], scores["trained, no adversary"]):
        for case in ("clean", "challenger"):
            interval = paired_difference(scores["trained"], other, case)
            if interval is not None:
                ends = (interval.low, interval.high)
                low, high = (None if np.isnan(end) else end for end in ends)
                found.append(
                    {
                        "other": other.name,
                        "case": case,
                        "mean": interval.mean,
                        "low": low,
                        "high": high,
                        "rounds": interval.n,
                    }
                )
    return found


def _sentence(one: Mapping[str, Any]) -> str:
    between = "too few periods for an interval"
    if one["low"] is not None:
        between = f"95 % from {one['low']:+.4f} to {one['high']:+.4f}"
    return f"{one['case']}, 'trained' less {one['other']!r}: {one['mean']:+.4f} ({between})"


def _row(score: TeamScore) -> dict[str, Any]:
    found = asdict(score)
    del found["periods"]
    return found


def _table(scores: tuple[TeamScore, ...]) -> str:
    attacks = list(scores[0].attacks)
    heads = ["team", "clean", *attacks, "challenger", "worst case"]
    rows = [
        [one.name, *map(_figure, (one.clean, *one.attacks.values(), one.challenger, one.worst))]
        for one in scores
    ]
    widths = [max(len(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if k == 0 else text.rjust(width)
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
