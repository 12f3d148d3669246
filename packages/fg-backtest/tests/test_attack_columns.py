"""Attacks on context columns: within budget and cap, never below what is known, and apart."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_backtest import price_of_attack
from fg_backtest.attack_columns import ColumnHits, column_attack_rows
from fg_backtest.attacked_games import BlockUnderAttack, started
from fg_backtest.datasets import prepared
from fg_backtest.from_data import backtester_of
from fg_backtest.schema import WORST_ON_COLUMNS
from fg_core import (
    AgentAction,
    AgentRegistry,
    ConfigError,
    ForecastGame,
    PoolAggregator,
    RandomWalk,
    ScriptedAdversary,
)
from fg_core.agents import columns_up
from fg_core.batch import ActionArrays

BUDGETS = (1.5, 4.0)
CAP = 2.0
SETTINGS = {"horizons": (1, 2), "warmup": 4}
INDIRECT = ("columns_up", "random_columns", WORST_ON_COLUMNS)


@dataclass(frozen=True)
class Reader:
    """A forecaster that follows two context columns."""

    name: str = "reader"

    def _delta(self, context):
        return 0.3 * context["a"] - 0.02 * context["b"]

    def act(self, state, horizon=1):
        return AgentAction(self.name, float(self._delta(state.macro_context)), scale=1.0)

    def act_array(self, state, horizon=1):
        return ActionArrays(self._delta(state.macro_context), 1.0)


def agents(config):
    return AgentRegistry((RandomWalk(), Reader()), (), (), PoolAggregator())


def table_of(columns):
    rng = np.random.default_rng(3)
    table = {
        "unique_id": ["x"] * 40 + ["y"] * 40,
        "ds": [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(40)] * 2,
        "y": rng.normal(size=(2, 40)).cumsum(axis=1).round(2).ravel().tolist(),
    }
    if columns:
        table["a"] = rng.normal(size=(2, 40)).round(1).ravel().tolist()
        table["b"] = (10 * rng.normal(size=(2, 40))).round().ravel().tolist()
    return prepared(table)


@pytest.fixture(scope="module")
def dataset():
    return table_of(columns=True)


@pytest.fixture(scope="module")
def price(dataset):
    return price_of_attack(
        dataset,
        BUDGETS,
        cap=CAP,
        agents=agents,
        adversaries=("two_quarter", *INDIRECT, "worst"),
        defenses=("innovation_gate",),
        seeds=2,
        **SETTINGS,
    )


@pytest.fixture(scope="module")
def under(dataset):
    backtester = backtester_of(dict(SETTINGS), agents, dataset)
    (block,) = backtester._prepare(dataset, None, strict=False, jobs=1).blocks
    return BlockUnderAttack(
        backtester._settings().game(block.rounds, block.season_length, None, ()), block
    )


def losses(price, defense):
    """Return the loss that searches make large, by series, attack and budget."""
    norm = {
        (r.unique_id, r.horizon): r.crps for r in price.rows if not r.attack and r.defense == "none"
    }
    found = {}
    for r in price.rows:
        if r.defense == defense:
            key = r.unique_id, r.attack, r.budget
            found[key] = found.get(key, 0.0) + r.crps / norm[r.unique_id, r.horizon]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("defense", ["none", "innovation_gate"])
def test_found_damage_never_falls_with_the_budget_nor_below_what_is_given(price, defense):
    found = losses(price, defense)
    for name in price.series:
        clean = found[name, "", 0.0]
        worst = [found[name, WORST_ON_COLUMNS, budget] for budget in BUDGETS]
        assert clean < worst[0] <= worst[1]
        for attack in ("columns_up", "random_columns"):
            for budget, most in zip(BUDGETS, worst, strict=True):
                assert found[name, attack, budget] <= most + 1e-12


@pytest.mark.slow
def test_rows_say_which_columns_and_spend_within_the_budget(price):
    for row in price.rows:
        indirect = row.attack in INDIRECT
        assert row.columns == ("a, b" if indirect else "")
        if indirect:
            assert 0.0 <= row.spent <= row.budget + 1e-9
            assert not row.exact
            assert row.certified is None
            assert (row.searched > 0) == (row.attack == WORST_ON_COLUMNS)


@pytest.mark.slow
def test_the_search_is_not_below_constant_hits_that_budgets_allow(under):
    rounds = under.counted("x")
    enough = CAP * rounds + 1.0
    rows = column_attack_rows(
        under, (0.5, enough), CAP, (WORST_ON_COLUMNS,), ("none",), (7,), steps=1
    )
    best = {r.horizon: r.crps for r, _ in rows if r.budget == enough and r.unique_id == "x"}
    columns = ColumnHits.of(under, "x", WORST_ON_COLUMNS)
    for i, column in enumerate(columns.names):
        for sign in (-1.0, 1.0):
            hit = np.full((1, rounds), sign * CAP * columns.scales[i])
            rest = {other: np.zeros((1, rounds)) for other in columns.names if other != column}
            played = under.play("none", {"x": np.zeros((1, rounds))}, {"x": {column: hit, **rest}})
            lost = {h: float(np.nanmean(s[0])) for h, s in played["x"].scores.items()}
            clean = under.play("none", {"x": np.zeros((1, rounds))})["x"].scores
            norm = {h: float(np.nanmean(s[0])) for h, s in clean.items()}
            assert sum(lost[h] / norm[h] for h in lost) <= 1e-12 + sum(
                best[h] / norm[h] for h in best
            )


@pytest.mark.slow
def test_attacks_on_columns_move_no_bit_of_other_rows(price, dataset):
    alone = price_of_attack(
        dataset,
        BUDGETS,
        cap=CAP,
        agents=agents,
        adversaries=("two_quarter", "worst"),
        defenses=("innovation_gate",),
        seeds=2,
        **SETTINGS,
    )
    assert alone.rows == tuple(row for row in price.rows if row.attack not in INDIRECT)


@pytest.mark.slow
def test_no_hit_on_a_column_is_the_clean_game_bit_for_bit(under):
    n = {name: np.zeros((2, under.counted(name))) for name in under.block.names}
    still = {name: {"a": rows, "b": rows} for name, rows in n.items()}
    with_columns, without = under.play("none", n, still), under.play("none", n)
    for name in n:
        for h, scores in without[name].scores.items():
            assert np.array_equal(scores, with_columns[name].scores[h], equal_nan=True)
    tiny = column_attack_rows(under, (1e-6,), 1e-6, INDIRECT, ("none",), (7,))
    clean = {h: float(np.nanmean(s[0])) for h, s in without["x"].scores.items()}
    # What rounds to nothing is nothing.
    assert all(
        row.crps == clean[row.horizon] and row.spent == 0.0
        for row, _ in tiny
        if row.unique_id == "x"
    )


def test_hits_and_units_that_count_are_those_that_the_game_books(under):
    columns = ColumnHits.of(under, "y", WORST_ON_COLUMNS)
    group = under.block.groups()[1]
    first, rounds = under.first_scored("y"), under.counted("y")
    rng = np.random.default_rng(0)
    asked = {
        one: rng.normal(size=rounds) * scale
        for one, scale in zip(columns.names, columns.scales, strict=True)
    }
    counted, units = columns.counted({one: hits[np.newaxis] for one, hits in asked.items()})
    script = ScriptedAdversary(first_t=group.initial.t + first, context=asked)
    registry = AgentRegistry((RandomWalk(),), (script,))
    config = replace(under._config(), horizons=(1,), horizon=first + rounds)
    steps = ForecastGame(config, registry=registry).run(group.initial, world=group.world).steps
    for r, step in enumerate(steps[first:]):
        booked = step.actions[0].context
        for one in columns.names:
            assert booked.get(one, 0.0) == counted[one][0, r]
    out = ForecastGame(config, registry=registry).run(group.initial, world=group.world)
    assert out.convergence["attack_spent"] == pytest.approx(units.sum(), rel=1e-9)


def test_a_given_attack_is_played_as_its_own_game_plays_it(under):
    names = ("columns_up",)
    (row, *_) = [r for r, _ in column_attack_rows(under, (4.0,), CAP, names, ("none",), (7,))]
    group = under.block.groups()[0]
    first, rounds = under.first_scored("x"), under.counted("x")
    agent = started(replace(columns_up(), size=CAP), group.initial.t + first)
    config = replace(under._config(), attack_cap=CAP, attack_total=4.0, horizon=first + rounds)
    registry = replace(under.game.registry, adversaries=(agent,), defenders=())
    game = ForecastGame(config, seed=under.game.seed, registry=registry)
    own = game.run_groups([group]).horizons[1].score[0, first:]
    assert row.crps == np.nanmean(own)
    out = game.run(group.initial, world=group.world)
    assert row.spent == pytest.approx(out.convergence["attack_spent"], rel=1e-6)


@pytest.mark.parametrize("attack", ["on_columns", WORST_ON_COLUMNS])
def test_a_series_without_columns_is_refused_in_words(attack):
    with pytest.raises(ConfigError, match=f"{attack}.*columns beside a series.*'x'"):
        price_of_attack(
            table_of(columns=False), (2.0,), agents="baselines", adversaries=(attack,), **SETTINGS
        )


@pytest.mark.slow
def test_table_and_chart_keep_them_apart(price):
    text = price.table(width=160, ascii_only=True)
    assert "worst_on_columns *" in text
    assert "are on context columns" in text
    lines = [line.get_label() for line in price.plot(1).axes[0].get_lines()]
    assert {"none", "none, on columns", "innovation_gate, on columns"} <= set(lines)
    on_prints = price.worst_attack("none", 4.0, 1, on_columns=False)
    assert on_prints.damage <= price.worst_attack("none", 4.0, 1).damage
    assert price.mean_over_series("none", WORST_ON_COLUMNS, 4.0, 1).columns == "a, b"
