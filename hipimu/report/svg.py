"""From matplotlib's SVG to what a page or a sheet of paper needs of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAMED_GROUP: Final = re.compile(r' id="[A-Za-z0-9.]+_\d+"')
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_MARKERS: Final = re.compile(r'(?:\s*<use href="(#m\w+)" x="[\d.-]+" y="[\d.-]+" style="[^"]*"/>)+')
# Shorter rows of markers are left as matplotlib wrote them.
_FEWEST_FOR_PATH: Final = 20
_MARKER: Final = re.compile(r'href="(#m\w+)" x="([\d.-]+)" y="([\d.-]+)" style="([^"]*)"')
# The page's own typeface is used, and turning by nothing says nothing.
_TYPEFACE: Final = re.compile(r" ?font-family: [^;\"]*;| transform=\"rotate\(-0 [^\"]*\"")
_DOTS: Final = re.compile(
    r'<marker id="[^"]*"[^>]*><use href="#(m\w+)" style="([^"]*)"/></marker>'
    r'<path class="dots" d="M([^"]*)"[^>]*/>'
)
_RADIUS: Final = r'<path id="{}" d="M 0 ([\d.]+)\s+C'
"""Of a marker that is a circle: matplotlib draws it from its lowest point."""


def light_body(svg: str, colours: Mapping[str, str]) -> str:
    """Keep the drawing only, in the given colours, light enough to be sent by mail.

    Parameters
    ----------
    svg : str
        As matplotlib saves it.
    colours : mapping
        Stand-in colour → what is to be written.

    Returns
    -------
    str
        What belongs between ``<svg>`` and ``</svg>``.
    """
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # matplotlib's style sheet says "*": inside a page it would reach everything.
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = _NAMED_GROUP.sub("", body).replace("xlink:href", "href")
    for stand_in, colour in colours.items():
        body = body.replace(stand_in, colour)
    body = _TYPEFACE.sub("", body)
    body = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), body)
    body = _MARKERS.sub(_marker_group, body)
    return re.sub(r"\n\s*", "\n", body).strip()


def _marker_group(match: re.Match[str]) -> str:
    """Say shape and style of equal markers once: a path that has one at each of its corners."""
    marks = _MARKER.findall(match[0])
    href, _, _, style = marks[0]
    if len({(mark[0], mark[3]) for mark in marks}) != 1:
        return match[0]
    if len(marks) < _FEWEST_FOR_PATH:
        uses = "".join(f'<use href="{href}" x="{x}" y="{y}"/>' for href, x, y, _ in marks)
        return f'<g style="{style}">{uses}</g>'
    name = f"{href[1:]}at{match.start()}"
    corners = " ".join(f"{float(x):.1f} {float(y):.1f}" for _, x, y, _ in marks)
    return (
        f'<marker id="{name}" markerUnits="userSpaceOnUse" overflow="visible">'
        f'<use href="{href}" style="{style}"/></marker>'
        f'<path class="dots" d="M{corners}" fill="none" stroke="none" marker-start="url(#{name})" '
        f'marker-mid="url(#{name})" marker-end="url(#{name})"/>'
    )


def printed_dots(body: str, paper: str) -> str:
    """Draw rows of round markers as strokes with round ends: as small in a PDF, and far quicker.

    Parameters
    ----------
    body : str
        From `light_body`.
    paper : str
        The colour of the page, inside open circles.

    Returns
    -------
    str
    """

    def drawn(match: re.Match[str]) -> str:
        radius = re.search(_RADIUS.format(match[1]), body)
        return match[0] if radius is None else _strokes(match, 2 * float(radius[1]), paper)

    return _DOTS.sub(drawn, body)


def _strokes(match: re.Match[str], width: float, paper: str) -> str:
    style = dict(part.split(": ") for part in match[2].split("; "))
    numbers = match[3].split()
    # Not quite nothing: some viewers leave out strokes without a length.
    dots = "".join(f"M{x} {y}h.01" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    edge = float(style.get("stroke-width", 0.0)) if "stroke" in style else 0.0
    colour = style.get("stroke") or style["fill"]
    opacity = float(style.get("stroke-opacity" if "stroke" in style else "fill-opacity", 1.0))
    layers = [(colour, width + edge, opacity)]
    if float(style.get("fill-opacity", 1.0)) == 0.0:
        layers.append((paper, width - edge, 1.0))
    return "".join(
        f'<path d="{dots}" fill="none" stroke="{own}" stroke-width="{wide:.2f}" '
        f'stroke-opacity="{alpha:g}" stroke-linecap="round"/>'
        for own, wide, alpha in layers
    )
