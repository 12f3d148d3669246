"""Policy rates of central banks, collected by the Bank for International Settlements."""

from __future__ import annotations

from .adapter import BISPolicyRateAdapter
from .service import BIS, BIS_NOTICE

__all__ = ["BIS", "BIS_NOTICE", "BISPolicyRateAdapter"]
