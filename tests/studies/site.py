"""The built documentation as a reader meets it: opened from the disk, on a desk and on a phone.

    python -m tests.studies.site [PICTURES]

Opens every page in both widths, in a browser that reaches nothing but files, and tells what is
wrong. The pictures are for looking at.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import track

from tests.faces.conftest import FLAGS, find_chromium

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
WORDS = ("sagittal", "Movella", "confidence interval", "invite")
"""What a reader may look for, and must find a page about."""

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = "[...document.images].filter(i => !i.naturalWidth).map(i => i.getAttribute('src'))"
HIDDEN_HEADINGS = """[...document.querySelectorAll('article h1')].filter(h => !h.offsetHeight)
    .map(h => h.textContent)"""


def main() -> None:
    """Open all pages; end with 1 when there is something to mend."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if not (SITE / "index.html").is_file():
        sys.exit("The site is not built: make docs builds it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        found = [*looked_through(browser, pictures), *searched(browser)]
        browser.close()
    print("\n".join(found) or "Nothing to mend.")
    sys.exit(1 if found else 0)


def looked_through(browser: Browser, pictures: Path | None) -> Iterator[str]:
    """Open every page in each width; yield what is wrong, a sentence each."""
    addresses = sorted(SITE.rglob("*.html"))
    for name, (width, height) in WIDTHS.items():
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        said = listen(page)
        for address in track(addresses, description=f"{name}, {len(addresses)} pages"):
            where = address.relative_to(SITE)
            # Its links begin at the root of a server.
            if address.name == "404.html":
                continue
            page.goto(address.as_uri())
            yield from (f"{where} ({name}): {one}" for one in wrong(page))
            yield from (f"{where} ({name}): {one}" for one in said)
            said.clear()
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                picture = pictures / f"{'-'.join(where.with_suffix('').parts)}-{name}.png"
                page.screenshot(path=picture, full_page=True)
        context.close()


def listen(page: Page) -> list[str]:
    """Collect what a page complains of, and whatever it asks of anything but the disk."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on(
        "request",
        lambda asked: None if local(asked.url) else said.append(f"asks for {asked.url}"),
    )
    return said


def local(url: str) -> bool:
    """Tell whether an address needs no network."""
    return url.startswith(("file:", "data:", "blob:"))


def wrong(page: Page) -> Iterator[str]:
    """Yield what a reader would be annoyed by on the page that is open."""
    if excess := page.evaluate(TOO_WIDE):
        yield f"{excess} px wider than the screen"
    yield from (f"no picture at {src}" for src in page.evaluate(BROKEN))
    yield from (f"heading not shown: {text}" for text in page.evaluate(HIDDEN_HEADINGS))


def searched(browser: Browser) -> Iterator[str]:
    """Look for some words; yield those that are not found."""
    page = browser.new_page()
    said = listen(page)
    page.goto((SITE / "index.html").as_uri())
    for word in WORDS:
        page.locator("input[name=query]").fill("")
        page.locator("input[name=query]").press_sequentially(word)
        try:
            found = page.locator(".md-search-result__link", has_text=re.compile(word, re.I))
            found.first.wait_for(timeout=10_000)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader finds nothing
            yield f"the search does not find {word}: {str(error).splitlines()[0]}"
    yield from said


if __name__ == "__main__":
    main()
