"""Read-only mappings and arrays."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import DataError
from fg_core.frozen import (
    FrozenArray,
    FrozenMapping,
    frozen_array,
    frozen_mapping,
    replace_unchecked,
)

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


class _Thief:
    """Takes hold of what it is compared or joined with."""

    loot: Any = None

    def __eq__(self, other: object) -> bool:
        self.loot = other
        return False

    def __ror__(self, other: object) -> None:
        self.loot = other

    __hash__ = None  # type: ignore[assignment]


def test_no_attribute_leads_to_its_dict() -> None:
    frozen: Any = frozen_mapping({"a": 1.0})
    # What belongs to the class, such as its annotations, may be a dict: not one with the items.
    found = [getattr(frozen, name) for name in dir(frozen)]
    assert not any(isinstance(thing, MutableMapping) and "a" in thing for thing in found)
    views = (frozen.keys(), frozen.values(), frozen.items())
    for view in views:
        inside = [getattr(view, name) for name in dir(view)]
        assert not any(isinstance(thing, MutableMapping) and "a" in thing for thing in inside)
    with pytest.raises(AttributeError):
        frozen._items  # noqa: B018 - reading it is the point


def test_what_it_is_compared_with_gets_no_dict() -> None:
    frozen, thief = frozen_mapping({"a": 1.0}), _Thief()
    assert frozen != thief
    assert not isinstance(thief.loot, MutableMapping)
    with pytest.raises(TypeError):
        frozen | {}  # type: ignore[operator]


def test_neither_init_nor_pickle_tools_change_it() -> None:
    frozen = frozen_mapping({"a": 1.0})
    frozen.__init__({"a": 2.0})  # type: ignore[misc]
    frozen.__reduce__()[1][0]["a"] = 2.0
    empty: FrozenMapping[str, float] = frozen_mapping()
    assert pickle.loads(pickle.dumps(empty)) is empty  # in another process: its shared one
    assert empty.__reduce__()[1] == ()
    assert dict(frozen) == {"a": 1.0}
    assert dict(frozen_mapping()) == {}


@pytest.mark.parametrize("name", ["_items", "note", "__class__"])
def test_no_attribute_can_be_set_or_deleted(name: str) -> None:
    frozen = frozen_mapping({"a": 1.0})
    with pytest.raises(AttributeError, match="cannot be changed"):
        setattr(frozen, name, {"a": 2.0})
    with pytest.raises(AttributeError, match="cannot be changed"):
        delattr(frozen, name)
    assert dict(frozen) == {"a": 1.0}


def test_freezing_a_subclass_makes_a_copy_of_its_own() -> None:
    class Lively(FrozenMapping[str, float]):  # type: ignore[misc]
        now = 1.0

        def __getitem__(self, key: str) -> float:
            return self.now

    lively = Lively({"a": 1.0})
    assert frozen_mapping(lively) is not lively
    assert type(frozen_mapping(lively)) is FrozenMapping


@dataclass(frozen=True, eq=False)
class _Path:
    values: FrozenArray = FrozenArray()
    label: str = ""


@quiet
@given(st.lists(st.floats(), max_size=5))
def test_a_frozen_array_holds_what_it_was_given(numbers: list[float]) -> None:
    plain = np.array(numbers)
    path = _Path(plain, "x")
    assert path.values.tobytes() == plain.tobytes()
    plain[:] = 7.0
    assert path.values.tobytes() == np.array(numbers).tobytes()
    for twin in (
        copy.copy(path),
        copy.deepcopy(path),
        pickle.loads(pickle.dumps(path)),
        dataclasses.replace(path),
        replace_unchecked(path, label="x"),
    ):
        assert twin.values.tobytes() == path.values.tobytes()
        assert twin.label == "x"


def test_a_frozen_array_cannot_be_changed_by_any_ordinary_path() -> None:
    path: Any = _Path(np.array([1.0, 2.0]))
    held = path.values
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 9.0
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        held.setflags(write=True)
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        held.flags.writeable = True
    with pytest.raises(dataclasses.FrozenInstanceError):
        path.values = np.zeros(2)
    assert isinstance(held.base, bytes)
    # Shape and type of an array can be set even where its numbers cannot.
    reader = path.values
    taken = path.values
    taken.resize((2, 1), refcheck=False)
    assert reader.shape == path.values.shape == (2,)


def test_a_frozen_array_has_one_axis_and_is_no_default() -> None:
    with pytest.raises(
        DataError, match=r"values must be numbers along one axis, got shape \(1, 2\)"
    ):
        _Path(np.zeros((1, 2)))
    with pytest.raises(TypeError, match="values"):
        _Path()


def test_frozen_array_keeps_the_shape() -> None:
    made = frozen_array([[1, 2], [3, 4]])
    assert made.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        made.setflags(write=True)
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        made.base.setflags(write=True)  # type: ignore[union-attr]
    assert frozen_array(np.zeros((3, 0))).shape == (3, 0)
