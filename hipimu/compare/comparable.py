"""What stands between two sessions: reasons not to hold them against each other, or with care."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from hipimu.data import (
    SEGMENTS,
    THIGHS,
    About,
    Incomparable,
    Pace,
    PaceSource,
    Segment,
    SessionSummary,
)
from hipimu.maths import quaternion
from hipimu.units import deg_from_rad, rad_from_deg

TURNED_RAD: Final = rad_from_deg(30.0)
"""A strap put on by hand comes to lie within this of where it was. The axes are found anew each
time, so angles stay; but on another side of the thigh other soft tissue moves the sensor."""
FASTER_M_S: Final = 0.25
"""2° of peak flexion at fast pace, half of the default detectable change: from 5.0 to 4.5 m/s a hip
flexes some 4° less (docs, explanation “Fatigue statistics”)."""
MOST_LOSS: Final = 0.05
"""Links that work lose 1–5 %; beyond, gaps begin to decide which strides count."""
LEAST_CALIBRATION: Final = 0.8
"""That of a short standing pose; where nobody stood still it is 0.5."""
LEAST_USABLE: Final = 0.7
"""With a third of the strides set aside, the rest is no fair draw of the run."""
SCIENTIFIC_CHANGES: Final[tuple[tuple[int, ...], ...]] = ((0, 1, 0),)
"""Versions with “Scientific changes” in the changelog: numbers from before differ."""

_SOURCES: Final[dict[PaceSource, str]] = {
    "laps": "marked by laps",
    "watch_laps": "marked by laps",
    "speed": "told from speed",
    "pelvis": "guessed from the pelvis",
    "none": "unknown",
}
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

Named = Callable[[SessionSummary], str | None]


def in_order(summaries: Iterable[SessionSummary]) -> tuple[SessionSummary, ...]:
    """Put sessions in order of time, those without a date first."""
    return tuple(sorted(summaries, key=lambda s: (s.started_at or _LONG_AGO, s.session)))


def comparable(summaries: Iterable[SessionSummary]) -> tuple[Incomparable, ...]:
    """Say what stands between sessions.

    Another athlete, method or filter, no thigh in common, and a pace that is not known refuse: the
    numbers would mean different things. Everything else is a flag: they mean the same, and may
    differ for a reason other than the athlete's range.

    Parameters
    ----------
    summaries : iterable of SessionSummary
        In any order. Of one there is its quality to say.

    Returns
    -------
    tuple of Incomparable
        What refuses first; empty where nothing stands between them.
    """
    ordered = in_order(summaries)
    found = [*_kinds(ordered), *_sensors(ordered), *_mounting(ordered), *_speeds(ordered)]
    found += _quality(ordered)
    return tuple(sorted(found, key=lambda item: not item.refuses))


def refusal(session: SessionSummary, reference: SessionSummary) -> str:
    """Say why nothing of a session can be held against another's; empty where it can."""
    if _alike(session, reference):
        return ""
    ordered = in_order((session, reference))
    found = (*_kinds(ordered), *_sensors(ordered))
    return next((item.said for item in found if item.refuses), "")


def _alike(session: SessionSummary, reference: SessionSummary) -> bool:
    """Whether nothing that could refuse differs: nearly always, in a season."""
    return (
        session.segments == reference.segments
        and "none" not in (session.pace_source, reference.pace_source)
        and all(of(session) == of(reference) for of in _REFUSING)
    )


def level_doubt(session: SessionSummary, reference: SessionSummary) -> str:
    """Say why levels cannot be held against each other, even where changes over a run can."""
    if _neutral(session) != _neutral(reference):
        return "neutral was found in another way, and levels count from it"
    for pace in _PACES:
        apart = _apart((session, reference), pace)
        if apart > FASTER_M_S:
            return f"{pace} pace was {apart:.1f} m/s apart, and angles rise with speed"
    return ""


_PACES: Final[tuple[Pace, Pace]] = ("easy", "fast")


def _kinds(ordered: Sequence[SessionSummary]) -> Iterator[Incomparable]:
    """Whatever is one of a few kinds."""
    for about, of, refuses, said in _KINDS:
        kinds: dict[str, list[str]] = {}
        for session in ordered:
            kind = of(session)
            if kind is not None:
                kinds.setdefault(kind, []).append(session.session)
        if len(kinds) > 1:
            told = "; ".join(f"{kind} ({_listed(names)})" for kind, names in kinds.items())
            names = tuple(name for of_kind in kinds.values() for name in of_kind)
            yield Incomparable(names, about, refuses, said.format(told))
    unknown = tuple(s.session for s in ordered if s.pace_source == "none")
    if unknown and len(ordered) > 1:
        said = f"Nothing tells which pace was run in {_listed(unknown)}: mark laps."
        yield Incomparable(unknown, "pace", refuses=True, said=said)


def _athlete(summary: SessionSummary) -> str | None:
    who = summary.athlete or None
    return "simulated" if summary.simulated and who is None else who


def _neutral(summary: SessionSummary) -> str | None:
    """How it was found, without when the pose was held."""
    return summary.neutral.partition(",")[0].partition(":")[0] or None


def _pace_source(summary: SessionSummary) -> str | None:
    return None if summary.pace_source == "none" else _SOURCES[summary.pace_source]


def _era(summary: SessionSummary) -> str | None:
    return _era_of(summary.hipimu_version)


@lru_cache(maxsize=64)
def _era_of(version: str) -> str:
    """Numbers of one era are made alike."""
    own = _release(version)
    since = [release for release in SCIENTIFIC_CHANGES if release <= own]
    if not since:
        return f"before {_dotted(SCIENTIFIC_CHANGES[0])}"
    return f"{_dotted(since[-1])} or newer"


