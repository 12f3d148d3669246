"""What a reader must know beside the figures: marks, data, notices, fallbacks, gaps."""

from __future__ import annotations

from .agents import BENCHMARK, ENSEMBLE
from .records import Report

__all__ = ["notes"]


def notes(report: Report) -> tuple[str, ...]:
    """Return the lines under the tables."""
    return (*_legend(), *_verdict(report), *_data(report), *_gaps(report))


def _legend() -> tuple[str, ...]:
    return (
        "MAE, RMSE and CRPS in the unit of the series, lower is better; * marks the best, "
        "> the game's row. "
        "CRPS skill is 1 - CRPS / CRPS of the random walk (RW): above 0 is better than it. "
        "80 % cov. is the share of outcomes inside the central 80 % interval. n counts scored "
        "origins.",
    )


def _verdict(report: Report) -> tuple[str, ...]:
    summary = report.summary
    skill = summary.contenders[ENSEMBLE].mean_skill
    if skill is None:
        return ()
    if not summary.beaten_by:
        return ("No other contender has a higher mean CRPS skill than the ensemble.",)
    names = ", ".join(
        f"{name} ({summary.contenders[name].mean_skill:+.3f})" for name in summary.beaten_by
    )
    return (f"The ensemble ({skill:+.3f}) is beaten on mean CRPS skill by {names}.",)


def _data(report: Report) -> tuple[str, ...]:
    of = report.provenance
    data = f"Data: {of.source}, {of.description}. Licence: {of.licence}. Vintage: {of.vintage}."
    found = [f"{data} SHA-256 {of.content_hash[:16]}."]
    if of.fallback_for:
        found.append(f"FALLBACK: these data stand in for {of.fallback_for!r}.")
    if of.is_synthetic:
        found.append("SYNTHETIC: the numbers are made up.")
    return (*found, *of.notices)


def _gaps(report: Report) -> tuple[str, ...]:
    found = []
    late = [
        f"{name} ({one.later_than[:10]})" for name, one in report.series.items() if one.later_than
    ]
    if late:
        found.append(
            "Scored from later than the source's own first origin, since a first fit wants more "
            f"rows than there are before it: {', '.join(late)}."
        )
    unscored = {
        f"{name} h{h}": cell.unscored
        for name in report.provenance.series
        for h, cell in sorted(report.series[name].horizons.items(), key=lambda item: int(item[0]))
        if cell.unscored
    }
    if unscored:
        total = sum(unscored.values())
        where = ", ".join(f"{name} {n}" for name, n in unscored.items())
        found.append(f"Unscored, since the target is not in the data: {total} ({where}).")
    missing: dict[str, int] = {}
    pointwise: set[str] = set()
    for one in report.series.values():
        for cell in one.horizons.values():
            for name, n in cell.missing.items():
                missing[name] = missing.get(name, 0) + n
            pointwise |= {name for name, m in cell.contenders.items() if m.n_density < m.n}
    absent = ", ".join(f"{name} {n}" for name, n in missing.items() if n)
    if absent:
        found.append(
            f"Without a forecast at some scored origins: {absent}. They are scored on the others, "
            f"and their skill is against {BENCHMARK} there."
        )
    if pointwise:
        names = ", ".join(name for name in report.contenders if name in pointwise)
        found.append(
            f"Without a scale at some origins: {names}. CRPS, coverage and skill are over the "
            "origins in brackets behind n; equal weights pool the claims that have a scale."
        )
    doubted = {n: one.prints_doubted for n, one in report.series.items() if one.prints_doubted}
    if doubted:
        where = ", ".join(f"{name} {n}" for name, n in doubted.items())
        found.append(f"Prints that the defenders thought bad more likely than not: {where}.")
    return tuple(found)
