"""Accounts, people and athletes in a real browser, and in one without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from hipimu.store import Note
from tests.faces.coach_pages import ADA, DESK, FAINT, PHONE, Opened, opened
from tests.faces.coach_team import OWNER, PASSWORD, Team, team

RUN = "/sessions/ada-1"
COPIED = re.compile(r"Copied\.|Marked: copy it")


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("club"), squad=4, sessions=3) as running:
        yield running


def written(club: Team, login: str, text: str) -> Note:
    user = club.user(login)
    return club.store.add_note(text, user.name, athlete="Ada Bauer", author_id=user.id)


def invited(club: Team, athlete: str) -> str:
    """The path of a link."""
    now = datetime.now(UTC)
    _, token = club.store.accounts.invite(OWNER, "athlete", athlete=athlete, now=now)
    return f"/join?t={token}"


@contextmanager
def at_home(
    browser: Browser, club: Team, login: str, size: tuple[int, int] = DESK, **how: Any
) -> Iterator[Opened]:
    """A browser in which somebody has logged in by the page."""
    with opened(browser, club, size, **how) as shown:
        shown.go("/")
        shown.page.get_by_label("Login").fill(login)
        shown.page.get_by_label("Password").fill(PASSWORD)
        shown.press("Log in")
        yield shown


def owners_pages(club: Team) -> list[str]:
    note = written(club, "olga", "to be looked at")
    own = f"/notes/{note.id}/edit"
    return ["/", "/?team=Sprint", "/people", "/account", "/audit", "/athletes/new", ADA, own,
            f"{ADA}/settings", f"{ADA}/delete", f"{RUN}/delete"]  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_pages_fit_are_named_and_clean(browser: Browser, club: Team, size: tuple[int, int]) -> None:
    scheme: Literal["light", "dark"] = "dark" if size == PHONE else "light"
    with at_home(browser, club, "olga", size, color_scheme=scheme) as shown:

        def looked_at(what: str) -> None:
            assert (what, shown.overflow()) <= (what, 0)
            assert (what, shown.unnamed()) == (what, [])
            assert (what, shown.page.evaluate(FAINT)) == (what, [])
            assert (what, shown.violations()) == (what, [])

        for path in owners_pages(club):
            shown.go(path)
            shown.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            looked_at(path)
        shown.go("/people")
        shown.page.get_by_label("Who it is to be").select_option("coach:Sprint")
        shown.press("Make the link")
        looked_at("a link")
        shown.go("/account")
        shown.page.get_by_label("What for").fill("Sheet")
        shown.press("Make the token")
        looked_at("a token")
        shown.go(invited(club, "Chidi Eze"))
        looked_at("/join")
        assert "logged in here as Olga" in shown.page.locator("main").inner_text()
        shown.go("/account")
        shown.press("Log out")
        looked_at("/login")


def test_invite_join_note_and_log_out(browser: Browser, club: Team) -> None:
    with at_home(browser, club, "carla") as coach:
        page = coach.page
        coach.follow(page.get_by_role("link", name="People"))
        assert page.get_by_role("heading", name="Accounts").count() == 0
        page.get_by_label("Who it is to be").select_option("athlete:Dana O'Neil")
        coach.press("Make the link")
        url = page.get_by_label("Link").input_value()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("status")).to_have_text(COPIED)
    with opened(browser, club, PHONE) as dana:
        page = dana.page
        page.goto(url)
        assert page.url.endswith("/join"), "the secret has left the address"
        page.get_by_label("Login").fill("dana")
        page.get_by_label("Password", exact=True).fill("nine wet hedges")
        page.get_by_label("The same password again").fill("nine wet hedges")
        dana.press("Join")
        assert page.locator("h1").inner_text() == "Dana O'Neil"
        menu = page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()
        assert menu == ["My sessions", "Upload", "Account"]
        assert "Squad" not in page.locator("body").inner_text()
        page.get_by_label("New note").fill("Signed by Dana")
        dana.press("Add the note")
        assert "Dana O'Neil, " in page.locator(".notes .about").first.inner_text()
        dana.press("Log out")
        assert page.url.endswith("/login")
        page.go_back()
        assert "Signed by Dana" not in page.locator("body").inner_text()


def test_buttons_are_there_for_who_may_press_them(club: Team) -> None:
    note = written(club, "sam", "of a coach").id
    found = {}
    for login in ("sam", "olga", "carla", "ada"):
        page = club.logged_in(login).get(ADA).text
        assert f'id="note-{note}"' in page
        found[login] = (f"/notes/{note}/edit" in page, f"/notes/{note}/delete" in page)
    nothing = (False, False)
    assert found == {"sam": (True, True), "olga": (False, True), "carla": nothing, "ada": nothing}


def test_edit_a_note_without_scripts(browser: Browser, club: Team) -> None:
    note = written(club, "ada", "Befor")
    with at_home(browser, club, "ada", PHONE, java_script_enabled=False) as shown:
        page = shown.page
        shown.go(ADA)
        shown.follow(page.locator(f"#note-{note.id}").get_by_role("link", name="Edit"))
        page.get_by_label("Note").fill("Before the <i>rain</i>")
        shown.press("Keep the note")
        assert page.url.endswith(f"{ADA}#note-{note.id}")
        own = page.locator(f"#note-{note.id}").inner_text()
        assert "Before the <i>rain</i>" in own
        assert "edited" in own


def test_a_coach_never_needs_the_terminal(browser: Browser, club: Team) -> None:
    """Add an athlete, rename, move and delete them; without scripts."""
    with at_home(browser, club, "olga", java_script_enabled=False) as shown:
        page = shown.page
        shown.follow(page.get_by_role("link", name="Add an athlete"))
        page.get_by_label("Name").fill("Zoe New")
        page.get_by_label("Team").fill("Hurdles")
        shown.press("Add the athlete")
        assert page.locator("h1").inner_text() == "Zoe New"
        assert "team Hurdles" in page.locator(".lead").inner_text()
        assert "hipimu session add" not in page.content()
        shown.follow(page.get_by_role("link", name="Settings"))
        page.get_by_role("textbox", name="Name").fill("Zoe Newer")
        shown.press("Change the name")
        assert page.get_by_role("status").inner_text().startswith("The name was changed")
        page.get_by_role("combobox", name="Team").fill("")
        shown.press("Set the team")
        assert "no team" in page.get_by_role("status").inner_text()
        shown.follow(page.get_by_role("link", name="Delete Zoe Newer"))
        page.get_by_label("To delete").fill("Zoe")
        shown.press("Delete for good")
        assert "Nothing was deleted" in page.get_by_role("alert").inner_text()
        shown.complaints.clear()
        page.get_by_label("To delete").fill("zoe newer")
        shown.press("Delete for good")
        assert "deleted for good" in page.get_by_role("status").inner_text()
        shown.follow(page.get_by_role("link", name="Audit"))
        told = page.locator("tbody tr").all_inner_texts()[:4]
        assert ["deleted an athlete" in told[0], "another team" in told[1]] == [True, True]
        assert "Zoe" not in "".join(told), "who is gone is gone from here too"


def test_a_session_can_be_deleted(club: Team) -> None:
    visitor = club.logged_in("bjorn")
    home = "/athletes/Bj%C3%B6rn%20%C3%96stlund"
    name = club.store.listed("Björn Östlund")[0].name
    url = f"/sessions/{quote(name)}"
    assert f'href="{url}/delete"' in visitor.get(url).text
    assert f"write its name: {name}" in visitor.get(f"{url}/delete").text
    wrong = visitor.post(f"{url}/delete", {"confirm": "another"})
    assert (wrong.status, "Nothing was deleted" in wrong.text) == (422, True)
    done = visitor.post(f"{url}/delete", {"confirm": name})
    assert (done.status, done.to) == (303, f"{home}?gone=session")
    page = visitor.get(done.to).text
    assert "The session was deleted for good." in page
    assert name not in page


def test_who_sees_several_teams_may_look_at_one(club: Team) -> None:
    coach, sam = club.logged_in("carla"), club.logged_in("sam")
    everybody, sprint = coach.get("/").text, coach.get("/?team=Sprint").text
    assert 'href="/?team=Sprint"' in everybody
    assert "Björn" in everybody
    assert "<h1>Sprint</h1>" in sprint
    assert "Ada Bauer" in sprint
    assert "Björn" not in sprint
    assert coach.get("/?team=Nobody").text == everybody
    assert 'aria-label="Team"' not in sam.get("/").text
    assert "Björn" not in sam.get("/?team=Middle").text


def test_an_athlete_may_go_and_take_everything_away(club: Team) -> None:
    now = datetime.now(UTC)
    club.store.add_athlete("Gone Soon")
    _, token = club.store.accounts.invite(OWNER, "athlete", athlete="Gone Soon", now=now)
    club.store.accounts.join(token, login="gone", name="Gone", password=PASSWORD, now=now)
    visitor = club.logged_in("gone")
    settings = visitor.get("/athletes/Gone%20Soon/settings").text
    assert 'name="new"' not in settings, "coaches give names"
    assert "Delete everything of mine" in settings
    done = visitor.post("/athletes/Gone%20Soon/delete", {"confirm": "gone soon"})
    assert (done.status, done.to) == (303, "/login")
    assert visitor.get("/login").status == 200
    assert "Gone Soon" not in [athlete.name for athlete in club.store.athletes()]
    assert "gone" not in [user.login for user in club.store.accounts.users(OWNER)]