def _release(version: str) -> tuple[int, ...]:
    """First three numbers of a version: ``0.1.0.dev3`` is counted as 0.1.0."""
    digits = [part for part in version.split("+")[0].split(".")[:3] if part.isdigit()]
    return tuple(int(part) for part in digits)


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))


def free_text(said: str | None) -> str | None:
    """What somebody wrote, without its case and spaces around; None where that is nothing."""
    return (said or "").strip().casefold() or None


_KINDS: Final[tuple[tuple[About, Named, bool, str], ...]] = (
    ("athlete", _athlete, True, "Not one runner: {}."),
    ("method", lambda s: s.method, True,
     "Analysed in different ways: {}. Analyse them again with one method."),
    ("filter", lambda s: s.filter, True,
     "Orientation comes from different filters: {}. Analyse them again with one."),
    ("pace", _pace_source, False,
     "Pace is known in different ways: {}. A guess is softer than a mark."),
    ("neutral", _neutral, False,
     "Neutral was found in different ways: {}. Changes over a run compare, levels do not."),
    ("surface", lambda s: free_text(s.context.surface), False,
     "Different ground: {}. A hip may move differently on it."),
    ("shoes", lambda s: free_text(s.context.shoes), False,
     "Different shoes: {}. A hip may move differently in them."),
    ("version", _era, False,
     "Analysed by versions of hipimu whose numbers differ: {}. Analyse the older ones again."),
)  # fmt: skip

_REFUSING: Final = tuple(of for _, of, refuses, _ in _KINDS if refuses)


def _sensors(ordered: Sequence[SessionSummary]) -> Iterator[Incomparable]:
    worn = [set(session.segments) for session in ordered]
    if not worn or all(own == worn[0] for own in worn):
        return
    shared = set.intersection(*worn)
    told = "; ".join(f"{s.session}: {_parts(set(s.segments))}" for s in ordered)
    both = "pelvis" in shared and any(thigh in shared for thigh in THIGHS.values())
    rest = f"Only {_parts(shared)} compare." if both else "No hip was measured in all of them."
    names = tuple(session.session for session in ordered)
    yield Incomparable(
        names, "sensors", not both, f"Sensors were worn differently ({told}). {rest}"
    )


def _parts(segments: set[Segment]) -> str:
    own = [segment for segment in SEGMENTS if segment in segments]
    return _listed([_BODY[segment] for segment in own]) or "none"


_BODY: Final[dict[Segment, str]] = {
    "pelvis": "pelvis",
    "thigh_left": "left thigh",
    "thigh_right": "right thigh",
}


def _mounting(ordered: Sequence[SessionSummary]) -> Iterator[Incomparable]:
    """Hold every sensor's place against that in the latest session."""
    if not ordered:
        return
    *earlier, latest = ordered
    for segment in SEGMENTS:
        turned = {s.session: _turned_rad(s, latest, segment) for s in earlier}
        far = [name for name, angle in turned.items() if angle > TURNED_RAD]
        if far:
            most = deg_from_rad(max(turned.values()))
            said = (
                f"The sensor on the {_BODY[segment]} sat turned by up to {most:.0f}° in "
                f"{_listed(far)} against {latest.session}: other soft tissue may have moved it."
            )
            yield Incomparable((*far, latest.session), "mounting", refuses=False, said=said)


def _turned_rad(first: SessionSummary, second: SessionSummary, segment: Segment) -> float:
    places = [s.mounting_wxyz.get(segment) for s in (first, second)]
    if places[0] is None or places[1] is None:
        return 0.0
    turn = quaternion.multiply(quaternion.conjugate(np.array(places[0])), np.array(places[1]))
    return float(2.0 * np.arctan2(np.linalg.norm(turn[1:]), abs(turn[0])))


def _speeds(ordered: Sequence[SessionSummary]) -> Iterator[Incomparable]:
    for pace in _PACES:
        known = [s for s in ordered if pace in s.speed_m_s]
        if _apart(known, pace) <= FASTER_M_S:
            continue
        said = (
            f"The mean speed of {pace} pace was up to {_apart(known, pace):.1f} m/s apart: angles "
            "rise with speed, so levels do not compare."
        )
        yield Incomparable(tuple(s.session for s in known), "speed", refuses=False, said=said)


def _apart(sessions: Iterable[SessionSummary], pace: Pace) -> float:
    known = [s.speed_m_s[pace] for s in sessions if pace in s.speed_m_s]
    return max(known) - min(known) if known else 0.0


def _quality(ordered: Sequence[SessionSummary]) -> Iterator[Incomparable]:
    for session in ordered:
        doubts = [*quality_doubts(session)]
        if doubts:
            said = f"{session.session}: {'; '.join(doubts)}."
            yield Incomparable((session.session,), "quality", refuses=False, said=said)


def quality_doubts(session: SessionSummary) -> Iterator[str]:
    """Say what is amiss with the data of one session, as parts of a sentence."""
    for segment, loss in session.loss.items():
        if loss > MOST_LOSS:
            yield f"{100 * loss:.0f} % of the samples of the {_BODY[segment]} were lost"
    if session.calibration_quality < LEAST_CALIBRATION:
        yield "nobody was seen to stand still, so neutral is a guess"
    if session.usable_share < LEAST_USABLE:
        yield f"only {100 * session.usable_share:.0f} % of the strides count"


def _listed(names: Sequence[str]) -> str:
    """Name up to three, and count the rest."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more"
