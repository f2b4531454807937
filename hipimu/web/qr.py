"""An address as a code for a phone's camera, drawn with characters."""

from __future__ import annotations

import segno

_QUIET = 2
"""Modules of light around it; four is the standard's, two is what cameras need."""
_INK = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""Upper and lower module, 1 is dark. Light modules are drawn, dark ones left blank."""


def qr_text(url: str) -> str:
    """Draw a URL as a QR code, two rows of it in one of text.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        Black on white whatever the terminal's colours are, by escape sequences of its own.
    """
    code = segno.make_qr(url, error="l")
    rows = [tuple(row) for row in code.matrix_iter(border=_QUIET)]
    if len(rows) % 2:
        rows.append((0,) * len(rows[0]))
    return "\n".join(
        "\x1b[97;40m"
        + "".join(_INK[bool(a), bool(b)] for a, b in zip(up, low, strict=True))
        + "\x1b[0m"
        for up, low in zip(rows[::2], rows[1::2], strict=True)
    )


def qr_image(url: str) -> str:
    """Draw a URL as a QR code for a page.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        A picture as a ``data:`` address, black on white with the standard's quiet zone.
    """
    drawn: str = segno.make_qr(url, error="m").png_data_uri(scale=4, border=4)
    return drawn
