"""The coach's pages through their real door, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from hipimu.data import OUTCOMES
from hipimu.store import open_store
from hipimu.web.coach.words import BY_NAME
from tests.faces.coach_pages import A4, ADA, FAINT, PHONE, Served, opened, served, small_season

RUN = "/sessions/ada-8"
BOTH = "/compare?session=ada-1&session=ada-8"
STRANGERS = "/compare?session=ada-1&session=chidi-8"
ADDRESSES = ["/", ADA, f"{ADA}?show=level_fast&side=left&weeks=0", RUN, BOTH, STRANGERS]


RAGGED = """() => [...document.querySelectorAll("table")].filter((table) =>
  table.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) && new Set(
  [...table.rows].map((row) => [...row.cells].filter((cell) => cell.offsetWidth).length)
    .filter((count) => count)).size > 1).map((table) => table.className)"""
"""Tables whose rows have different numbers of cells that can be seen."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with small_season(tmp_path_factory.mktemp("season")) as running:
        yield running


# -- who may ask


def test_only_this_computer_by_its_own_name(server: Served) -> None:
    refused = server.ask("/", headers={"Host": "evil.example"})
    assert refused.status == 421
    assert "Ada" not in refused.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_another_page_cannot_write(server: Served, origin: str) -> None:
    fields = {"key": server.key(), "text": "from elsewhere"}
    refused = server.ask(f"{ADA}/notes", fields, headers={"Origin": origin})

    assert refused.status == 403
    assert "nothing was changed" in refused.text
    assert all(note.text != "from elsewhere" for note in server.store.notes(athlete="Ada Bauer"))


@pytest.mark.parametrize("fields", [{}, {"key": ""}, {"key": "x" * 32}, {"key": "ü"}])
@pytest.mark.parametrize(
    "path", [f"{ADA}/notes", "/notes/1/delete", "/notes/1/restore"]
)  # fmt: skip
def test_without_the_key_nothing_is_written(
    server: Served, path: str, fields: dict[str, str]
) -> None:
    refused = server.ask(path, {"text": "no key", **fields})

    assert refused.status == 403
    assert "does not come from a page of this" in refused.text
    assert all(note.text != "no key" for note in server.store.notes(athlete="Ada Bauer"))


def test_what_is_no_form_is_refused(server: Served) -> None:
    path = f"{ADA}/notes"
    plain = server.ask(path, headers={"Content-Type": "text/plain"}, body=b"text=x")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    long = server.ask(path, headers=form, body=b"text=" + b"x" * 70_000)
    many = server.ask(path, headers=form, body=b"&".join([b"a=1"] * 50))
    odd = server.ask(path, headers=form, body=b"text=\xff")

    assert [answer.status for answer in (plain, long, many, odd)] == [415, 413, 400, 400]


@pytest.mark.parametrize("path", [*ADDRESSES, "/nowhere", "/athletes/Nobody"])
def test_every_answer_has_the_strict_headers(server: Served, path: str) -> None:
    headers = server.ask(path).headers
    policy = {k.lower(): v for k, v in headers.items()}
    assert "script-src 'self';" in policy["content-security-policy"]
    assert "unsafe" not in policy["content-security-policy"]
    assert policy["referrer-policy"] == "same-origin"
    assert policy["cache-control"] == "no-store"
    assert "server" not in policy


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/athletes/Nobody", 404, "Nobody"),
        ("/athletes/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, "There is no such page."),
        ("/nowhere", 404, "There is no such page."),
        ("/sessions/none", 404, "no session called"),
        ("/compare", 400, "Two to six sessions can be compared; none chosen."),
        ("/compare?session=ada-1&session=ada-1", 400, "1 chosen"),
        ("/compare?session=ada-1&session=nothing", 404, "no session called"),
        ("/compare?" + "&".join(f"session=ada-{n}" for n in range(1, 8)), 400, "7 chosen"),
        ("/notes/1/delete", 405, "cannot be done here"),
    ],
)
def test_what_is_not_there_is_said(server: Served, path: str, status: int, said: str) -> None:
    answer = server.ask(path)
    assert answer.status == status
    assert said in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "query",
    ["show=nothing", "side=middle", "peak=x", "weeks=-1", "weeks=%C2%B2", "deleted=99999999"],
)
def test_an_odd_address_shows_what_is_usual(server: Served, query: str) -> None:
    answer = server.ask(f"{ADA}?{query}")
    assert answer.status == 200
    assert "Range kept at fast pace, flexion, both sides" in answer.text


