"""Linear forecasters with other information: one code path from moments to forecasts."""

from __future__ import annotations

from .autoregressive import ShrunkAutoregression
from .fit import LinearFit
from .forecaster import LinearForecaster
from .local_level import LocalLevel
from .minnesota import MinnesotaPrior, Posterior, posterior
from .model import HorizonForms, LinearModel
from .moments import Moments, lagged, moments_at
from .panel import DataPanel
from .paths import ForecastPaths, fit_rows, forecast_paths
from .presets import context_forecasters, macro_forecasters, univariate_forecasters
from .regressions import is_curve, okun, phillips, taylor
from .roles import KNOWN_COLUMNS, OWN, ROLES, Roles
from .row_weights import row_sizes, row_weights
from .specification import LinearSpecification
from .system import Fits, System, SystemFits
from .vector import VectorAutoregression

__all__ = [
    "KNOWN_COLUMNS",
    "OWN",
    "ROLES",
    "DataPanel",
    "Fits",
    "ForecastPaths",
    "HorizonForms",
    "LinearFit",
    "LinearForecaster",
    "LinearModel",
    "LinearSpecification",
    "LocalLevel",
    "MinnesotaPrior",
    "Moments",
    "Posterior",
    "Roles",
    "ShrunkAutoregression",
    "System",
    "SystemFits",
    "VectorAutoregression",
    "context_forecasters",
    "fit_rows",
    "forecast_paths",
    "is_curve",
    "lagged",
    "macro_forecasters",
    "moments_at",
    "okun",
    "phillips",
    "posterior",
    "row_sizes",
    "row_weights",
    "taylor",
    "univariate_forecasters",
]
