import numpy as np
import pytest

from fg_core.errors import DataError
from fg_core.scoring import skill_score


@pytest.mark.parametrize(
    ("score", "benchmark", "expected"),
    [(0.0, 2.0, 1.0), (2.0, 2.0, 0.0), (1.0, 4.0, 0.75), (3.0, 2.0, -0.5), (-0.5, 2.0, 1.25)],
)
def test_by_hand(score, benchmark, expected):
    assert skill_score(score, benchmark) == expected


def test_broadcasts_and_passes_nan_on():
    found = skill_score([[1.0], [np.nan]], [2.0, 4.0, np.nan])
    np.testing.assert_array_equal(found, [[0.5, 0.75, np.nan], [np.nan, np.nan, np.nan]])


@pytest.mark.parametrize("benchmark", [0.0, -0.0, -1.5])
def test_a_benchmark_without_skill(benchmark):
    with pytest.raises(DataError, match=r"benchmark score is -?\d\.\d, and skill divides by it"):
        skill_score(1.0, benchmark)
    with pytest.raises(DataError, match="at index 1, and skill divides by it"):
        skill_score(1.0, [1.0, benchmark, benchmark])


def test_unusable_data():
    with pytest.raises(DataError, match="score must be finite, or NaN"):
        skill_score(np.inf, 1.0)
    with pytest.raises(DataError, match="benchmark must be finite, or NaN"):
        skill_score(1.0, np.inf)
    with pytest.raises(DataError, match=r"score \(2,\), benchmark \(3,\)"):
        skill_score([1.0, 1.0], [1.0, 1.0, 1.0])
