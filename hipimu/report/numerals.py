"""How numbers are written: true minus, one decimal for degrees, minutes and seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

MINUS: Final = "\u2212"


def number(value: float, decimals: int = 1) -> str:
    """Write a number with a true minus sign; a rounded zero has no sign."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def degrees(angle_deg: float) -> str:
    """Degrees with one decimal and the sign ``°``."""
    return f"{number(angle_deg)}°"


def span(interval: tuple[float, float]) -> str:
    """An interval from its lower to its upper end, without unit."""
    return f"{number(interval[0])} to {number(interval[1])}"


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


def date(moment: datetime) -> str:
    """Write a moment as ``1 July 2026, 18:30``, with the name of its time zone if it has one."""
    zone = f" {moment:%Z}" if moment.tzinfo else ""
    return f"{moment.day} {moment:%B %Y, %H:%M}{zone}"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 stride``, ``12 strides``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
