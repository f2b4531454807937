"""The report's own glossary, and links from the words to it.

The wording is that of docs/glossary.md, so that page and site say the same; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the glossary."""

    name: str
    text: str
    forms: tuple[str, ...] = ()
    """Other spellings that mean it, besides its name."""
    plain: bool = True
    """Whether the name itself means it wherever it stands; not of words with other meanings."""

    @property
    def anchor(self) -> str:
        """Where the page's glossary has it."""
        plain = self.name.replace("δ", "delta").partition(" (")[0].lower()
        return "term-" + re.sub(r"[^a-z]+", "-", plain).strip("-")

    def spellings(self) -> tuple[str, ...]:
        """What in a text means this word."""
        return (self.name, *self.forms) if self.plain else self.forms


TERMS: Final[tuple[Term, ...]] = (
    Term(
        "asymmetry",
        "Left minus right: positive when the left value is larger.",
        ("left minus right", "left − right"),
    ),
    Term("bout", "A piece of the run at one pace.", ("bouts",)),
    Term(
        "calibration", "Finding how each sensor's axes lie on its segment, from standing and gait."
    ),
    Term(
        "causal",
        "Method that uses only samples already received. Opposite: refined.",
    ),
    Term(
        "clipping",
        "A sensor reaching the end of its range; the true value lies beyond.",
        ("clipped",),
    ),
    Term(
        "compensation",
        "Range of the thigh that comes from the pelvis instead of the hip.",
        ("pelvic compensation",),
    ),
    Term(
        "control",
        "One of the four dimensions: how steadily pelvis and thigh move together.",
    ),
    Term(
        "corrected p",
        "How often a contrast at least this large would come up by chance alone, corrected for the "
        "number of comparisons in the session (Holm 1979).",
        ("p, corrected",),
    ),
    Term(
        "cycle",
        "The hip angle over one stride, from peak flexion to the next, averaged over many.",
        ("cycles", "mean cycle"),
    ),
    Term(
        "δ (change)",
        "How far a peak moved over the session at one pace, in degrees. A loss is negative.",
        ("δ",),
    ),
    Term(
        "detectable change",
        "The smallest change that this run can tell from the runner's own variation.",
        ("detectable",),
    ),
    Term(
        "drift",
        "How much one clock gains on another, in parts per million (ppm): 100 ppm are 6 ms a "
        "minute.",
        ("clock drift",),
        plain=False,
    ),
    Term(
        "durability",
        "How long a peak at easy pace stays near the runner's own baseline, in moving time.",
    ),
    Term(
        "endurance",
        "One of the four dimensions: whether the peaks at easy pace last to the end of the run.",
    ),
    Term(
        "flexion",
        "Hip angle in the sagittal plane; positive when the thigh is in front of neutral.",
    ),
    Term(
        "force",
        "One of the four dimensions: how briskly the thigh is driven through its swing, as far as "
        "its motion shows.",
    ),
    Term(
        "full range",
        "One of the four dimensions: whether the far end of the range is still reached with speed.",
    ),
    Term("fusion", "Computing orientation from gyroscope and accelerometer."),
    Term(
        "interval",
        "A 95 % confidence interval that respects bouts and the likeness of neighbouring strides.",
        ("intervals", "95 % interval", "95 % intervals"),
    ),
    Term(
        "moving time",
        "Time spent running, the sum of the stride times. Its share of the session's total, τ, "
        "runs from 0 to 1.",
    ),
    Term(
        "neutral",
        "The quiet standing pose, or what is guessed from gait where nobody stood still. All hip "
        "angles count from it.",
    ),
    Term(
        "pace",
        "easy, fast or other. Given from outside, by laps or a watch, or told from the rhythm of "
        "the pelvis; never from the motion of the hip.",
        ("paces",),
    ),
    Term(
        "peak extension",
        "How far the thigh came behind neutral in a stride, positive behind.",
        ("peak hip extension", "hip extension"),
    ),
    Term(
        "peak flexion",
        "The largest hip flexion in the swing of a stride.",
        ("peak hip flexion", "hip flexion"),
    ),
    Term(
        "pelvis obliquity",
        "Sideways lean of the pelvis; positive when its right side is up.",
        ("pelvis drop",),
    ),
    Term(
        "pelvis rotation",
        "Turn of the pelvis about the vertical; positive to the left.",
    ),
    Term(
        "pelvis tilt",
        "Forward lean of the pelvis; positive anterior (the top tips forward), zero when standing.",
    ),
    Term(
        "proxy",
        "A stand-in for what was not measured; what rests on it is softer.",
    ),
    Term(
        "range profile",
        "What the hip does in each bin of its angle while it swings forward, fresh and tired.",
        ("profile", "profiles"),
    ),
    Term(
        "refined",
        "Method that may look forward and backward in a finished recording. Opposite: causal.",
    ),
    Term(
        "relative phase",
        "How far the pelvis's tilt runs ahead of the thigh, whose phase counts twice: the pelvis "
        "rocks twice a stride. Half a stride is 360°.",
    ),
    Term(
        "reserve",
        "How much further the peak goes at fast than at easy pace when fresh: α_fast − α_easy.",
    ),
    Term(
        "RFI",
        "Range fatigue index, −(δ_fast − δ_easy), in degrees per session. Positive when more is "
        "lost at fast pace.",
        ("extra loss",),
    ),
    Term("set aside", "Kept and shown, but left out of averages and slopes."),
    Term(
        "slip",
        "A sensor's sudden turn on its segment in mid-run, because the strap gave way.",
        ("slipped", "slips"),
    ),
    Term(
        "smoothness",
        "How free a movement is of small accelerations and brakings (SPARC, log dimensionless "
        "jerk).",
    ),
    Term(
        "stride",
        "One cycle of one leg, from peak extension through swing to peak flexion. Two steps make a "
        "stride.",
        ("strides",),
    ),
    Term(
        "swing",
        "The part of a stride in which the thigh comes forward, from peak extension to peak "
        "flexion.",
    ),
    Term(
        "thigh angle",
        "The thigh from the vertical in the sagittal plane, knee forward positive, whatever the "
        "pelvis does.",
        ("thigh extension", "thigh flexion"),
    ),
)

