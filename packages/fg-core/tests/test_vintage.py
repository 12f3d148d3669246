import pytest

from fg_core.errors import DataError
from fg_core.vintage import Vintage


def test_values_cannot_be_changed():
    values = {3: 1.0}
    one = Vintage(3, 2, values)
    values[3] = 9.0
    assert one.values[3] == 1.0
    with pytest.raises(TypeError):
        one.values[3] = 9.0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((3, 4), "settled after it is printed"),
        ((3, 2, {4: 1.0}), "period 4 has a value, but the last period printed is 3"),
        ((3, 2, {3: float("nan")}), "value of period 3 must be a finite number"),
        ((3, 2, {3: "high"}), "value of period 3 must be a finite number, got 'high'"),
        ((5, 2, {}, (2,)), "period 2 has no value yet"),
        ((5, 2, {}, (5,)), "period 5 has no value yet"),
        ((5, 2, {4: 1.0}, (4,)), "period 4 has no value yet"),
    ],
)
def test_what_cannot_be_is_refused(fields, message):
    with pytest.raises(DataError, match=message):
        Vintage(*fields)
