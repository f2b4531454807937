"""A team's first evening in a real browser: join, invite, log in, send a run, read, note, compare.

With ``HIPIMU_PICTURES=FOLDER`` each stop is photographed, to be looked at.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from hipimu.store import open_store
from tests.coach_season import SQUAD, fill
from tests.faces.coach_team import PASSWORD, cheap, serving

ROOT = Path(__file__).parents[2]
ADA = SQUAD[0].name
PHONE = {"width": 390, "height": 780}
KEPT_S = 120.0


def camera(page: Page) -> Callable[[str], None]:
    """Return what takes a picture of the whole page, where pictures are wanted."""
    folder = os.environ.get("HIPIMU_PICTURES")

    def take(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"walk-{name}.png", full_page=True)

    return take


def join(page: Page, url: str, name: str, login: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()


def log_in(page: Page, login: str) -> None:
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    assert page.url.endswith("/login")


def send(page: Page, recording: Path) -> None:
    """Send a recording, and wait until its session is kept."""
    page.get_by_role("link", name="Upload").click()
    page.get_by_label("The recording").set_input_files(recording)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/uploads/*")
    until = time.monotonic() + KEPT_S
    while page.get_by_role("link", name="isen-run").count() == 0:
        assert time.monotonic() < until, page.locator("main").inner_text()
        page.wait_for_timeout(200)


def test_a_team_from_the_first_link_to_logging_out(browser: Browser, tmp_path: Path) -> None:
    zipped = Path(
        shutil.make_archive(str(tmp_path / "isen-run"), "zip", ROOT / "recordings/isen-run")
    )
    with cheap(), open_store(str(tmp_path / "team.sqlite")) as store:
        fill(store, SQUAD[:2], 4, every_days=5.0)
        with serving(store, accounts=True) as team:
            owner = browser.new_context().new_page()
            take = camera(owner)
            join(owner, team.server.owner_url() or "", "Olga Owner", "olga")
            assert owner.locator("h1").inner_text() == "Squad"
            take("1-squad")
            owner.get_by_role("link", name="People").click()
            owner.get_by_label("Who it is to be").select_option(f"athlete:{ADA}")
            owner.get_by_role("button", name="Make the link").click()
            link = owner.get_by_label("Link").input_value()
            take("2-invitation")

            page = browser.new_context(viewport=PHONE, device_scale_factor=2).new_page()  # type: ignore[arg-type]
            take = camera(page)
            join(page, link, "Ada", "ada")
            log_out(page)
            take("3-login")
            log_in(page, "ada")
            assert page.locator("h1").inner_text() == ADA
            take("4-athlete")
            send(page, zipped)
            take("5-kept")
            page.get_by_role("link", name="isen-run").click()
            assert "pace is unknown" in page.locator("main").inner_text()
            page.get_by_label("New note").fill("First time with sensors.")
            page.locator("input[name=at]").fill("0:12")
            page.get_by_role("button", name="Add the note").click()
            assert "0:12" in page.locator(".notes").first.inner_text()
            take("6-session")

            page.get_by_role("link", name="My sessions").click()
            boxes = page.locator("input[name=session]")
            boxes.nth(1).check()
            boxes.nth(2).check()
            page.get_by_role("button", name="Compare the chosen").click()
            assert page.url.count("session=") == 2
            assert "Kept and lost at fast pace" in page.locator("main").inner_text()
            take("7-compare")
            log_out(page)
            page.goto(f"{team.url}sessions/isen-run")
            assert "/login" in page.url

            owner.goto(f"{team.url}sessions/isen-run")
            assert "First time with sensors." in owner.locator("main").inner_text()
            take = camera(owner)
            take("8-owner")
            log_out(owner)
