"""Takes the pictures of the report that the README and the tutorial show.

After a change of the report or the demo:

    make demo
    .venv/bin/python docs/site/screenshot.py hipimu-demo/report/report.html

Needs a Chromium or Chrome on the PATH. The pictures are the upper part of the demo's report: on a
desktop, and on a phone.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[1] / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Name: width and height in CSS pixels, and how many dots one of them has.
SIZES = {"report.png": (1200, 1100, 1.0), "report-phone.png": (360, 1065, 1.5)}


def main(report: Path) -> None:
    """Take all pictures of one report."""
    found = (shutil.which(name) for name in BROWSERS)
    executable = next((path for path in found if path), None)
    if executable is None:
        sys.exit("No Chromium or Chrome was found on the PATH. Install one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, (width, height, scale) in SIZES.items():
            take(browser, report, PICTURES / name, (width, height), scale)
        browser.close()


def take(
    browser: Browser, report: Path, picture: Path, size: tuple[int, int], scale: float
) -> None:
    """Save the upper part of a page, in light colours."""
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=scale,
        color_scheme="light",
    )
    page.goto(report.resolve().as_uri())
    page.screenshot(path=picture)
    page.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Give one report.html.")
    main(Path(sys.argv[1]))
