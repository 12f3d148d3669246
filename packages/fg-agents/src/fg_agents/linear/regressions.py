r"""Rules of macroeconomics as forecasters: systems of the columns that a rule is about.

A rule says which few columns belong together. As a forecaster it is the vector autoregression
restricted to those columns: every other coefficient of the large system is exactly zero. It
forecasts whichever of them the series is, several steps ahead as well, since the others are
forecast along with it. What the series is, and which column plays what, is a matter of `Roles`.

* Okun: growth of activity and the change of unemployment. Okun (1962), Potential GNP.
* Phillips: unemployment and the change of inflation. Phillips (1958), Economica 25,
  doi:10.1111/j.1468-0335.1958.tb00003.x; Stock & Watson (1999), J. Monetary Economics 44,
  doi:10.1016/S0304-3932(99)00027-6 (as a forecast).
* Taylor: the interest rate answers inflation and unemployment, or activity and unemployment.
  Taylor (1993), Carnegie-Rochester Conference Series 39, doi:10.1016/0167-2231(93)90009-L.
* IS: activity answers the interest rate and inflation.
"""

from __future__ import annotations

from typing import Any

from .vector import VectorAutoregression

__all__ = ["is_curve", "okun", "phillips", "taylor"]


def okun(*, wide: bool = False, **settings: Any) -> VectorAutoregression:
    """Return Okun's law: the change of unemployment, and activity.

    Args:
        wide: Whether to add the interest rate, and consumption where it is there, in levels.
        settings: Others of `VectorAutoregression`; they take precedence.

    Returns:
        Specification, to be estimated by a `LinearForecaster`.

    >>> okun().about, okun(wide=True, discount=0.97).columns
    (('unemployment', 'activity'), ('consumption',))
    """
    own: dict[str, Any] = {"about": ("unemployment", "activity"), "columns": ()}
    if wide:
        own |= {"about": ("unemployment", "activity", "rate"), "columns": ("consumption",)}
        return VectorAutoregression(**{**own, "sums": ("rate",), **settings})
    return VectorAutoregression(**{**own, "difference": "persistent", "tightness": 0.4, **settings})


def phillips(**settings: Any) -> VectorAutoregression:
    """Return the Phillips curve: inflation and unemployment, both in changes.

    Args:
        settings: Others of `VectorAutoregression`; they take precedence.

    >>> phillips().tightness
    0.3
    """
    own = {"about": ("inflation", "unemployment"), "columns": (), "difference": "persistent"}
    return VectorAutoregression(**{**own, "tightness": 0.3, **settings})


def taylor(*, of_activity: bool = False, **settings: Any) -> VectorAutoregression:
    """Return a Taylor rule: the interest rate, inflation and unemployment, in changes.

    Args:
        of_activity: Whether to take activity in place of inflation, and the rate alone in changes.
        settings: Others of `VectorAutoregression`; they take precedence.

    Returns:
        Specification, to be estimated by a `LinearForecaster`.

    >>> taylor().about, taylor(of_activity=True).difference
    (('rate', 'inflation', 'unemployment'), ('rate',))
    """
    own: dict[str, Any] = {"columns": ()}
    if of_activity:
        own |= {"about": ("rate", "activity", "unemployment"), "difference": ("rate",)}
    else:
        own |= {"about": ("rate", "inflation", "unemployment"), "difference": "persistent"}
    return VectorAutoregression(**{**own, **settings})


def is_curve(*, wide: bool = False, **settings: Any) -> VectorAutoregression:
    """Return an IS curve: activity, the interest rate and inflation.

    Args:
        wide: Whether to take consumption and investment, where they are there, in place of
            inflation.
        settings: Others of `VectorAutoregression`; they take precedence.

    Returns:
        Specification, to be estimated by a `LinearForecaster`.

    >>> is_curve(wide=True).about
    ('activity', 'rate')
    """
    own: dict[str, Any] = {"sums": ("rate",)}
    if wide:
        own |= {"about": ("activity", "rate"), "columns": ("consumption", "investment")}
    else:
        about = ("activity", "rate", "inflation")
        own |= {"about": about, "columns": (), "difference": ("inflation",)}
    return VectorAutoregression(**{**own, **settings})
