"""Checks of a dataset: what is wrong with it, and what only looks odd.

A *fault* makes results from the data wrong: a leak, a figure that is no number, a series that the
service has stopped updating. An *oddity* may be right, and should be looked at: a period without a
figure, a spike, a shift, a new base year, a revision far larger than usual. (In April 2020
unemployment jumped by ten points, and in October 2025 no price index was collected. Both are true.)

`rows` checks the rows of a dataset, `histories` their vintages, `agreement` two sources of one
quantity; docs/quality.md says what each check asks, by which statistic, and at which rates.
"""

from __future__ import annotations

from .agreement import Agreement, compare_series
from .finding import Finding
from .histories import check_histories
from .revisions import RevisionStep, odd_revisions, revision_steps
from .rows import check_dataset, poison_findings

__all__ = [
    "Agreement",
    "Finding",
    "RevisionStep",
    "check_dataset",
    "check_histories",
    "compare_series",
    "odd_revisions",
    "poison_findings",
    "revision_steps",
]
