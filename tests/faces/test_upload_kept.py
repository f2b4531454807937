"""Recordings that a browser sends become sessions, by the real reader."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, FilePayload

from hipimu.pipeline.keep import keep_recording
from hipimu.store import open_store, write_document
from hipimu.web.coach import CoachServer
from tests.faces.coach_pages import DESK, PHONE, Opened, Served, opened
from tests.uploads import ISEN, WORN, isen, of_movella


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_store(str(tmp_path_factory.mktemp("real") / "store.sqlite")) as store:
        for name in ("Ada Bauer", "Björn Östlund"):
            store.add_athlete(name)
        running = CoachServer(store, port=0, author="Pat")
        running.start()
        try:
            yield Served(running.url, store)
        finally:
            running.stop()


def test_a_zip_sent_in_a_browser_becomes_the_session_of_its_recording(
    browser: Browser, real: Served, tmp_path: Path
) -> None:
    path = tmp_path / "isen-run.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in isen().items():
            archive.writestr(f"isen-run/{name}", raw)
    with opened(browser, real, PHONE) as shown:
        shown.go("/upload?athlete=Ada%20Bauer")
        page = shown.page
        assert page.locator("#athlete").input_value() == "Ada Bauer"
        page.get_by_text("What the run was like").click()
        page.get_by_label("Ground").fill("track")
        shown.check()
        page.get_by_label("The recording").set_input_files(path)
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/uploads/*")
        assert page.get_by_role("progressbar").or_(page.locator(".answer")).count()
        shown.check()
        page.get_by_role("link", name="To the session").wait_for(timeout=30_000)
        assert "Kept as a new session." in page.locator(".answer").inner_text()
        shown.check()
        shown.follow(page.get_by_role("link", name="To the session"))
        assert page.url.endswith("/sessions/isen-run")

    with open_store(str(tmp_path / "direct.sqlite")) as direct:
        direct.add_athlete("Ada Bauer")
        told = real.store.summary("isen-run").context
        assert told.surface == "track"
        keep_recording(direct, ISEN, "Ada Bauer", context=told)
        assert write_document(direct.summary("isen-run")) == write_document(
            real.store.summary("isen-run")
        )
        pd.testing.assert_frame_equal(direct.strides("isen-run"), real.store.strides("isen-run"))


def test_without_scripts_the_page_goes_on_by_itself(browser: Browser, real: Served) -> None:
    with opened(browser, real, DESK, java_script_enabled=False) as shown:
        shown.go("/upload")
        page = shown.page
        page.get_by_label("Whose run").select_option("Björn Östlund")
        page.get_by_label("The recording").set_input_files(
            FilePayload(name="pelvis.csv", mimeType="text/csv", buffer=b"time_s\nnothing\n")
        )
        shown.press("Send")
        page.get_by_text("Send it again").wait_for(timeout=30_000)
        said = page.locator(".answer").inner_text()
        assert said.startswith("! ")
        assert said.count(".") >= 2
        assert str(real.store.strides_folder.parent) not in page.content()


def test_who_says_which_sensor_was_where_needs_no_names(browser: Browser, real: Served) -> None:
    files = [
        FilePayload(name=name, mimeType="text/csv", buffer=raw)
        for name, raw in of_movella().items()
    ]

    def send(shown: Opened) -> None:
        shown.page.get_by_label("The recording").set_input_files(files)
        shown.page.get_by_role("button", name="Send").click()

    with opened(browser, real, PHONE) as shown:
        page = shown.page
        shown.go("/upload?athlete=Björn%20Östlund")
        send(shown)
        page.get_by_text("under “Which sensor was where”").wait_for(timeout=30_000)
        said = page.locator(".answer").inner_text()
        assert all(number in said for number in WORN)
        shown.check()
        shown.follow(page.get_by_role("link", name="Send it again"))
        page.get_by_text("Which sensor was where").click()
        for number, label in zip(WORN, ("Pelvis", "Left thigh", "Right thigh"), strict=True):
            page.get_by_label(label).fill(number)
        shown.check()
        send(shown)
        page.get_by_role("link", name="To the session").wait_for(timeout=30_000)
        assert "Kept as a new session." in page.locator(".answer").inner_text()
