"""Read-only mappings."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, MutableMapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.frozen import FrozenMapping, frozen_mapping

quiet = settings(derandomize=True, database=None, deadline=None)

DICTIONARIES = st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False), max_size=6)


@quiet
@given(DICTIONARIES)
def test_it_holds_what_it_was_given(plain: dict[str, float]) -> None:
    frozen = frozen_mapping(plain)
    assert dict(frozen) == plain
    assert list(frozen) == list(plain)
    assert len(frozen) == len(plain)
    assert frozen == plain
    assert plain == frozen
    assert all(key in frozen and frozen[key] == value for key, value in plain.items())


@quiet
@given(DICTIONARIES, DICTIONARIES)
def test_equal_mappings_are_equal_and_hash_alike(a: dict[str, float], b: dict[str, float]) -> None:
    assert (frozen_mapping(a) == frozen_mapping(b)) == (a == b)
    turned = FrozenMapping(dict(reversed(a.items())))
    assert turned == frozen_mapping(a)
    assert hash(turned) == hash(frozen_mapping(a))


@quiet
@given(DICTIONARIES)
def test_it_survives_pickling_and_copying(plain: dict[str, float]) -> None:
    frozen = frozen_mapping(plain)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(frozen, protocol))
        assert again == frozen
        assert isinstance(again, FrozenMapping)
        assert list(again) == list(frozen)
    assert copy.deepcopy(frozen) == copy.copy(frozen) == frozen


def test_it_does_not_follow_the_mapping_that_it_was_made_from() -> None:
    plain = {"a": 1.0}
    frozen = frozen_mapping(plain)
    plain["a"] = 2.0
    plain["b"] = 3.0
    assert dict(frozen) == {"a": 1.0}


def test_items_cannot_be_set_or_deleted() -> None:
    frozen = frozen_mapping({"a": 1.0})
    with pytest.raises(TypeError, match="does not support item assignment"):
        frozen["a"] = 2.0  # type: ignore[index]
    with pytest.raises(TypeError, match=r"does(n't| not) support item deletion"):
        del frozen["a"]  # type: ignore[attr-defined]
    assert frozen["a"] == 1.0


@pytest.mark.parametrize("name", ["update", "pop", "popitem", "clear", "setdefault", "__ior__"])
def test_it_has_no_method_that_changes_it(name: str) -> None:
    assert not hasattr(frozen_mapping({"a": 1.0}), name)


def test_it_has_no_attributes_of_its_own() -> None:
    with pytest.raises(AttributeError):
        frozen_mapping({"a": 1.0}).note = "x"  # type: ignore[attr-defined]


def test_freezing_twice_returns_the_same_object() -> None:
    frozen = frozen_mapping({"a": 1.0})
    assert frozen_mapping(frozen) is frozen


def test_nothing_becomes_one_empty_mapping() -> None:
    assert frozen_mapping() == {}
    assert frozen_mapping(None) is frozen_mapping({})
    assert not frozen_mapping()


def test_a_missing_key_is_a_key_error_and_get_has_a_default() -> None:
    frozen = frozen_mapping({"a": 1.0})
    with pytest.raises(KeyError, match="b"):
        frozen["b"]
    assert frozen.get("b", 7.0) == 7.0


def test_it_is_a_mapping_and_not_a_mutable_one() -> None:
    assert isinstance(frozen_mapping(), Mapping)
    assert not isinstance(frozen_mapping(), MutableMapping)


def test_values_that_cannot_be_hashed_do_not_keep_it_from_being_used() -> None:
    frozen = frozen_mapping({"rows": [1, 2]})
    assert frozen["rows"] == [1, 2]
    with pytest.raises(TypeError, match="unhashable"):
        hash(frozen)


def test_repr_shows_the_items() -> None:
    assert repr(frozen_mapping({"a": 1.0})) == "FrozenMapping({'a': 1.0})"
