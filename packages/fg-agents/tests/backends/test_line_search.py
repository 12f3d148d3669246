import numpy as np
import pytest

from fg_agents.backends._line_search import lowest


@pytest.mark.parametrize("where", [0.0, 1e-3, 0.37, 0.999, 1.0])
def test_finds_the_lowest_point_ends_included(where):
    assert lowest(lambda x: np.abs(x - where), 0.0, 1.0) == pytest.approx(where, abs=1e-9)


def test_of_two_minima_the_lower_and_of_equals_the_first():
    two = lowest(lambda x: np.minimum((x - 0.2) ** 2, (x - 0.8) ** 2 - 0.1), 0.0, 1.0)
    assert two == pytest.approx(0.8, abs=1e-7)
    assert lowest(lambda x: np.zeros_like(x), 0.25, 1.0) == 0.25
