"""Stated distributions as records of a report, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from fg_core.distributions import ShapeArrays

from .schema import Shape

__all__ = ["shape_records", "shapes_of_records"]

_FIELDS = tuple(item.name for item in fields(ShapeArrays) if item.name in Shape.__struct_fields__)


def shape_records(shapes: ShapeArrays | None) -> list[list[Shape | None]]:
    """Return stated distributions as records.

    Args:
        shapes: distributions, leading axes (origin, column); None: nothing is stated.

    Returns:
        Per origin one entry per column, None where nothing is stated; empty where `shapes` is None.
    """
    if shapes is None:
        return []
    return [
        [_record(shapes, i, j) if here else None for j, here in enumerate(row)]
        for i, row in enumerate(shapes.stated.tolist())
    ]


def _record(shapes: ShapeArrays, i: int, j: int) -> Shape:
    one = shapes.map(lambda array: array[i, j]).trimmed()
    numbers: dict[str, Any] = {}
    for name in _FIELDS:
        given = getattr(one, name).tolist()
        numbers[name] = tuple(given) if isinstance(given, list) else given
    return Shape(**numbers)


def shapes_of_records(rows: Sequence[Sequence[Shape | None]]) -> ShapeArrays | None:
    """Return records as stated distributions.

    Args:
        rows: per origin one entry per column, or none at all where all are normal.

    Returns:
        Distributions, leading axes (origin, column); None where nothing is stated.
    """
    there = [one for row in rows for one in row if one is not None]
    if not there:
        return None
    width = max(len(row) for row in rows)
    blank = ShapeArrays.nothing(len(rows), width).padded(
        max(len(one.knots) for one in there), max(len(one.masses) for one in there)
    )
    found = {item.name: getattr(blank, item.name).copy() for item in fields(ShapeArrays)}
    for i, row in enumerate(rows):
        for j, one in enumerate(row):
            if one is None:
                continue
            found["stated"][i, j] = True
            for name in _FIELDS:
                given = getattr(one, name)
                if isinstance(given, tuple):
                    found[name][i, j, : len(given)] = given
                    if name == "knots":
                        found[name][i, j, len(given) :] = given[-1]
                else:
                    found[name][i, j] = given
    return ShapeArrays(**{name: np.asarray(array) for name, array in found.items()})
