"""How the cells of a table are read: what somebody says of their dates and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fg_core.errors import ConfigError

from .missing_marks import NO_MARKS, Marks

__all__ = ["Reading"]

_MONTHS = 12


@dataclass(frozen=True)
class Reading:
    """What is said of the cells of a table; what is not is told from the cells.

    Args:
        decimal: Decimal sign of numbers that are texts; empty: told from each column.
        na: Marks of missing values beside the usual ones.
        date_format: Form of the dates, as `datetime.strptime` has it; empty: told from the dates.
        fiscal_year_end: Last month of a fiscal year, 1 to 12; None: nobody has said it.

    Raises:
        ConfigError: No decimal sign, or no month.
    """

    decimal: str = ""
    na: Marks = NO_MARKS
    date_format: str = ""
    fiscal_year_end: int | None = None

    def __post_init__(self) -> None:
        if self.decimal not in ("", ".", ","):
            raise ConfigError(f"decimal must be '.' or ',', got {self.decimal!r}")
        end = self.fiscal_year_end
        if end is not None and (isinstance(end, bool) or not 1 <= end <= _MONTHS):
            raise ConfigError(f"fiscal_year_end must be a month from 1 to 12, got {end!r}")