def test_what_nobody_foresaw_is_a_sentence(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("hipimu.web.coach.pages.squad_page", broken)
    answer = server.ask("/")
    assert answer.status == 500
    assert "Something went wrong on this side." in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("side", ["", "left", "right"])
@pytest.mark.parametrize("peak", OUTCOMES)
@pytest.mark.parametrize("show", BY_NAME)
def test_every_choice_can_be_shown(server: Served, show: str, peak: str, side: str) -> None:
    answer = server.ask(f"{ADA}?show={show}&peak={peak}&side={side}")
    assert answer.status == 200
    assert BY_NAME[show].title in answer.text
    assert 'class="trend wide"' in answer.text


# -- what is shown


def test_an_empty_store_says_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        open_store(str(tmp_path_factory.mktemp("empty") / "store.sqlite")) as store,
        served(store) as empty,
    ):
        assert "hipimu session add" in empty.ask("/").text
        store.add_athlete("New One")
        assert "New One" in empty.ask("/").text
        assert "no session of New One yet" in empty.ask("/athletes/New%20One").text


def test_squad_is_sorted_by_who_needs_attention(browser: Browser, server: Served) -> None:
    with opened(browser, server) as shown:
        shown.go("/")
        names = shown.page.locator("tbody th").all_inner_texts()
        text = shown.page.locator("main").inner_text()
    assert set(names) == {"Ada Bauer", "Björn Östlund", "Chidi Eze", "Dana O'Neil", "Eun-ji Park"}
    assert names.index("Chidi Eze") < names.index("Ada Bauer")
    assert "No session for" in text
    assert "11 % of the samples of the left thigh were lost" in text


@pytest.mark.parametrize("size", [PHONE, (768, 1024), (1280, 900)])
def test_pages_fit_are_named_and_clean(
    browser: Browser, server: Served, size: tuple[int, int]
) -> None:
    with opened(browser, server, size) as shown:
        for path in ADDRESSES:
            shown.go(path)
            assert (path, shown.overflow()) <= (path, 0)
            assert (path, shown.unnamed()) == (path, [])
            assert (path, shown.violations()) == (path, [])


