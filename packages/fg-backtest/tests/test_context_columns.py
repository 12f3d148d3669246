"""What is said of context columns that are of no use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fg_backtest import AgentsWith
from fg_backtest.context_columns import context_notices, static_columns
from fg_core import AgentAction, AgentRegistry, Observation, RandomWalk, SimulationConfig

START = datetime(2001, 1, 1, tzinfo=UTC)


def rows(name: str, **columns: list[float]) -> tuple[Observation, ...]:
    n = len(next(iter(columns.values())))
    days = [START + timedelta(days=t) for t in range(n)]
    return tuple(
        Observation(day, float(t), {k: v[t] for k, v in columns.items()}, day, name, "test")
        for t, day in enumerate(days)
    )


@dataclass(frozen=True)
class Reader:
    """A forecaster that declares which columns it reads, or nothing."""

    columns: tuple[str, ...] | None
    name: str = "reader"

    def __getattribute__(self, name: str) -> Any:
        if name == "columns_read" and object.__getattribute__(self, "columns") is None:
            raise AttributeError(name)
        return object.__getattribute__(self, name)

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        assert self.columns is not None
        return frozenset(columns).intersection(self.columns)

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        return AgentAction(self.name, 0.0, scale=1.0)


PANEL = {
    "a": rows("a", promo=[0.0, 1.0, 0.0], price=[1.0, 1.0, 2.0], area=[3.0] * 3),
    "b": rows("b", promo=[0.0, 0.0, 0.0], area=[4.0] * 3),
}


def said(*forecasters: Any, panel: Any = PANEL, factory: Any = None) -> tuple[str, ...]:
    agents = AgentRegistry((RandomWalk(), *forecasters))
    return context_notices(panel, agents, factory or (lambda _: agents), SimulationConfig())


def test_static_columns_change_within_no_series() -> None:
    assert static_columns(PANEL) == ("area",)
    assert static_columns({"b": PANEL["b"]}) == ("promo", "area")
    assert static_columns({}) == ()


def test_columns_that_nobody_reads_are_named_once() -> None:
    static, unread = said()
    assert static == "Columns that never change are of no use as context: area."
    assert unread.startswith("No forecaster that plays uses the context promo, price: ")
    assert "uses the context price: " in said(Reader(("promo", "area")))[1]
    assert said(Reader(("promo", "price"))) == (static,)


def test_nothing_is_said_of_a_forecaster_that_declares_nothing() -> None:
    assert len(said(Reader(None))) == 1
    bare = {"a": tuple(replace(row, macro_context={}) for row in PANEL["a"])}
    assert said(panel=bare) == ()


def test_the_line_up_is_named() -> None:
    (line,) = said(panel={"a": rows("a", promo=[0.0, 1.0])}, factory=AgentsWith())
    assert line.startswith("No forecaster of the line-up 'baselines' uses the context promo: ")


def test_many_columns_are_counted() -> None:
    panel = {"a": rows("a", **{f"c{i}": [0.0, 1.0] for i in range(9)})}
    assert "context c0, c1, c2, c3, c4 and 4 more: " in said(panel=panel)[0]
