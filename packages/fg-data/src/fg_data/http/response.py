"""Answer of a data service, read whole and unpacked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fg_core import frozen_mapping

__all__ = ["Response"]


@dataclass(frozen=True)
class Response:
    """An answer of a data service.

    Args:
        status: Status code of HTTP.
        content_type: Content type in small letters and without parameters, such as
            "application/json"; empty: the service did not say.
        body: Bytes of the body, unpacked.
        headers: Headers by name in small letters.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: frozen_mapping(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", frozen_mapping(self.headers))
