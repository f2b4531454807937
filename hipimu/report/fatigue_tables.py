"""The tables of the fatigue estimates: the answer, its reserve, and the same asked otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hipimu.data import FatigueEstimate, Pace, Session
from hipimu.report.contrast import Check, Contrast, contrast, contrasts, hip, standing
from hipimu.report.missing import sentence_of
from hipimu.report.numerals import chance, degrees, number
from hipimu.report.quantity import told_change
from hipimu.report.table import Table
from hipimu.report.wording import spoken, verdict_short

CHECKS: Final[Mapping[str, str]] = {
    "theil_sen": "Theil–Sen",
    "cadence_adjusted": "Cadence adjusted",
    "speed_unadjusted": "Speed not adjusted",
}

_EXPLAINED: Final[Mapping[str, str]] = {
    "theil_sen": "Theil–Sen: a line that outliers cannot pull.",
    "cadence_adjusted": "Cadence adjusted: what is left when quicker steps are allowed for.",
    "speed_unadjusted": "Speed not adjusted: small differences of speed are left in.",
}

# Slower changes of speed than this are not worth a sentence.
_LEAST_SPEED_CHANGE_M_S: Final = 0.01


def fatigue_table(session: Session) -> Table:
    """Every estimate with its intervals, its reserve and its verdict in words."""
    return Table(
        "Change over the run in degrees, with 95 % intervals; a loss is negative",
        (
            "Peak",
            "Easy pace (δ)",
            "Fast pace (δ)",
            "Extra loss (RFI)",
            "Reserve",
            "RFI in % of reserve",
            "Detectable",
            "In words",
        ),
        tuple(_estimate(estimate) for estimate in session.fatigue),
        tuple(_notes(session)),
    )


def _estimate(estimate: FatigueEstimate) -> tuple[str, ...]:
    name = hip(estimate.side, estimate.outcome).capitalize()
    known = contrast(estimate)
    words = verdict_short(standing(estimate))
    if known is None:
        why = "; ".join(map(spoken, estimate.reasons))
        words += f": {why}" if why else ""
        return (name, "–", "–", "–", "–", "–", "–", words)
    detectable = known.detectable_deg
    return (
        name,
        told_change(known.easy),
        told_change(known.fast),
        told_change(known.rfi),
        "–" if known.reserve is None else told_change(known.reserve),
        share(known),
        "–" if detectable is None else degrees(detectable),
        f"{words}, may be chance" if known.may_be_chance() else words,
    )


def share(known: Contrast) -> str:
    """RFI in per cent of the reserve; a dash where the reserve is not clear enough."""
    portion = known.share_of_reserve
    return "–" if portion is None else f"{number(100 * portion, 0)} %"


def _notes(session: Session) -> list[str]:
    known = contrasts(session)
    doubts = dict.fromkeys(sentence_of(why) for item in known for why in item.doubts)
    notes = [f"Held back: {why}" for why in doubts]
    if any(item.reserve is not None for item in known):
        notes.append(
            "The reserve is how much further the fresh peak goes at fast than at easy pace; a "
            "reserve below the detectable change gives no percentage."
        )
    return [*notes, *_speed_notes(session)]


def _speed_notes(session: Session) -> list[str]:
    """How far the speed itself drifted, which the estimates allow for."""
    drifts: dict[Pace, float] = {}
    for estimate in session.fatigue:
        for pace, change in estimate.speed_change_m_s.items():
            drifts.setdefault(pace, change)
    told = [
        f"{abs(change):.2f} m/s {'slower' if change < 0 else 'faster'} at {pace} pace"
        for pace, change in drifts.items()
        if abs(change) >= _LEAST_SPEED_CHANGE_M_S
    ]
    if not told:
        return []
    return [f"The run itself became {' and '.join(told)}; the changes above allow for it."]


def checks_table(session: Session) -> Table | None:
    """The same contrast asked in other ways; None where it was not."""
    known = [item for item in contrasts(session) if item.checks]
    if not known:
        return None
    names = list(dict.fromkeys(check.name for item in known for check in item.checks))
    with_p = any(item.p_holm is not None for item in known)
    head = ["Peak", *(CHECKS.get(name, name) for name in names)]
    head += ["p, corrected"] if with_p else []
    return Table(
        "Extra loss (RFI) by other ways, and whether they agree",
        (*head, "Agree"),
        tuple(_checked(item, names, with_p=with_p) for item in known),
        (
            " ".join(_EXPLAINED[name] for name in names if name in _EXPLAINED)
            + " They stand beside the main estimate, never instead of it.",
        ),
    )


def _checked(item: Contrast, names: list[str], *, with_p: bool) -> tuple[str, ...]:
    made = {check.name: check for check in item.checks}
    p_value = "–" if item.p_holm is None else chance(item.p_holm)
    cells = [told_change(made[name].rfi) if name in made else "–" for name in names]
    return (item.name.capitalize(), *cells, *((p_value,) if with_p else ()), _agreement(item))


def _agreement(item: Contrast) -> str:
    differing = item.differing()
    if not differing:
        return f"yes, all {len(item.checks)}" if len(item.checks) > 1 else "yes"
    return "not " + " and ".join(_lower(check) for check in differing)


def _lower(check: Check) -> str:
    name = CHECKS.get(check.name, check.name)
    return name if name.startswith("Theil") else name.lower()
