"""The price of attack: what is played is what is said, and the worst is the worst."""

import numpy as np
import pytest

from fg_backtest import PriceOfAttack, price_of_attack
from fg_backtest.attacked_games import BlockUnderAttack, defenders_named
from fg_backtest.datasets import prepared
from fg_backtest.defaults import quiet_settings
from fg_backtest.from_data import backtest, backtester_of
from fg_core import ConfigError, ScriptedAdversary
from fg_core.errors import UnknownPluginError

BUDGETS = (2.0, 5.0)
SETTINGS = {"horizons": (1, 2), "warmup": 4}


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(3)
    steps = rng.normal(size=(2, 48)).cumsum(axis=1).round(2)
    quarters = [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(48)]
    table = {
        "unique_id": ["a"] * 48 + ["b"] * 48,
        "ds": quarters * 2,
        "y": steps.ravel().tolist(),
    }
    return prepared(table)


@pytest.fixture(scope="module")
def price(dataset):
    return price_of_attack(
        dataset,
        BUDGETS,
        agents="baselines",
        adversaries=("random_hits", "two_quarter", "worst"),
        defenses=("clipping", "innovation_gate"),
        seeds=2,
        **SETTINGS,
    )


def rows(price, **wanted):
    found = [r for r in price.rows if all(getattr(r, k) == v for k, v in wanted.items())]
    assert found
    return found


def test_all_attacks_meet_all_defenses_within_their_budget(price):
    combinations = {(r.unique_id, r.horizon, r.defense, r.attack, r.budget) for r in price.rows}
    assert len(combinations) == len(price.rows) == 2 * 2 * 3 * (1 + 3 * 2)
    assert price.defenses == ("none", "clipping", "innovation_gate")
    # The last hit may go beyond by half a unit of the resolution, 0.01, each.
    assert all(r.spent <= r.budget + 0.05 for r in price.rows)
    assert all(r.spent > 0.0 for r in price.rows if r.attack == "worst")


def test_clean_scores_are_those_of_the_backtest(price, dataset):
    config = quiet_settings("innovation_gate")
    result = backtest(dataset, agents="baselines", config=config, **SETTINGS)
    for row in rows(price, attack="", defense="innovation_gate"):
        cell = result.report.series[row.unique_id].horizons[str(row.horizon)]
        assert row.crps == pytest.approx(cell.contenders["ensemble"].crps, rel=1e-12)
        assert row.coverage_80 == pytest.approx(cell.contenders["ensemble"].coverage_80)


def test_worst_is_at_least_every_other_attack_and_never_falls_with_the_budget(price):
    for name in price.series:
        norm = {r.horizon: r.crps for r in rows(price, unique_id=name, attack="", defense="none")}
        for defense in price.defenses:
            loss = {
                (attack, budget): sum(
                    r.crps / norm[r.horizon]
                    for r in rows(
                        price, unique_id=name, defense=defense, attack=attack, budget=budget
                    )
                )
                for attack in price.attacks
                for budget in BUDGETS
            }
            assert loss["worst", 5.0] >= loss["worst", 2.0] - 1e-12
            for (_, budget), lost in loss.items():
                assert lost <= loss["worst", budget] + 1e-12


def test_what_rounds_that_do_not_separate_have_is_called_a_lower_bound(price):
    exact = {r.defense: r.exact for r in rows(price, attack="worst")}
    assert exact == {"none": True, "clipping": True, "innovation_gate": False}


@pytest.mark.slow
def test_figures_of_a_series_do_not_depend_on_those_played_with_it(price, dataset):
    alone = price_of_attack(
        dataset,
        BUDGETS,
        series="b",
        agents="baselines",
        adversaries=price.attacks,
        defenses=("innovation_gate",),
        seeds=2,
        **SETTINGS,
    )
    for defense in ("none", "innovation_gate"):
        together = rows(price, unique_id="b", defense=defense)
        by_attack = {(r.attack, r.budget, r.horizon): r for r in rows(alone, defense=defense)}
        for row in together:
            own = by_attack[row.attack, row.budget, row.horizon]
            if row.attack != "worst" or row.exact:
                assert own == row
            else:
                assert own.crps_clean == row.crps_clean  # the search began with fewer attacks


