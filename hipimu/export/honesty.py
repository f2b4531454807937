"""statistics.json: how often the intervals of fatigue hold the truth, for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from hipimu.data import Interval
from hipimu.units import deg_from_rad
from hipimu.validation.honesty import Asked, Outcomes, Study

SCHEMA_NAME: Final = "hipimu-statistics/1"
_FOUND: Final = ("supported", "reversed")


def study_document(study: Study) -> dict[str, Any]:
    """Everything that was counted, as plain JSON values.

    Parameters
    ----------
    study : Study

    Returns
    -------
    dict
        Degrees and shares; docs/statistics.md is made from nothing else.
    """
    return {
        "schema": SCHEMA_NAME,
        "hipimu": study.hipimu_version,
        "by_strides": [_scenario(outcomes) for outcomes in study.by_strides],
        "by_signal": [_scenario(outcomes) for outcomes in study.by_signal],
        "beside_signal": [_scenario(outcomes) for outcomes in study.beside_signal],
        "by_hip_range": [_scenario(outcomes) for outcomes in study.by_hip_range],
        "planned_power": [
            {"loss_deg": round(deg_from_rad(loss), 3), "power": power}
            for loss, power in study.power
        ],
    }


def _scenario(outcomes: Outcomes) -> dict[str, Any]:
    every = [asked for session in outcomes.sessions for asked in session]
    known = [asked for asked in every if asked.rfi_rad is not None]
    changed = [asked for asked in every if asked.true_rfi_rad != 0.0]
    unchanged = [asked for asked in every if asked.true_rfi_rad == 0.0]
    return {
        "name": outcomes.scenario.name,
        "what": outcomes.scenario.what,
        "expected": outcomes.scenario.expected,
        "sessions": len(outcomes.sessions),
        "estimates": len(every),
        "estimable": _share(len(known), len(every)),
        "coverage": {
            "rfi": _coverage((a.rfi_ci95_rad, a.true_rfi_rad) for a in known),
            "rfi_where_changed": _coverage(
                (a.rfi_ci95_rad, a.true_rfi_rad) for a in changed if a.rfi_rad is not None
            ),
            "easy": _coverage((a.easy_ci95_rad, a.true_easy_rad) for a in known),
            "fast": _coverage((a.fast_ci95_rad, a.true_fast_rad) for a in known),
        },
        "bias_deg": _mean([deg_from_rad((a.rfi_rad or 0.0) - a.true_rfi_rad) for a in known]),
        "half_width_deg": _mean(
            [0.5 * deg_from_rad(float(np.ptp(a.rfi_ci95_rad))) for a in known if a.rfi_ci95_rad]
        ),
        "true_rfi_deg": _mean([deg_from_rad(a.true_rfi_rad) for a in changed]),
        "verdicts_where_changed": _verdicts(changed),
        "verdicts_where_unchanged": _verdicts(unchanged),
        "false_alarm_per_session": _alarms(outcomes.sessions, corrected=False),
        "false_alarm_per_session_holm": _alarms(outcomes.sessions, corrected=True),
    }


def _coverage(pairs: Iterable[tuple[Interval | None, float]]) -> float | None:
    inside = [low <= true <= high for (low, high), true in _known(pairs)]
    return _share(sum(inside), len(inside))


def _known(pairs: Iterable[tuple[Interval | None, float]]) -> list[tuple[Interval, float]]:
    return [(interval, true) for interval, true in pairs if interval is not None]


def _verdicts(asked: Sequence[Asked]) -> Mapping[str, float | None]:
    counts = Counter(a.verdict for a in asked)
    return {verdict: _share(n, len(asked)) for verdict, n in sorted(counts.items())}


def _alarms(sessions: Sequence[Sequence[Asked]], *, corrected: bool) -> float | None:
    """Share of sessions in which something is found that is not there."""
    alarms = [
        any(
            a.true_rfi_rad == 0.0 and a.verdict in _FOUND and (a.clear or not corrected)
            for a in session
        )
        for session in sessions
    ]
    return _share(sum(alarms), len(alarms))


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 4)


def _mean(values: Sequence[float]) -> float | None:
    return None if len(values) == 0 else round(float(np.mean(values)), 3)
