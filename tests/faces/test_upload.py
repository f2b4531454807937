"""Uploads through the server's real door: bounded, to whom they belong, and to their end."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload

from hipimu.pipeline.intake import UploadLimits
from hipimu.pipeline.intake.order import Kept, Problem
from hipimu.pipeline.intake.place import uploads_folder
from hipimu.store import Store, open_store
from hipimu.web.coach import CoachServer, upload_receive
from tests.faces.coach_pages import PHONE, Answer, Served, opened
from tests.uploads import (
    FORM,
    Desk,
    File,
    at_desk,
    files_below,
    multipart,
    small_disk,
)

ADA = ("athlete", "Ada Bauer")
SMALL = UploadLimits(total_mb=1, files=3, silence_s=3, free_mb=1)
SAMPLES: File = ("recording", "pelvis.csv", b"time_s\n0\n")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_receive, "_LAST_WORDS_S", 0.3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("uploads") / "store.sqlite"
    with open_store(str(path)) as store:
        for name in ("Ada Bauer", "Björn Östlund"):
            store.add_athlete(name)
        yield store


@pytest.fixture(scope="module")
def server(made: Store) -> Iterator[tuple[Served, Desk]]:
    """A server whose uploads are received, and read by nobody."""
    running = CoachServer(made, port=0, author="Pat", uploads=SMALL)
    with at_desk(running) as desk:
        yield Served(running.url, made), desk


@pytest.fixture
def served(server: tuple[Served, Desk]) -> Served:
    return server[0]


@pytest.fixture
def desk(server: tuple[Served, Desk]) -> Iterator[Desk]:
    desk = server[1]
    desk.orders.clear()
    desk.says = Kept("ada-1", "new")
    yield desk
    desk.go.set()


def key(served: Served) -> str:
    found = re.search(r'name="key" value="([^"]+)"', served.ask("/upload").text)
    assert found is not None
    return found[1]


def send(
    served: Served, *files: File, fields: Mapping[str, str] | None = None, **more: Any
) -> Answer:
    told = [("key", key(served)), ADA, *(fields or {}).items()]
    return served.ask("/upload", headers=FORM, body=multipart(told, files), **more)


def nothing_left(served: Served) -> bool:
    return files_below(uploads_folder(served.store.strides_folder)) == set()


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def page_of(served: Served, answer: Answer) -> str:
    assert answer.status == 303, answer.text
    return served.ask(answer.headers["location"]).text


# -- what is taken


def test_an_upload_is_handed_over_with_all_that_is_said(served: Served, desk: Desk) -> None:
    said = {"name": " Before the race ", "surface": "track", "shoes": "spikes", "exertion": "7,5",
            "injury": "", "tags": "a, b ,"}  # fmt: skip
    laps: File = ("beside", "laps.csv", b"start_s,end_s,label\n")
    answer = send(served, SAMPLES, laps, ("beside", "", b""), fields=said)
    until(lambda: desk.orders)

    (order,) = desk.orders
    assert answer.headers["location"].startswith("/uploads/")
    assert order.athlete == "Ada Bauer"
    assert order.names[0] == "Before the race"
    assert [(sent.name, sent.beside) for sent in order.files] == [
        ("pelvis.csv", False), ("laps.csv", True)
    ]  # fmt: skip
    context = order.context
    assert context is not None
    assert (context.surface, context.shoes, context.exertion) == ("track", "spikes", 7.5)
    assert (context.injury, context.tags) == (None, ("a", "b"))
    until(lambda: "Kept as a new session." in page_of(served, answer))
    assert 'href="/sessions/ada-1"' in page_of(served, answer)


def test_nothing_said_is_no_context(served: Served, desk: Desk) -> None:
    send(served, SAMPLES, fields={"surface": "", "tags": " , ", "exertion": ""})
    until(lambda: desk.orders)
    assert desk.orders[0].context is None


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (Kept("ada-1", "same"), "was there already: nothing changed."),
        (Kept("ada-1", "described"), "what you said of the run stands on it now."),
        (Kept("ada-1", "reanalysed"), "analysed anew"),
        (Kept("ada-1", "new", ("<b>.html",)), "Not used: &lt;b&gt;.html."),
        (Problem("It is <i>bad</i>.", "Mend it."), "It is &lt;i&gt;bad&lt;/i&gt;. Mend it."),
    ],
)
def test_the_page_tells_what_became_of_it(
    served: Served, desk: Desk, says: Kept | Problem, said: str
) -> None:
    desk.says = says
    answer = send(served, SAMPLES)
    until(lambda: said in page_of(served, answer))
    until(lambda: nothing_left(served))
    assert said.split(".")[0] in served.ask("/upload").text or "Not used" in said


def test_it_can_be_followed_and_cancelled_without_scripts(served: Served, desk: Desk) -> None:
    desk.go.clear()
    first, second = send(served, SAMPLES), send(served, SAMPLES)
    until(lambda: "Analysing: 43 %." in page_of(served, first))
    page = page_of(served, second)
    assert "Waiting: 1 is before it." in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    state = served.ask(f"{first.headers['location']}/state")
    assert '"said":"Analysing: 43 %."' in state.text
    assert '"ended":false' in state.text

    for answer in (first, second):
        place = answer.headers["location"]
        refused = served.ask(f"{place}/cancel", {"key": "x" * 32})
        assert refused.status == 403
        done = served.ask(f"{place}/cancel", {"key": key(served)})
        assert (done.status, done.headers["location"]) == (303, place)
        until(lambda answer=answer: "Cancelled: nothing was kept." in page_of(served, answer))  # type: ignore[misc]
    assert "refresh" not in page_of(served, first)
    until(lambda: nothing_left(served))


def test_names_that_were_sent_name_nothing(served: Served, desk: Desk) -> None:
    desk.go.clear()
    send(served, ("recording", "../../../evil.csv", b"x"), ("recording", "C:\\a\\Läufe.csv", b"x"))
    until(lambda: desk.orders)
    assert [sent.name for sent in desk.orders[0].files] == ["evil.csv", "Läufe.csv"]
    written = files_below(uploads_folder(served.store.strides_folder))
    assert {name.rpartition("/")[2] for name in written} == {"0", "1", "upload.json"}
    desk.go.set()
    until(lambda: nothing_left(served))


# -- what is not taken


@pytest.mark.parametrize(
    ("fields", "files", "status", "said"),
    [
        ({}, [], 422, "No file was chosen."),
        ({}, [("recording", "", b"")], 422, "No file was chosen."),
        ({"exertion": "11"}, [SAMPLES], 422, "is not on the scale"),
        ({"surface": "x" * 600}, [SAMPLES], 422, "is too long"),
        ({"name": "x" * 81}, [SAMPLES], 422, "The name is too long."),
        ({"tags": "x" * 5000}, [SAMPLES], 400, "is too long"),
        ({str(i): "" for i in range(30)}, [SAMPLES], 400, "too many fields"),
        ({}, [SAMPLES] * 4, 429, "At most 3 files are taken at once."),
        ({}, [("recording", "nul.csv", b"")], 422, "is the name of a device"),
        ({}, [("recording", "a" * 121 + ".csv", b"")], 422, "too long a name"),
        ({}, [("recording", "a.csv", bytes(1_100_000))], 413, "more than the 1 MB"),
    ],
)
def test_what_is_not_taken_is_said_on_the_form(
    served: Served,
    desk: Desk,
    fields: dict[str, str],
    files: list[File],
    status: int,
    said: str,
) -> None:
    answer = send(served, *files, fields={"shoes": "spikes", **fields})
    assert answer.status == status
    alert = re.search(r'id="refused"[^>]*>([^<]*)<', answer.text)
    assert alert is not None
    assert said in alert[1]
    # What was written must not get lost; a form that was too much is not believed so far.
    assert 'value="spikes"' in answer.text or status in (400, 413, 422)
    assert desk.orders == []
    assert nothing_left(served)


@pytest.mark.parametrize("given", [[], [("key", "")], [("key", "x" * 32)], [("key", "ü")]])
def test_without_the_key_nothing_is_even_begun(
    served: Served, desk: Desk, given: list[tuple[str, str]]
) -> None:
    body = multipart([*given, ADA], [SAMPLES])
    answer = served.ask("/upload", headers=FORM, body=body)
    assert answer.status == 403
    assert "nothing was kept" in answer.text
    late = multipart([ADA], [SAMPLES])[:-22] + multipart([("key", key(served))])
    assert served.ask("/upload", headers=FORM, body=late).status == 403
    assert desk.orders == []
    assert nothing_left(served)


def test_another_page_cannot_send(served: Served, desk: Desk) -> None:
    body = multipart([("key", key(served)), ADA], [SAMPLES])
    elsewhere = FORM | {"Origin": "https://evil.example"}
    assert served.ask("/upload", headers=elsewhere, body=body).status == 403
    assert desk.orders == []


def test_nobodys_run_is_not_taken(served: Served, desk: Desk) -> None:
    for athlete, status in (("Nobody", 404), ("", 422)):
        body = multipart([("key", key(served)), ("athlete", athlete)], [SAMPLES])
        assert served.ask("/upload", headers=FORM, body=body).status == status
    assert desk.orders == []
    assert nothing_left(served)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/zip"])
def test_what_is_no_form_is_refused(served: Served, kind: str) -> None:
    answer = served.ask("/upload", headers={"Content-Type": kind}, body=b"x")
    assert answer.status == 400
    assert "That was no form with files." in answer.text


@pytest.mark.parametrize(
    "path", ["/uploads/none", "/uploads/none/state", f"/uploads/{'a' * 32}", "/uploads/%2e%2e"]
)
def test_what_is_not_there_is_said(served: Served, path: str) -> None:
    assert served.ask(path).status == 404


def test_every_answer_has_the_strict_headers(served: Served, desk: Desk) -> None:
    place = send(served, SAMPLES).headers["location"]
    for path in ("/upload", place, f"{place}/state", "/static/coach/upload.js"):
        answer = served.ask(path)
        told = {name.lower(): value for name, value in answer.headers.items()}
        assert answer.status == 200
        assert "unsafe" not in told["content-security-policy"]
        assert told["x-content-type-options"] == "nosniff"


# -- lines that break, stand still, or never end


class Line:
    """A connection that sends what it is told, when it is told."""

    def __init__(self, served: Served, length: str) -> None:
        told = urlsplit(served.url)
        self._socket = socket.create_connection((told.hostname, told.port), timeout=10)
        self.send(
            f"POST /upload HTTP/1.1\r\nHost: {told.netloc}\r\n"
            f"Content-Type: {FORM['Content-Type']}\r\n{length}\r\n\r\n".encode()
        )

    def send(self, raw: bytes) -> None:
        self._socket.sendall(raw)

    def answer(self) -> str:
        raw = b""
        while piece := self._socket.recv(65536):
            raw += piece
        return raw.decode()

    def break_off(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def begun(served: Served) -> bytes:
    """A form whose file has begun."""
    body = multipart([("key", key(served)), ADA], [("recording", "a.csv", b"x" * 1000)])
    return body[: body.rindex(b"xxx")]


def under_way(served: Served) -> bool:
    return not nothing_left(served)


def test_a_line_that_breaks_leaves_nothing(served: Served, desk: Desk) -> None:
    with Line(served, "Content-Length: 500000") as line:
        line.send(begun(served))
        until(lambda: under_way(served))
        assert "Arriving" in served.ask("/upload").text
    until(lambda: nothing_left(served))
    assert "Arriving" not in served.ask("/upload").text
    assert desk.orders == []


def test_a_line_that_stands_still_is_given_up(served: Served, desk: Desk) -> None:
    with Line(served, "Content-Length: 500000") as line:
        line.send(begun(served))
        assert line.answer().startswith("HTTP/1.1 408 ")
    assert nothing_left(served)
    assert desk.orders == []


def test_too_much_is_refused_before_it_comes(served: Served) -> None:
    with Line(served, "Content-Length: 700000000") as line:
        answer = line.answer()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "more than the 1 MB" in answer


def test_too_much_that_was_not_announced_is_cut_off(served: Served, desk: Desk) -> None:
    with Line(served, "Transfer-Encoding: chunked") as line:
        piece = begun(served)
        with pytest.raises(OSError, match=r"."):  # noqa: PT012 - somewhere in it
            for _ in range(3000):
                line.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                piece = b"x" * 65536
    until(lambda: nothing_left(served))
    assert desk.orders == []


def test_without_the_key_nobody_waits_for_the_rest(served: Served) -> None:
    body = multipart([("key", "wrong"), ADA], [("recording", "a.csv", b"x" * 1000)])
    with Line(served, "Content-Length: 900000") as line:
        line.send(body[:-40])
        begun_s = time.monotonic()
        assert line.answer().startswith("HTTP/1.1 403 ")
    assert time.monotonic() - begun_s < 0.9 * SMALL.silence_s


def test_the_end_of_the_server_leaves_nothing_half_sent(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store.sqlite")) as store:
        store.add_athlete("Ada Bauer")
        running = CoachServer(store, port=0, uploads=SMALL)
        with at_desk(running):
            served = Served(running.url, store)
            line = Line(served, "Content-Length: 500000")
            line.send(begun(served))
            until(lambda: under_way(served))
        line.break_off()
        assert files_below(uploads_folder(store.strides_folder)) == set()


def test_a_disk_that_fills_up_meanwhile_is_said(tmp_path: Path) -> None:
    limits = UploadLimits(total_mb=20, free_mb=1)
    with small_disk(tmp_path / "small", 8) as place, open_store(str(place / "s.sqlite")) as store:
        store.add_athlete("Ada Bauer")
        running = CoachServer(store, port=0, uploads=limits)
        with at_desk(running):
            served = Served(running.url, store)
            with Line(served, "Content-Length: 4000000") as line:
                line.send(begun(served))
                until(lambda: under_way(served))
                with contextlib.suppress(OSError), (place / "filler").open("wb", 0) as filler:
                    while True:
                        filler.write(bytes(65536))
                line.send(bytes(3_000_000))
                answer = line.answer()
            assert answer.startswith("HTTP/1.1 507 ")
            assert "The disk of this server is full." in answer
            assert nothing_left(served)
            (place / "filler").unlink()


# -- in a browser


def test_the_script_refuses_what_the_server_would(browser: Browser, served: Served) -> None:
    with opened(browser, served, PHONE) as shown:
        shown.go("/upload?athlete=Ada%20Bauer")
        page = shown.page
        big = FilePayload(name="a.csv", mimeType="text/csv", buffer=bytes(1_200_000))
        page.get_by_label("The recording").set_input_files(big)
        page.get_by_role("button", name="Send").click()
        assert "more than the 1 MB" in page.get_by_role("alert").inner_text()
        shown.check()
        odd = FilePayload(name="nul.csv", mimeType="text/csv", buffer=b"x")
        page.get_by_label("The recording").set_input_files(odd)
        page.get_by_role("button", name="Send").click()
        page.get_by_text("is the name of a device").wait_for()
        shown.check()
        shown.complaints.clear()  # the browser's own line about the status
        good = FilePayload(name="a.csv", mimeType="text/csv", buffer=b"x")
        page.get_by_label("The recording").set_input_files(good)
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/uploads/*")


def test_a_running_upload_is_followed_and_cancelled(
    browser: Browser, served: Served, desk: Desk
) -> None:
    desk.go.clear()
    place = send(served, SAMPLES).headers["location"]
    with opened(browser, served, PHONE) as shown:
        shown.go(place)
        page = shown.page
        page.get_by_text("Analysing: 43 %.").wait_for()
        assert page.get_by_role("progressbar").get_attribute("value") == "0.43"
        assert page.locator('[aria-current="step"]').inner_text().startswith("→ Analyse")
        shown.check()
        shown.press("Cancel this upload")
        page.get_by_text("Cancelled: nothing was kept.").wait_for()
        shown.check()
