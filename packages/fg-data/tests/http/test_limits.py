from __future__ import annotations

from dataclasses import fields

import pytest

from fg_core import ConfigError
from fg_data.http import HttpLimits


@pytest.mark.parametrize("name", [field.name for field in fields(HttpLimits)])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True])
def test_a_bound_is_a_number_and_not_negative(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        HttpLimits(**{name: value})


@pytest.mark.parametrize("name", ["deadline_seconds", "attempts", "max_body_bytes"])
def test_a_bound_lets_something_through(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be above 0"):
        HttpLimits(**{name: 0})
