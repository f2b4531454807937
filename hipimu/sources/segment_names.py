"""Which segment a tag or a file's name means."""

from __future__ import annotations

import re
from itertools import pairwise

from hipimu.data import Segment

_PELVIS = {"pelvis", "pelvic", "sacrum", "sacral", "hip", "hips", "belt", "waist", "lumbar"}
_THIGH = {"thigh", "femur", "femoral", "upperleg", "oberschenkel"}
_SIDES = {"left": "left", "l": "left", "links": "left", "right": "right", "r": "right"}
_SIDES["rechts"] = "right"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def segment_named(text: str) -> Segment | None:
    """Return the segment that a tag or file name means, or None.

    Pelvis: pelvis, pelvic, sacrum, sacral, hip, hips, belt, waist, lumbar, without a side. Thigh:
    thigh, femur, femoral, upper leg, Oberschenkel, with left, right, l, r, links or rechts, in any
    order, case and punctuation: ``thigh_left``, ``left-femur``, ``LThigh``, ``Upper leg R``.

    Examples
    --------
    >>> segment_named("20240509_LThigh")
    'thigh_left'
    """
    words = [word.lower() for word in _WORDS.findall(text)]
    parts = [part for word in words for part in _without_side_letter(word)]
    sides = {_SIDES[part] for part in parts if part in _SIDES}
    pairs = {first + second for first, second in pairwise(parts)}
    thigh = bool(_THIGH & (set(parts) | pairs))
    pelvis = bool(_PELVIS & set(parts))
    if pelvis and not thigh and not sides:
        return "pelvis"
    if thigh and not pelvis and len(sides) == 1:
        return "thigh_left" if sides == {"left"} else "thigh_right"
    return None


def _without_side_letter(word: str) -> tuple[str, ...]:
    if word[0] in "lr" and word[1:] in _THIGH:
        return word[0], word[1:]
    if word[-1] in "lr" and word[:-1] in _THIGH:
        return word[:-1], word[-1]
    return (word,)
