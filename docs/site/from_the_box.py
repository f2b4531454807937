"""Takes the tutorial's pictures of the live page out of those that the study of it has made.

    make study-live PARTS=page
    .venv/bin/python docs/site/from_the_box.py

Look at them afterwards: the run is a new one each time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
MADE = ROOT / ".live"
PICTURES = ROOT / "docs" / "img"
WANTED = {"live-stand": "start-*stand-still", "live-run": "run-*", "live-end": "end-2"}
COLOURS = 64
"""More than the page has, and a third of the bytes."""


def main() -> None:
    """Copy each picture, with as few colours as it needs."""
    for name, pattern in WANTED.items():
        found = sorted(MADE.glob(f"{pattern}.png"))
        if not found:
            sys.exit(f"There is no picture {pattern}: make study-live PARTS=page makes them.")
        image = Image.open(found[-1]).convert("RGB").quantize(COLOURS)
        image.save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