def test_walk_by_keyboard_and_note_with_undo(browser: Browser, server: Served) -> None:
    with opened(browser, server) as shown:
        page = shown.page
        shown.go("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.get_by_role("link", name="Ada Bauer").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_label("New note").fill("Hill repeats <b>went</b> well")
        shown.press("Add the note")
        assert "<b>went</b>" in page.locator("#notes").inner_text()
        assert "Pat" in page.locator(".notes .about").first.inner_text()
        shown.press("Delete the note")
        assert page.locator("#notes ol.notes > li p.text:visible").count() == 0
        shown.press("Undo")
        assert "went" in page.locator(".notes .text").first.inner_text()
        assert page.locator(".flag:visible").count() == 1
        assert shown.violations() == []


def test_walk_from_athlete_to_comparison_and_session(browser: Browser, server: Served) -> None:
    with opened(browser, server) as shown:
        page = shown.page
        shown.go(ADA)
        page.get_by_role("button", name="Compare the chosen").press("Enter")
        assert page.url.endswith(ADA)
        assert "Choose two to six" in page.locator("#chosen").inner_text()
        boxes = page.get_by_role("checkbox")
        boxes.nth(0).check()
        assert page.locator("#chosen").inner_text() == "1 chosen: choose another."
        boxes.nth(7).check()
        shown.press("Compare the chosen")
        assert page.locator("svg.cycle").count() == 4
        text = page.locator("main").inner_text()
        assert "Change at fast pace (δ fast)" in text
        assert "real change" in text or "cannot tell" in text
        shown.follow(page.get_by_role("link", name="First third"))
        assert page.locator(".choices [aria-current=true]").inner_text() == "First third"
        shown.follow(page.locator(".compared a").last)
        assert page.locator("svg.run:visible").count() == 2
        assert shown.violations() == []


def test_what_does_not_compare_is_said_first_and_not_drawn(server: Served) -> None:
    text = server.ask(STRANGERS).text
    assert text.index("Not one runner") < text.index("What changed since the first")
    assert "Curves are not laid over each other." in text
    assert "<polyline" not in text
    assert "real change" not in text


def test_a_note_on_a_moment_and_the_context(browser: Browser, server: Served) -> None:
    with opened(browser, server, PHONE) as shown:
        page = shown.page
        shown.go(RUN)
        page.get_by_label("New note").fill("Stitch on the left")
        page.get_by_label("Moment of the run").fill("1:15")
        shown.press("Add the note")
        assert page.locator(".notes .about strong").inner_text() == "1:15"
        assert page.locator(".flag:visible").count() == 2
        page.get_by_label("Shoes").fill("spikes <i>")
        page.get_by_label("Exertion").fill("7,5")
        page.get_by_label("Tags").fill("race, wind,, race")
        shown.press("Keep the context")
        assert page.get_by_role("status").inner_text() == "Kept."
        assert page.get_by_label("Shoes").input_value() == "spikes <i>"
        shown.go(ADA)
        assert "spikes <i>, race, wind" in page.locator("table.sessions").inner_text()
    kept = server.store.summary("ada-8").context
    assert (kept.exertion, kept.tags) == (7.5, ("race", "wind"))


@pytest.mark.parametrize(
    ("path", "fields", "said", "kept"),
    [
        (f"{RUN}/notes", {"text": "long words", "at": "99:59"}, "over before", "long words"),
        (f"{RUN}/notes", {"text": "long words", "at": "soon"}, "no moment", "long words"),
        (f"{RUN}/notes", {"text": "  ", "at": ""}, "cannot be kept", ""),
        (f"{RUN}/context", {"shoes": "clogs", "exertion": "12"}, "not on the scale", "clogs"),
        (f"{RUN}/context", {"shoes": "x" * 501}, "is too long", "x" * 501),
        (f"{ADA}/notes", {"text": ""}, "cannot be kept", ""),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_written_stays(
    server: Served, path: str, fields: dict[str, str], said: str, kept: str
) -> None:
    before = server.store.summary("ada-8").context
    answer = server.ask(path, {"key": server.key(), **fields})

    assert answer.status == 422
    assert said in answer.text
    assert kept in answer.text
    assert server.store.summary("ada-8").context == before


def test_an_undo_is_shown_only_where_the_note_was(server: Served) -> None:
    note = server.store.add_note("about Chidi", "Pat", athlete="Chidi Eze")
    server.store.delete_note(note.id)
    assert "about Chidi" in server.ask(f"/athletes/Chidi%20Eze?deleted={note.id}").text
    assert "about Chidi" not in server.ask(f"{ADA}?deleted={note.id}").text
    assert "about Chidi" not in server.ask(f"{RUN}?deleted={note.id}").text


def test_strides_that_are_missing_are_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    with small_season(tmp_path_factory.mktemp("lost"), squad=1, sessions=2) as running:
        for path in set(running.store.strides_files().values()):
            path.unlink()
        answer = running.ask("/sessions/ada-1")
    assert answer.status == 200
    assert "The run cannot be drawn." in answer.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_against_their_ground(
    browser: Browser, server: Served, scheme: Literal["light", "dark"]
) -> None:
    with opened(browser, server, color_scheme=scheme) as shown:
        for path in ADDRESSES:
            shown.go(path)
            faint: list[str] = shown.page.evaluate(FAINT)
            assert faint == []


def test_pages_print_without_buttons(browser: Browser, server: Served) -> None:
    with opened(browser, server, A4) as shown:
        shown.page.emulate_media(media="print", color_scheme="dark")
        for path in ADDRESSES:
            shown.go(path)
            assert (
                shown.page.locator("button:visible, textarea:visible, .skip:visible").count() == 0
            )
            ground = "getComputedStyle(document.body).backgroundColor"
            assert shown.page.evaluate(ground) == "rgb(255, 255, 255)"
            assert shown.overflow() <= 0
            rows = (
                "[...document.querySelectorAll('tr')].map((row) => getComputedStyle(row).display)"
            )
            assert set(shown.page.evaluate(rows)) <= {"table-row"}
            assert shown.page.evaluate(RAGGED) == []


def test_everything_works_without_scripts(browser: Browser, server: Served) -> None:
    with opened(browser, server, PHONE, java_script_enabled=False) as shown:
        page = shown.page
        shown.go("/")
        shown.follow(page.get_by_role("link", name="Björn Östlund"))
        page.get_by_label("New note").fill("Written without scripts")
        shown.press("Add the note")
        assert "Written without scripts" in page.locator("#notes").inner_text()
        shown.follow(page.get_by_role("link", name="Left", exact=True))
        assert page.locator(".choices [aria-current=true]").all_inner_texts()[2] == "Left"
        page.get_by_role("checkbox").nth(0).check()
        page.get_by_role("checkbox").nth(1).check()
        shown.press("Compare the chosen")
        assert "2 sessions beside each other" in page.locator("h1").inner_text()
        shown.follow(page.locator(".compared a").first)
        page.get_by_label("New note").fill("Also without")
        shown.press("Add the note")
        shown.press("Delete the note")
        shown.press("Undo")
        assert "Also without" in page.locator("#notes").inner_text()
