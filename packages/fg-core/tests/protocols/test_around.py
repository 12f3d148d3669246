"""What a validation scenario needs."""

from __future__ import annotations

import pytest

from fg_core.errors import ConfigError
from fg_core.protocols.around import REQUIREMENT_KINDS, Requirement


@pytest.mark.parametrize("kind", REQUIREMENT_KINDS)
def test_a_requirement_says_what_and_how(kind: str) -> None:
    assert str(Requirement(kind, "x", "install it")) == f"{kind} x (install it)"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("keys", "FRED_API_KEY", "ask for one"), "one of extra, data, key, program"),
        (("key", " ", "ask for one"), "name of a requirement"),
        (("key", "FRED_API_KEY", ""), "how of a requirement"),
        (("key", "FRED_API_KEY", "ask\nfor one"), "how of a requirement"),
    ],
)
def test_a_requirement_without_a_remedy_is_refused(
    fields: tuple[str, str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Requirement(*fields)