@pytest.mark.slow
def test_more_steps_of_a_search_never_find_less(dataset):
    settings = {**SETTINGS, "agents": "baselines", "defenses": ("innovation_gate",), "series": "a"}
    more = price_of_attack(dataset, BUDGETS, adversaries=("worst",), steps=3, **settings)
    less = price_of_attack(dataset, BUDGETS, adversaries=("worst",), steps=1, **settings)
    clean = {(r.unique_id, r.horizon): r.crps for r in less.rows if not r.attack}
    for budget in BUDGETS:
        wanted = {"budget": budget, "defense": "innovation_gate"}
        loss = [
            sum(r.crps / clean["a", r.horizon] for r in rows(one, **wanted)) for one in (more, less)
        ]
        assert loss[0] >= loss[1] - 1e-12
        assert rows(more, **wanted)[0].searched > rows(less, **wanted)[0].searched > 0


def test_hits_of_a_script_are_those_of_the_game_with_the_adversary(dataset):
    backtester = backtester_of(dict(SETTINGS), "baselines", dataset)
    (block,) = backtester._prepare(dataset, None, strict=False, jobs=1).blocks
    game = backtester._settings().game(block.rounds, block.season_length, None, ())
    under = BlockUnderAttack(game, block)
    # One script on series a alone: series b, and the other game of a, stay as they are.
    scripts = {name: np.zeros((2, under.counted(name))) for name in block.names}
    scripts["a"][1, 3] = 2.0
    played = under.play("none", scripts)
    for h in (1, 2):
        differs = played["a"].scores[h][0] != played["a"].scores[h][1]
        known = ~np.isnan(played["a"].scores[h][0])
        assert np.flatnonzero(differs & known).tolist() == [3]
        assert np.array_equal(*played["b"].scores[h], equal_nan=True)
    assert played["a"].units[1].nonzero()[0].tolist() == [3]
    # Scripts of an adversary are cut to its budget, and begin with the first scored origin.
    hits = under.scripts(ScriptedAdversary(np.ones(200)), 3.0, 1.0, (1, 2))
    assert np.array_equal(hits["a"][0], hits["a"][1])
    assert hits["a"][0, 0] != 0.0
    spent = np.abs(hits["a"][0]).sum() / played["a"].step_scale
    assert spent == pytest.approx(3.0, abs=0.02)


def test_result_shows_itself(price):
    assert isinstance(price, PriceOfAttack)
    frame = price.to_frame()
    assert len(frame) == len(price.rows)
    assert set(price.clean_costs()) == {
        (d, h, s) for d in ("clipping", "innovation_gate") for h in (1, 2) for s in "ab"
    }
    text = price.table(width=160, ascii_only=True)
    assert text.isascii()
    assert "Best defense by budget" in text
    assert "true worst case may be worse" in text
    assert len(price.plot(2).axes) == 2
    best = price.best_defense(5.0, 1)
    worst = {name: price.worst_attack(name, 5.0, 1).damage for name in price.defenses}
    assert worst[best] == min(worst.values())


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"budgets": ()}, ConfigError, "budgets"),
        ({"budgets": (4.0, 2.0)}, ConfigError, "increase"),
        ({"cap": 0.0}, ConfigError, "cap"),
        ({"seeds": 0}, ConfigError, "seeds"),
        ({"adversaries": ()}, ConfigError, "no attack"),
        ({"adversaries": ("wrost",)}, UnknownPluginError, "wrost"),
        ({"defenses": ("gaet",)}, UnknownPluginError, "no defender .*gate.* no plugin 'gaet'"),
        ({"defenses": ("stack:clipping", "dampening")}, ConfigError, "stack of one"),
    ],
)
def test_what_cannot_be_played_is_refused(dataset, options, error, says):
    with pytest.raises(error, match=says):
        price_of_attack(dataset, agents="baselines", **options)


def test_stacks_and_defenders_are_named():
    (stack,) = defenders_named("stack:clipping+dampening")
    assert stack.defense.name == "stack:clipping,dampening"
    assert defenders_named("gate")[0].name == "defender"
