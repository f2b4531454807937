"""Makes the tutorial's pictures and printed examples anew, after a number or the report changed.

    .venv/bin/python docs/site/first_report.py

Runs the two commands of the tutorial, puts what they print into it, and photographs the upper part
of the demo's report on a desktop and on a phone. Needs a Chromium or Chrome on the PATH. The prose
around the examples is to be read again by a person.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-report.md"
PICTURES = ROOT / "docs" / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Name: width and height in CSS pixels, and how many dots one of them has.
SIZES = {"report.png": (1200, 1100, 1.0), "report-phone.png": (360, 1085, 1.5)}


def main() -> None:
    """Run the commands, write the text, take the pictures."""
    with tempfile.TemporaryDirectory() as place:
        demo, real = Path(place) / "demo", Path(place) / "isen-run"
        printed = (
            hipimu("demo", "--out", str(demo)),
            hipimu("analyse", "recordings/isen-run", "--out", str(real)),
        )
        write(printed)
        photograph(demo / "report" / "report.html")


def hipimu(*arguments: str) -> str:
    """Run a command; returns what it prints before the line that names the report."""
    command = [sys.executable, "-m", "hipimu", *arguments]
    done = subprocess.run(  # noqa: S603 (our own command)
        command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    return done.stdout[: done.stdout.rindex("Report: ")]


def write(printed: tuple[str, ...]) -> None:
    """Put the printed texts into the tutorial's text blocks, in order."""
    texts = iter(printed)
    page = re.sub(
        r"(?<=```text\n).*?(?=^Report: )",
        lambda _: next(texts),
        TUTORIAL.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    TUTORIAL.write_text(page, encoding="utf-8")


def photograph(report: Path) -> None:
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
    page.goto(report.as_uri())
    page.screenshot(path=picture)
    page.close()


if __name__ == "__main__":
    main()