_SKIPPED: Final = frozenset(
    ("a", "code", "h1", "h2", "h3", "script", "strong", "style", "summary", "thead", "var")
)
_PIECE: Final = re.compile(r"(<svg\b.*?</svg>|<!--.*?-->|<[^>]+>)", re.DOTALL)
_TAG: Final = re.compile(r"<(/?)([a-z0-9]+)")


def linked(section: str) -> Markup:
    """Link the first use of each word of the glossary in one section of the page.

    Headings, drawings, code and what is already a link stay as they are.

    Parameters
    ----------
    section : str
        Well-formed HTML.

    Returns
    -------
    Markup
    """
    seen: set[str] = set()
    inside = 0
    pieces = []
    for piece in _PIECE.split(section):
        tag = _TAG.match(piece)
        if tag and tag[2] in _SKIPPED:
            inside += -1 if tag[1] else 1
        pieces.append(piece if piece.startswith("<") or inside else _link(piece, seen))
    return Markup("".join(pieces))  # noqa: S704 (our own template's, already escaped)


def _link(text: str, seen: set[str]) -> str:
    pattern, anchors = _spellings()

    def link(match: re.Match[str]) -> str:
        anchor = anchors[match[0].lower()]
        if anchor in seen:
            return match[0]
        seen.add(anchor)
        return f'<a class="term" href="#{anchor}">{match[0]}</a>'

    return pattern.sub(link, text)


@cache
def _spellings() -> tuple[re.Pattern[str], Mapping[str, str]]:
    anchors = {form.lower(): term.anchor for term in TERMS for form in term.spellings()}
    # The longest first: "peak flexion" before "flexion".
    ranked = sorted(map(re.escape, anchors), key=len, reverse=True)
    # Neither a part of a longer word nor the name of a file.
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(ranked)})(?![\w-]|\.\w)", re.IGNORECASE), anchors
