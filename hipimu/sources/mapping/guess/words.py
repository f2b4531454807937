"""What a column's name means: acceleration, angular velocity, magnetic field or time, and axis.

Names in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish and Finnish; accents,
case and punctuation do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hipimu.sources.segment_names import without_accents
from hipimu.sources.unit_names import Quantity, time_unit_named, unit_named

Kind = Literal["acc", "gyr", "mag", "free", "time", "count", "who", "other"]
"""``free`` is acceleration without gravity; ``who`` says of which sensor a row is."""

_WORDS: Final[dict[Kind, str]] = {
    "acc": "a acc accel accelerometer accelerometers acceleration accelerations acel accelero "
    "accelerometre acelerometro aceleracion aceleracao accelerazione accelerometro beschleunigung "
    "beschl beschleunigungssensor versnelling versnellingsmeter przyspieszenie akcelerometr "
    "kiihtyvyys specificforce",
    "gyr": "g w gyr gyro gyros gyroscope gyroscopes gyrometer gyroskop giroscopio giroscope giro "
    "drehrate drehraten winkelgeschwindigkeit angularvelocity angularrate angvel rotationrate "
    "omega vitesseangulaire velocidadangular velocidadeangular velocitaangolare hoeksnelheid "
    "zyroskop predkosckatowa kulmanopeus gyroskooppi",
    "mag": "m mag magn magneto magnetometer magnetometre magnetometro magnetometr magnetfeld "
    "magnetic magneticfield champmagnetique campomagnetico magnetischveld compass kompass",
    "time": "t ts time timestamp timestamps zeit zeitstempel uhrzeit temps horodatage heure tiempo "
    "hora tempo tijd tijdstip czas aika epoch unixtime elapsed datetime date datum fecha clock "
    "ticks millis micros systemtime sampletime",
    "count": "sample samples index counter packetcounter samplecounter frame nr row paket probe",
    "who": "sensor sensorid sensorname node nodeid device deviceid devicename id imu serial "
    "segment location position placement tag address mac knoten gerat capteur sensore bodypart",
}
_FREE: Final = frozenset(("lin", "linear", "lineare", "free", "user"))
_KIND_OF: Final = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_VECTORS: Final = ("acc", "gyr", "mag", "free")
_FILLERS: Final = frozenset(("axis", "achse", "axe", "eje", "raw", "cal", "value", "data"))
_LETTERS: Final = frozenset("agmw")
"""Kinds only together with an axis: ``ax``, ``g_y``."""
_AXES: Final = "xyz"
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_QUANTITIES: Final[dict[Kind, Quantity]] = {
    "acc": "acc",
    "free": "acc",
    "gyr": "gyr",
    "mag": "mag",
}
_BRACKETS: Final = re.compile(r"[\[(]([^\])]*)[\])]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is, as far as its name says it."""

    kind: Kind
    axis: str = ""
    """x, y or z; empty where there is none."""
    stem: tuple[str, ...] = ()
    """The words that remain: which sensor, perhaps."""
    unit: str | None = None
    """As `hipimu.sources.unit_names` spells it."""


def meaning_of(name: str, unit: str = "") -> Meaning:
    """Return what a column's name means.

    Parameters
    ----------
    name : str
        As the header has it.
    unit : str
        What a line of units says of it.

    Examples
    --------
    >>> meaning_of("Beschleunigung X [m/s²]")
    Meaning(kind='acc', axis='x', stem=(), unit='m/s2')
    >>> meaning_of("left_thigh_gyro_z").stem
    ('left', 'thigh')
    """
    units = [*_BRACKETS.findall(name), *([unit] if unit else [])]
    folded = without_accents(_BRACKETS.sub(" ", name))
    words = _split_axes(_joined([word.lower() for word in _PARTS.findall(folded)]))
    if len(words) == 1 and time_unit_named(words[0]):
        return Meaning("time", unit=time_unit_named(words[0]))
    axis = next((word for word in words if word in _AXES), "")
    kind, stem = _kind(words, axis)
    if kind in _VECTORS and not axis and stem and stem[-1] in "0123":
        axis = stem.pop()
    if kind in _VECTORS and not axis:
        return Meaning("other", "", tuple(stem))
    found = _unit(kind, units)
    if found is None:
        found, stem = _unit_at_end(kind, stem)
    return Meaning(kind, axis, tuple(stem), found)


def _kind(words: Sequence[str], axis: str) -> tuple[Kind, list[str]]:
    """Return the kind, and the words that remain."""
    order: tuple[Kind, ...] = ("acc", "gyr", "mag") if axis else ("time", "count", "who")
    told = [word for word in words if axis or word not in _LETTERS]
    kinds: list[Kind] = [_KIND_OF[word] for word in told if word in _KIND_OF]
    kind: Kind = next((kind for kind in (*order, *kinds) if kind in kinds), "other")
    used = next((word for word in told if _KIND_OF.get(word) == kind), None)
    free = axis and kind in ("acc", "other") and any(word in _FREE for word in words)
    stem = list(words)
    for word in (used, axis):
        if word:
            stem.remove(word)
    named: Kind = "free" if free else kind
    return named, [word for word in stem if word not in _FILLERS | _FREE]


def _joined(words: Sequence[str]) -> list[str]:
    """Write names of two words in one: angular velocity."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in _KIND_OF:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _split_axes(words: Sequence[str]) -> list[str]:
    """Part an axis from its kind: ``accx``, ``gz``."""
    parts: list[str] = []
    for word in words:
        if len(word) > 1 and word[-1] in _AXES and word[:-1] in _KIND_OF and word not in _KIND_OF:
            parts += [word[:-1], word[-1]]
        elif len(word) > 1 and word[0] in _AXES and _KIND_OF.get(word[1:]) in ("acc", "gyr", "mag"):
            parts += [word[1:], word[0]]
        else:
            parts.append(word)
    return parts


def _unit(kind: Kind, texts: Sequence[str]) -> str | None:
    for text in texts:
        found = time_unit_named(text) if kind == "time" else None
        if kind in _VECTORS:
            found = unit_named(_QUANTITIES[kind], text)
        if found is not None:
            return found
    return None


def _unit_at_end(kind: Kind, stem: list[str]) -> tuple[str | None, list[str]]:
    """Return a unit among the words that remain, and those without it: ``acc_x_m_s2``."""
    for size in (3, 2, 1):
        text = re.sub(r"/(?=\d$)", "", "/".join(stem[-size:]))
        found = _unit(kind, [text]) if len(stem) >= size else None
        if found is not None:
            return found, stem[:-size]
    return None, stem
