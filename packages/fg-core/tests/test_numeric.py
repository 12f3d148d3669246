import numpy as np
import pytest

from fg_core._numeric import (
    as_floats,
    common_shape,
    finite,
    finite_or_nan,
    ordered_dot,
    ordered_rows,
    ordered_sum,
    positive,
    probability,
    weighted_components,
)
from fg_core.errors import DataError


def left_to_right(row):
    total = row[0]
    for term in row[1:]:
        total = total + term
    return total


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 45, 300])
@pytest.mark.parametrize("rows", [1, 5, 127, 128, 129, 1000])
def test_ordered_sum_adds_from_left_to_right_in_any_batch(rows, n):
    terms = np.random.default_rng(n).normal(size=(rows, n)) * 10.0 ** (np.arange(n) % 17)
    expected = np.array([left_to_right(row) for row in terms])
    np.testing.assert_array_equal(ordered_sum(terms), expected)
    np.testing.assert_array_equal(ordered_sum(np.asfortranarray(terms)), expected)


def test_the_order_matters_so_the_test_above_can_fail():
    terms = np.random.default_rng(0).normal(size=(200, 45)) * 10.0 ** (np.arange(45) % 17)
    assert np.any(np.sum(terms, axis=-1) != ordered_sum(terms))


def test_ordered_sum_leaves_its_argument_alone_and_takes_nothing():
    terms = np.ones((200, 3))
    ordered_sum(terms)
    np.testing.assert_array_equal(terms, np.ones((200, 3)))
    np.testing.assert_array_equal(ordered_sum(np.ones((4, 0))), np.zeros(4))


@pytest.mark.parametrize("n", [1, 2, 8, 9, 45])
@pytest.mark.parametrize("m", [1, 2, 9, 128])
@pytest.mark.parametrize("lanes", [(), (1,), (3,), (200,)])
def test_ordered_rows_adds_rows_one_after_the_other_in_any_layout(lanes, m, n):
    rng = np.random.default_rng(n + m)
    terms = rng.normal(size=(*lanes, n, m)) * 10.0 ** (np.arange(n)[:, np.newaxis] % 17)
    expected = np.zeros((*lanes, m)) + terms[..., 0, :]
    for i in range(1, n):
        expected = expected + terms[..., i, :]
    np.testing.assert_array_equal(ordered_rows(terms), expected)
    np.testing.assert_array_equal(ordered_rows(np.asfortranarray(terms)), expected)
    lanes_last = np.moveaxis(np.ascontiguousarray(np.moveaxis(terms, 0, -1)), -1, 0)
    np.testing.assert_array_equal(ordered_rows(lanes_last), expected)


@pytest.mark.parametrize("n", [0, 1, 2, 9, 45])
@pytest.mark.parametrize("shapes", [((), ()), ((5,), ()), ((), (300,)), ((200, 1), (1, 3))])
def test_ordered_dot_adds_products_from_left_to_right_in_any_batch(shapes, n):
    rng = np.random.default_rng(n)
    left, right = (rng.normal(size=(*s, n)) * 10.0 ** (np.arange(n) % 17) for s in shapes)
    products = left * right
    expected = np.zeros(products.shape[:-1])
    for k in range(n):
        expected = products[..., 0] if k == 0 else expected + products[..., k]
    np.testing.assert_array_equal(ordered_dot(left, right), expected)
    np.testing.assert_array_equal(ordered_dot(np.asfortranarray(left), right), expected)


def test_as_floats_gives_memory_on_which_exp_and_log_have_one_answer():
    x = np.abs(np.random.default_rng(1).normal(size=5000)) + 0.1
    forwards = np.exp(x), np.log(x)
    backwards = as_floats("x", x[::-1])
    np.testing.assert_array_equal(np.exp(backwards)[::-1], forwards[0])
    np.testing.assert_array_equal(np.log(backwards)[::-1], forwards[1])
    singles = [as_floats("x", x[::-1][i : i + 1]) for i in range(x.size)]
    assert all(single.strides[0] > 0 for single in singles)


@pytest.mark.parametrize("values", ["one", [[1.0], [1.0, 2.0]], {"a": 1.0}, object()])
def test_as_floats_rejects_what_is_not_an_array_of_numbers(values):
    with pytest.raises(DataError, match="x must be an array of numbers"):
        as_floats("x", values)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (finite, np.nan),
        (finite, np.inf),
        (finite_or_nan, -np.inf),
        (positive, 0.0),
        (positive, -1.0),
        (positive, np.nan),
        (positive, np.inf),
        (probability, 0.0),
        (probability, 1.0),
        (probability, np.nan),
    ],
)
def test_checks_say_what_was_wrong_and_where(check, wrong):
    with pytest.raises(DataError, match=rf"^x must be .*, got {wrong}$"):
        check("x", wrong)
    with pytest.raises(DataError, match=rf"^x must be .*, got {wrong} at index 2$"):
        check("x", [0.5, 0.25, wrong, wrong])
    with pytest.raises(DataError, match=rf"^x must be .*, got {wrong} at index \(1, 0\)$"):
        check("x", [[0.5, 0.5], [wrong, 0.5]])


@pytest.mark.parametrize("check", [finite, finite_or_nan, positive, probability])
def test_checks_pass_what_is_right(check):
    np.testing.assert_array_equal(check("x", [0.25, 0.5]), [0.25, 0.5])
    assert check("x", 0.5).shape == ()
    assert check("x", []).size == 0


def test_common_shape_lists_the_shapes_that_do_not_fit():
    assert common_shape(a=np.zeros((3, 1)), b=np.zeros(4)) == (3, 4)
    with pytest.raises(DataError, match=r"a \(3,\), b \(4,\)"):
        common_shape(a=np.zeros(3), b=np.zeros(4))


@pytest.mark.parametrize("rows", [1, 200])
def test_components_without_weight_are_left_out_wherever_they_stand(rows):
    rng = np.random.default_rng(3)
    w, m, s = rng.dirichlet(np.ones(5), rows), rng.normal(size=(rows, 5)), rng.random((rows, 5)) + 1
    w[:, 1] = w[:, 4] = 0.0
    w[: rows // 2, 0] = 0.0  # has weight in other rows
    w /= w.sum(axis=1, keepdims=True)
    for layout in (np.ascontiguousarray, np.asfortranarray):
        found = weighted_components(layout(w), layout(m), layout(s))
        for kept, array in zip(found, (w, m, s), strict=True):
            np.testing.assert_array_equal(kept, array[:, [0, 2, 3]])
    with_all = weighted_components(np.full((rows, 5), 0.2), m, s)
    assert with_all[1] is m
    unknown = np.where(w == 0.0, np.nan, w)
    assert weighted_components(unknown, m, s)[0].shape == (rows, 5)
