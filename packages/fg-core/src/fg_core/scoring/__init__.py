"""Scores of forecasts: point errors, CRPS, log score, calibration and skill. Lower is better."""

from .bootstrap import BootstrapInterval, block_bootstrap
from .calibration import (
    interval_coverage,
    interval_score,
    pinball_loss,
    pit_gaussian,
    pit_mixture,
)
from .comparison import ScoreComparison, compare_scores
from .crps import crps_gaussian, crps_mixture, crps_quantile, crps_sample
from .forecast_scores import MixtureLike, PredictiveLike, crps, pit_score
from .logarithmic import log_score_gaussian, log_score_mixture, log_score_student_t
from .lognormal import crps_lognormal_mixture, lognormal_mixture_moments
from .point import mae, mape, mase, rmse, worst_case
from .skill import skill_score

__all__ = [
    "BootstrapInterval",
    "MixtureLike",
    "PredictiveLike",
    "ScoreComparison",
    "block_bootstrap",
    "compare_scores",
    "crps",
    "crps_gaussian",
    "crps_lognormal_mixture",
    "crps_mixture",
    "crps_quantile",
    "crps_sample",
    "interval_coverage",
    "interval_score",
    "log_score_gaussian",
    "log_score_mixture",
    "log_score_student_t",
    "lognormal_mixture_moments",
    "mae",
    "mape",
    "mase",
    "pinball_loss",
    "pit_gaussian",
    "pit_mixture",
    "pit_score",
    "rmse",
    "skill_score",
    "worst_case",
]
