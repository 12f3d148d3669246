"""What stands beside a value must not give it away."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core.tables.context import determining_columns

N = 60
RNG = np.random.default_rng(5)
Y = np.cumsum(RNG.standard_normal(N)) + 100.0
A, B = RNG.standard_normal(N), RNG.standard_normal(N)


def found(y: np.ndarray = Y, **columns: np.ndarray) -> tuple[str, ...]:
    rows = [
        dict(zip(columns, map(float, cells), strict=True))
        for cells in zip(*columns.values(), strict=True)
    ]
    return determining_columns(y.tolist(), rows)


def test_a_copy_in_another_unit_tells_and_noise_does_not() -> None:
    assert found(a=A, copy=1.8 * Y + 32.0) == ("copy",)
    assert found(a=A, b=B) == ()
    assert found(constant=np.ones(N)) == ()


def test_parts_tell_together_and_others_stay() -> None:
    assert found(part=A, rest=Y - A, b=B) == ("part", "rest")
    # With a copy, the parts are superfluous, but tell all the same.
    assert found(part=A, rest=Y - A, copy=Y) == ("part", "rest", "copy")


@pytest.mark.parametrize(("noise", "expected"), [(1e-4, ("copy",)), (0.3, ())])
def test_near_enough_tells_too(noise: float, expected: tuple[str, ...]) -> None:
    assert found(copy=Y + noise * A) == expected


@pytest.mark.parametrize("unit", [2.0**-300, 1e300])
def test_units_do_not_matter(unit: float) -> None:
    assert found(Y * unit, copy=Y, a=A * 1e200) == ("copy",)
    assert found(Y, copy=Y * unit) == ("copy",)


def test_the_value_before_does_not_tell() -> None:
    assert found(Y[1:], before=Y[:-1]) == ()


def test_few_rows_or_many_columns_tell_nothing() -> None:
    noise = {f"c{k}": RNG.standard_normal(N) for k in range(55)}
    assert found(**noise) == ()
    assert found(Y[:8], copy=Y[:8]) == ()
    assert found(np.ones(N), copy=np.ones(N)) == ()
    assert determining_columns(Y.tolist(), [{}] * N) == ()


def test_a_column_that_is_there_in_part_is_judged_by_that() -> None:
    rows = [{"copy": float(v)} if t > 30 else {} for t, v in enumerate(Y)]
    assert determining_columns(Y.tolist(), rows) == ("copy",)
