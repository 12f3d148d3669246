import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fg_core import DataError
from fg_core.pooling import array_from_plain, array_to_plain


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3), elements=st.floats(width=64)))
def test_arrays_come_back_to_the_last_bit(array):
    text = json.dumps(array_to_plain(array), allow_nan=False)
    found = array_from_plain("x", json.loads(text))
    assert found.shape == array.shape
    same = (found == array) | (np.isnan(found) & np.isnan(array))
    assert np.asarray(same).all()
    assert (np.signbit(found) == np.signbit(array))[~np.isnan(array)].all()


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        (3, "an array is wanted"),
        ({"shape": [2], "values": [1.0]}, "2 values are wanted"),
        ({"shape": "2", "values": [1.0]}, "no shape"),
        ({"shape": [-1], "values": []}, "no shape"),
        ({"shape": [1], "values": ["1"]}, "no number"),
        ({"shape": [1], "values": [None]}, "no number"),
        ({"shape": [1], "values": [True]}, "no number"),
    ],
)
def test_what_is_no_array_is_refused(plain, message):
    with pytest.raises(DataError, match=message):
        array_from_plain("evidence", plain)
