"""Which segment a tag or a file's name means."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from hipimu.data import Segment

_PELVIS_WORDS = (
    "pelvis pelvic sacrum sacral hip hips belt waist lumbar lowerback lowback "
    "becken hufte huefte bassin pelvico bacino bekken"
)
_THIGH_WORDS = "thigh femur femoral upperleg oberschenkel cuisse muslo coscia bovenbeen"
_LEFT = "left l links linke linker li gauche izquierdo izquierda sinistro sinistra"
_RIGHT = "right r rechts rechte rechter re droit droite derecho derecha destro destra"
_PELVIS, _THIGH = frozenset(_PELVIS_WORDS.split()), frozenset(_THIGH_WORDS.split())
_SIDES = dict.fromkeys(_LEFT.split(), "left") | dict.fromkeys(_RIGHT.split(), "right")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def segment_named(text: str) -> Segment | None:
    """Return the segment that a tag or file name means, or None.

    Pelvis: pelvis, pelvic, sacrum, sacral, hip, hips, belt, waist, lumbar, lower back, without a
    side. Thigh: thigh, femur, femoral, upper leg, with left, right, l or r, in any order, case and
    punctuation: ``thigh_left``, ``left-femur``, ``LThigh``, ``Upper leg R``. Both also in German,
    French, Spanish, Italian and Dutch: ``Hüfte``, ``Oberschenkel links``, ``cuisse droite``.

    Examples
    --------
    >>> segment_named("20240509_LThigh")
    'thigh_left'
    """
    words = [word.lower() for word in _WORDS.findall(without_accents(text))]
    parts = [part for word in words for part in _without_side_letter(word)]
    sides = {_SIDES[part] for part in parts if part in _SIDES}
    pairs = {first + second for first, second in pairwise(parts)}
    thigh = bool(_THIGH & (set(parts) | pairs))
    pelvis = bool(_PELVIS & (set(parts) | pairs))
    if pelvis and not thigh and not sides:
        return "pelvis"
    if thigh and not pelvis and len(sides) == 1:
        return "thigh_left" if sides == {"left"} else "thigh_right"
    return None


def without_accents(text: str) -> str:
    """Return a text with plain letters for those that carry a mark."""
    plain = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _without_side_letter(word: str) -> tuple[str, ...]:
    if word[0] in "lr" and word[1:] in _THIGH:
        return word[0], word[1:]
    if word[-1] in "lr" and word[:-1] in _THIGH:
        return word[:-1], word[-1]
    return (word,)
