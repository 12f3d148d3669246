"""A defender against random hits: what it takes back, what it saves, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from fg_core.agents import DefenderAgent, RandomHits
from fg_core.batch import BatchOutputs
from fg_core.config import SimulationConfig
from fg_core.defenses import Dampening, Ensemble, NoDefense
from fg_core.game import ForecastGame
from fg_core.game.batch_record import Keep
from fg_core.protocols import Defense, Requirement, ScenarioOutcome
from fg_core.registry import AgentRegistry, default_agent_factory
from fg_core.validation.checks import Check, outcome_of
from fg_core.validation.evidence import clearly_above

from .common import START, all_scored, budget_kept

__all__ = ["DefenseScenario", "dampening", "ensemble"]

_ROUNDS, _GAMES = 80, 64
_CAP, _TOTAL = 8.0, 240.0
_KEPT: tuple[Keep, ...] = ("doubts",)


@dataclass(frozen=True)
class DefenseScenario:
    """One defense against random hits of up to eight step scales, beside no defense.

    Args:
        name: Name of the scenario.
        description: What is checked, in one line.
        defense: Defense of the only defender.
        largest_cost: Largest share by which the defense may raise the clean CRPS: both defenses
            move honest surprises too, by construction.
        least_taken_back: Smallest mean share of a hit that the correction takes back.
        requires: Nothing.
    """

    name: str
    description: str
    defense: Defense
    largest_cost: float
    least_taken_back: float
    requires: tuple[Requirement, ...] = ()
    _undefended: Defense = field(default_factory=NoDefense, repr=False)

    def run(self, seed: int) -> ScenarioOutcome:
        """Play 64 games of 80 rounds with and without the defense, clean and attacked."""
        config = SimulationConfig(
            horizon=_ROUNDS, disturbance_prob=0.0, attack_cap=_CAP, attack_total=_TOTAL
        )
        agents = replace(default_agent_factory(config), adversaries=(RandomHits(size=_CAP),))
        clean = _play(config, agents, self.defense, seed, disturbed=False)
        attacked = _play(config, agents, self.defense, seed)
        clean_bare = _play(config, agents, self._undefended, seed, disturbed=False)
        bare = _play(config, agents, self._undefended, seed)
        crps = {
            name: out.crps.mean(axis=1)
            for name, out in (
                ("clean", clean),
                ("attacked", attacked),
                ("clean_undefended", clean_bare),
                ("attacked_undefended", bare),
            )
        }
        hits = attacked.attacks != 0.0
        (doubts,) = attacked.doubts.values()
        taken = -doubts.delta[hits] / attacked.attacks[hits]
        saved = crps["attacked_undefended"] - crps["attacked"]
        damage = crps["attacked"] - crps["clean"]
        damage_bare = crps["attacked_undefended"] - crps["clean_undefended"]
        cost = crps["clean"] - (1.0 + self.largest_cost) * crps["clean_undefended"]
        relative = float(crps["clean"].mean() / crps["clean_undefended"].mean()) - 1.0
        checks = (
            all_scored(attacked, _ROUNDS),
            budget_kept(attacked),
            Check(
                "hits are the same with the defense and without",
                np.array_equal(attacked.attacks, bare.attacks)
                and np.array_equal(attacked.targets, bare.targets),
            ),
            Check(
                "the attack does damage to the undefended forecast",
                clearly_above(damage_bare),
                f"CRPS {damage_bare.mean():+.4f}",
            ),
            Check(
                f"corrections take back at least {self.least_taken_back:.0%} of a hit on average",
                clearly_above(taken, self.least_taken_back),
                f"{taken.mean():.3f}",
            ),
            Check(
                "the defense lowers the damage of the attack",
                clearly_above(damage_bare - damage),
                f"from {damage_bare.mean():.4f} to {damage.mean():.4f}",
            ),
            Check(
                "attacked forecasts are better with the defense than without",
                clearly_above(saved),
                f"CRPS {-saved.mean():+.4f}",
            ),
            Check(
                f"the defense costs at most {self.largest_cost:.0%} of the clean CRPS",
                not clearly_above(cost),
                f"{relative:+.1%}",
            ),
        )
        figures = {f"crps_{name}": float(values.mean()) for name, values in crps.items()}
        return outcome_of(checks, {**figures, "share_taken_back": float(taken.mean())})


def _play(
    config: SimulationConfig,
    agents: AgentRegistry,
    defense: Defense,
    seed: int,
    *,
    disturbed: bool = True,
) -> BatchOutputs:
    agents = replace(agents, defenders=(DefenderAgent(defense),))
    return ForecastGame(config, seed=seed, registry=agents).run_batch(
        START, _GAMES, disturbed=disturbed, keep=_KEPT
    )


def dampening() -> DefenseScenario:
    """Return the scenario of the defense that takes back a share of every surprise."""
    return DefenseScenario(
        "defense_dampening",
        "dampening against random hits: it takes back half of them, lowers their damage, and "
        "costs what it may on clean data",
        Dampening(),
        0.25,
        0.5,
    )


def ensemble() -> DefenseScenario:
    """Return the scenario of the mean of three defenses."""
    return DefenseScenario(
        "defense_ensemble",
        "the mean of three defenses against random hits: it takes back a fifth of them, lowers "
        "their damage, and costs what it may on clean data",
        Ensemble(),
        0.15,
        0.2,
    )
