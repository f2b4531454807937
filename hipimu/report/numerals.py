"""How numbers are written: true minus, one decimal for degrees, minutes and seconds."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

MINUS: Final = "\u2212"


def number(value: float, decimals: int = 1) -> str:
    """Write a number with a true minus sign; a rounded zero has no sign.

    Negative `decimals` round to tens, hundreds and so on.
    """
    text = f"{round(value, decimals) if decimals < 0 else value:.{max(decimals, 0)}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def degrees(angle_deg: float) -> str:
    """Degrees with one decimal and the sign ``°``."""
    return f"{number(angle_deg)}°"


def span(interval: tuple[float, float], decimals: int = 1) -> str:
    """An interval from its lower to its upper end, without unit."""
    return f"{number(interval[0], decimals)} to {number(interval[1], decimals)}"


def spread_decimals(interval: tuple[float, float], most: int) -> int:
    """How many decimals give an interval's width two significant figures, at most `most`."""
    width = interval[1] - interval[0]
    if not (math.isfinite(width) and width > 0):
        return most
    return min(most, 1 - math.floor(math.log10(width)))


def clock(time_s: float) -> str:
    """Write seconds as ``m:ss``, from one hour on as ``h:mm:ss``."""
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def percent(share: float) -> str:
    """Write a share (0–1) as per cent with one decimal; tiny ones stay visible."""
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def pace_of(speed_m_s: float) -> str:
    """Write a speed as ``4:05 min/km``; standing has no pace."""
    return f"{clock(1000 / speed_m_s)} min/km" if speed_m_s > 0.1 else "standing"


def chance(p_value: float) -> str:
    """Write a p value with two significant figures; tiny ones as ``< 0.001``."""
    if p_value < 0.001:
        return "< 0.001"
    return f"{p_value:.{2 if p_value >= 0.095 else 3}f}"


def date(moment: datetime) -> str:
    """Write a moment as ``1 July 2026, 18:30``, with the name of its time zone if it has one."""
    zone = f" {moment:%Z}" if moment.tzinfo else ""
    return f"{moment.day} {moment:%B %Y, %H:%M}{zone}"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 stride``, ``12 strides``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
