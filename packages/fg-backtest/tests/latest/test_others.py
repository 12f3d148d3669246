"""What other columns say of the newest change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_backtest.latest.others import GivenOthers, given_others
from fg_core import Observation

N = 80


def day(t: int) -> datetime:
    return datetime(1990 + t // 12, t % 12 + 1, 1, tzinfo=UTC)


def rows_of(values: Sequence[float], context: dict[str, Sequence[float]]) -> list[Observation]:
    rows = []
    for t, value in enumerate(values):
        beside = {name: column[t] for name, column in context.items()}
        rows.append(Observation(day(t), value, beside, day(t), "a", "test"))
    return rows


def walks(seed: int, together: float) -> tuple[list[float], list[float]]:
    """Return two random walks whose steps go together, with a shock of both at the end."""
    common, mine, other = np.random.default_rng(seed).standard_normal((3, N))
    common[-1] = 12.0
    a = np.cumsum(together * common + mine)
    b = np.cumsum(together * common + 0.3 * other)
    return a.tolist(), b.tolist()


def found(values: Sequence[float], **others: Sequence[float]) -> GivenOthers | None:
    by_period = {
        name: {day(t): value for t, value in enumerate(column)} for name, column in others.items()
    }
    return given_others(rows_of(values, {}), by_period)


def test_what_others_went_through_too_is_no_surprise_given_them() -> None:
    a, b = walks(1, 2.0)
    one = found(a, b=b)
    assert one is not None
    assert one.alone > 5.0
    assert abs(one.given) < 3.0
    assert one.columns == ("b",)
    assert one.n == N - 2
    # The same value with the other calm is a surprise.
    calm = [*b[:-1], b[-2]]
    other = found(a, b=calm)
    assert other is not None
    assert other.alone == one.alone
    assert other.given > 10.0


def test_it_is_the_prediction_error_of_least_squares() -> None:
    a, b = walks(2, 2.0)
    one = found(a, b=b)
    assert one is not None
    y, x = np.diff(a), np.diff(b)
    design = np.column_stack([np.ones(N - 2), x[:-1]])
    coefficients, (squares,), _, _ = np.linalg.lstsq(design, y[:-1], rcond=None)
    new = np.array([1.0, x[-1]])
    leverage = new @ np.linalg.inv(design.T @ design) @ new
    error = np.sqrt(squares / (N - 4) * (1.0 + leverage))
    assert one.given == pytest.approx((y[-1] - new @ coefficients) / error)
    assert one.share == pytest.approx(np.corrcoef(x[:-1], y[:-1])[0, 1] ** 2)


@pytest.mark.parametrize("factor", [2.0**20, 2.0**-20])
def test_units_do_not_matter(factor: float) -> None:
    a, b = walks(3, 2.0)
    assert found([factor * value for value in a], b=b) == found(a, b=b)
    assert found(a, b=[factor * value for value in b]) == found(a, b=b)


def test_columns_beside_the_series_count_and_come_before_series_of_their_name() -> None:
    a, b = walks(4, 2.0)
    rows = rows_of(a, {"b": b})
    by_context = given_others(rows, {"b": {day(t): 0.0 for t in range(N)}})
    assert by_context == found(a, b=b)


def test_nothing_is_said_where_nothing_went_together_or_is_known() -> None:
    a, b = walks(5, 2.0)
    noise = np.cumsum(np.random.default_rng(6).standard_normal(N)).tolist()
    assert found(a, noise=noise) is None
    assert found(a, b=b[:-1]) is None  # not out yet
    assert found(a, a2=a) is None  # the series itself
    assert found(a, flat=[1.0] * N) is None
    assert found(a) is None
    assert given_others(rows_of(a[:30], {"b": b[:30]}), {}) is None
    assert found([1.0] * N, b=b) is None


def test_columns_that_say_the_same_do_no_harm() -> None:
    a, b = walks(7, 2.0)
    once, twice = found(a, b=b), found(a, b=b, c=[2.0 * value for value in b])
    assert once is not None
    assert twice is not None
    assert twice.given == pytest.approx(once.given, rel=0.02)
