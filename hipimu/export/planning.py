"""A planned session in numbers, and the variability that an earlier one left in summary.json."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from hipimu.data import Variability
from hipimu.errors import RecordingError
from hipimu.fatigue import Design, Outlook, bouts_needed, outlook
from hipimu.fatigue.planner import MOST_BOUTS, USUAL
from hipimu.units import deg_from_rad, rad_from_deg

_LARGEST_BYTES: Final = 10_000_000
_LARGEST_DEG: Final = 45.0
_LADDER: Final = (3, 4, 5, 6, 8, 10, 12, 16, 20)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a session; easy first, then fast."""

    bouts: tuple[int, int]
    bout_s: tuple[float, float]
    see_deg: float
    power: float
    variability: Variability | None
    """None: the usual one."""
    source: str


def planned(request: Request) -> dict[str, Any]:
    """Work out what the session can show.

    Parameters
    ----------
    request : Request

    Returns
    -------
    dict
        Plain JSON values, degrees.
    """
    design = Design(
        bouts=request.bouts,
        bout_s=request.bout_s,
        power=request.power,
        variability=request.variability or USUAL,
    )
    needed = bouts_needed(design, rad_from_deg(request.see_deg))
    return {
        "schema": "hipimu-plan-outlook/1",
        "variability": {
            "source": request.source,
            "bout_sd_deg": _deg(design.variability.bout_sd_rad),
            "stride_sd_deg": {k: _deg(v) for k, v in design.variability.stride_sd_rad.items()},
        },
        "power": request.power,
        "session": _told(outlook(design)),
        "see_deg": request.see_deg,
        "most_bouts": MOST_BOUTS,
        "needed": None if needed is None else _told(needed),
        "ladder": [_told(outlook(replace(design, bouts=(n, n)))) for n in _LADDER],
    }


def _told(found: Outlook) -> dict[str, Any]:
    easy, fast = found.design.bouts
    return {
        "easy_bouts": easy,
        "fast_bouts": fast,
        "easy_s": found.design.bout_s[0],
        "fast_s": found.design.bout_s[1],
        "smallest_deg": _deg(found.smallest_rad),
        "half_width_deg": _deg(found.half_width_rad),
        "detectable_deg": _deg(found.detectable_rad),
    }


def _deg(angle_rad: float) -> float:
    return round(deg_from_rad(angle_rad), 2)


def read_variability(path: Path) -> Variability:
    """Read how a runner varies from the results of an analysed session.

    Parameters
    ----------
    path : Path
        A results folder, or its summary.json.

    Returns
    -------
    Variability
        The median over sides and peaks.

    Raises
    ------
    RecordingError
        When there is no such file, or it holds no estimate.
    """
    file = path / "summary.json" if path.is_dir() else path
    try:
        with file.open(encoding="utf-8") as opened:
            found = json.loads(opened.read(_LARGEST_BYTES))  # cut short, a larger one is no JSON
        told = [entry["variability"] for entry in found["fatigue"]]
        known = [_checked(entry) for entry in told if entry is not None]
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unusable(path, "is no summary of hipimu that tells a runner's variability") from None
    if not known:
        raise _unusable(path, "holds no estimate, so nothing is known of the runner's variability")
    columns = [median(column) for column in zip(*known, strict=True)]
    bout, easy, fast = (rad_from_deg(value) for value in columns)
    return Variability(bout, {"easy": easy, "fast": fast})


def _checked(entry: dict[str, Any]) -> tuple[float, float, float]:
    strides = entry["stride_sd_deg"]
    values = (float(entry["bout_sd_deg"]), float(strides["easy"]), float(strides["fast"]))
    if not all(math.isfinite(value) and 0 <= value < _LARGEST_DEG for value in values):
        raise ValueError("out of range")
    return values


def _unusable(path: Path, why: str) -> RecordingError:
    return RecordingError(
        f"{path} {why}.",
        "Name the results of a session with easy and fast bouts, or leave out --like.",
        path=path,
    )
