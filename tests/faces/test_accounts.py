"""Who comes in, and how: logins, invitations, passwords, forms, over the real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from hipimu.store import open_store
from hipimu.store.tables import LoginRow
from tests.faces.coach_team import OWNER, PASSWORD, Team, Visitor, cheap, serving, team

ADA = "/athletes/Ada%20Bauer"
RUN = "/sessions/ada-1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("club")) as running:
        yield running


def link(page: str) -> str:
    """The path of the link that a page shows."""
    found = re.search(r"https?://[^/\s]+(/join\?t=[\w-]+)", page)
    assert found is not None
    return found[1]


def age(club: Team, login: str, by: timedelta) -> None:
    """Let nobody have been there for so long."""
    whose = LoginRow.user_id == club.user(login).id
    with club.store.engine.begin() as connection:
        connection.execute(update(LoginRow).where(whose).values(seen_at=datetime.now(UTC) - by))


def notes(club: Team) -> list[str]:
    return [note.text for note in club.store.notes(athlete="Ada Bauer")]


# -- nobody


@pytest.mark.parametrize("path", ["/", ADA, f"{RUN}?kept=context", "/people", "/nowhere"])
def test_nobody_sees_anything_but_the_door(club: Team, path: str) -> None:
    visitor = club.visitor()
    answer = visitor.get(path)

    assert answer.status == 303
    assert answer.to.startswith("/login")
    assert "Ada" not in visitor.get(answer.to).text.replace(path, "")


def test_after_the_login_comes_the_page_that_was_asked_for(club: Team) -> None:
    visitor = club.visitor()
    told = visitor.get(f"{ADA}?show=rfi").to
    page = visitor.get(told)
    found = re.search(r'name="next" value="([^"]+)"', page.text)
    assert found is not None
    answer = visitor.post("/login", {"login": "Olga", "password": PASSWORD, "next": found[1]})
    assert (answer.status, answer.to) == (303, f"{ADA}?show=rfi")
    assert visitor.get("/login?next=/people").to == "/people"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_login_leads_to_own_pages_only(club: Team, to: str) -> None:
    assert club.visitor().log_in("olga", to=to).to == "/"


def test_what_pages_are_made_of_can_be_had(club: Team) -> None:
    assert club.visitor().get("/static/coach/coach.css").status == 200


def test_a_program_is_told_so_in_json(club: Team) -> None:
    answer = club.visitor().get("/api/v1/athletes")
    assert answer.status == 401
    assert "json" in answer.headers["content-type"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_what_nobody_sends_is_not_kept_and_given_back(club: Team) -> None:
    visitor = club.visitor()
    fields = {"text": "Long <b>words</b>", "password": "not to be shown"}
    answer = visitor.post(f"{ADA}/notes", fields, headers={"Referer": f"{club.url}athletes/x"})

    assert answer.status == 403
    assert "Nobody is logged in" in answer.text
    assert "Long &lt;b&gt;words" in answer.text
    assert "not to be shown" not in answer.text
    assert 'href="/login?next=%2Fathletes%2Fx"' in answer.text
    assert "Long <b>words</b>" not in notes(club)


# -- logging in


def test_the_cookie_of_a_login(club: Team) -> None:
    visitor = club.visitor()
    answer = visitor.log_in("OLGA")
    kept = next(c for c in answer.cookies if c.startswith(f"{visitor.login_cookie}="))
    assert answer.status == 303
    assert visitor.login_cookie == f"hipimu-coach-{club.url.rsplit(':', 1)[1].strip('/')}"
    assert {part.strip().lower() for part in kept.split(";")[1:]} == {
        "httponly", "path=/", "samesite=lax"
    }  # fmt: skip


def test_wrong_login_and_wrong_password_are_one_answer(club: Team) -> None:
    told = set()
    for login, password in (("olga", "wrong"), ("nobody", PASSWORD), ("", ""), ("o\0", "\0")):
        visitor = club.visitor()
        answer = visitor.log_in(login, password)
        assert answer.status == 422
        assert not any(re.match(r"hipimu-coach-\d+=", cookie) for cookie in answer.cookies)
        assert visitor.get("/").status == 303
        told.add(
            re.sub(r'(name="key"|autocomplete="username"[^>]*) value="[^"]*"', "", answer.text)
        )
    assert len(told) == 1
    assert "The login or the password is not right." in told.pop()


def test_a_login_cannot_be_planted(club: Team) -> None:
    planted = club.logged_in("sam")
    stolen = dict(planted.cookies)
    planted.get("/login")
    planted.get("/account")
    guest = club.visitor()
    guest.get("/login")
    planted.cookies |= guest.cookies
    planted.key = guest.key
    answer = planted.post("/login", {"login": "ada", "password": PASSWORD, "next": "/"})

    assert answer.status == 303
    assert planted.cookies[planted.login_cookie] != stolen[planted.login_cookie]
    assert Visitor(planted.url, stolen).get("/").to.startswith("/login"), "the old one ended"


def test_another_site_cannot_log_a_browser_in(club: Team) -> None:
    visitor = club.visitor()
    fields = {"login": "olga", "password": PASSWORD}
    without_cookie = visitor.post("/login", fields)
    visitor.get("/login")
    visitor.key = "0" * 64
    wrong_key = visitor.post("/login", fields)
    visitor.key = ""
    no_key = visitor.post("/login", fields)
    for answer in (without_cookie, wrong_key, no_key):
        assert answer.status == 403
        assert "too old" in answer.text
        assert 'value="olga"' in answer.text
        assert PASSWORD not in answer.text
    assert visitor.post("/login", fields).status == 303


def test_a_cookie_is_for_one_thing(club: Team) -> None:
    """What was signed as one thing is not taken for another, nor what was not signed at all."""
    visitor = club.logged_in("olga")
    name, value = visitor.login_cookie, visitor.cookies[visitor.login_cookie]
    for forged in (value[:-1], value + "A", value.partition(".")[0], f"x{value}", "", "."):
        assert Visitor(visitor.url, {name: forged}).get("/").status == 303
    guest = club.visitor()
    guest.get("/login")
    swapped = Visitor(visitor.url, {name: guest.cookies[f"{name}-form"], f"{name}-form": value})
    assert swapped.get("/").status == 303
    assert any("-form=" in cookie for cookie in swapped.get("/login").cookies), "given a new one"


def test_logging_out_ends_the_login_on_the_server(club: Team) -> None:
    visitor = club.logged_in("olga")
    kept = dict(visitor.cookies)
    assert Visitor(visitor.url, kept).get("/").status == 200
    assert visitor.post("/logout").to == "/login"
    assert Visitor(visitor.url, kept).get("/").status == 303
    assert visitor.get("/").to == "/login", "and the browser has forgotten it"


@pytest.mark.parametrize(
    "path", ["/logout", "/account/logout", f"{ADA}/notes", "/people/1/disable"]
)
def test_forms_need_the_key_of_this_login(club: Team, path: str) -> None:
    visitor, other = club.logged_in("olga"), club.logged_in("olga")
    assert visitor.key != other.key
    for key in (other.key, "", "x"):
        visitor.key = key
        answer = visitor.post(path, {"text": "no key"})
        assert answer.status == 403
        assert "does not come from a page" in answer.text
    assert visitor.get("/account").status == 200
    assert "no key" not in notes(club)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_page_changes_nothing_whatever_it_knows(club: Team, origin: str) -> None:
    visitor = club.logged_in("olga")
    answer = visitor.post(f"{ADA}/notes", {"text": "elsewhere"}, headers={"Origin": origin})
    assert answer.status == 403
    assert "elsewhere" not in notes(club)
    guest = club.visitor()
    guest.get("/login")
    fields = {"login": "olga", "password": PASSWORD}
    assert guest.post("/login", fields, headers={"Origin": origin}).status == 403


# -- the end of a login


def test_a_login_that_ended_says_so_and_goes_on_where_one_was(club: Team) -> None:
    visitor = club.logged_in("carla")
    age(club, "carla", timedelta(hours=13))
    answer = visitor.get(ADA)
    assert answer.status == 303
    page = visitor.get(answer.to)
    assert "Your login has ended" in page.text
    assert f'name="next" value="{ADA}"' in page.text
    assert not any(name.endswith(club.url.rsplit(":", 1)[1].strip("/")) for name in visitor.cookies)
    assert "has ended" not in visitor.get(visitor.get(ADA).to).text, "said once"


def test_what_was_written_when_a_login_ended_is_given_back(club: Team) -> None:
    visitor = club.logged_in("carla")
    visitor.get(ADA)
    age(club, "carla", timedelta(hours=13))
    answer = visitor.post(f"{RUN}/context", {"shoes": "spikes", "tags": "race, wind"})
    assert answer.status == 403
    assert "Your login has ended" in answer.text
    assert "spikes" in answer.text
    assert "race, wind" in answer.text
    assert club.store.summary("ada-1").context.shoes != "spikes"


def test_whose_account_is_shut_is_out_at_once(club: Team) -> None:
    owner, visitor = club.logged_in("olga"), club.logged_in("bjorn")
    number = club.user("bjorn").id
    owner.get("/people")
    assert owner.post(f"/people/{number}/disable").to == "/people?kept=disabled"
    assert visitor.get("/account").status == 303
    assert club.visitor().log_in("bjorn").status == 422
    assert owner.post(f"/people/{number}/enable").status == 303
    assert club.visitor().log_in("bjorn").status == 303


# -- joining


def test_a_link_works_once_and_leaves_the_address(club: Team) -> None:
    owner = club.logged_in("olga")
    owner.get("/people")
    shown = owner.post("/people/invitations", {"access": "athlete:Chidi Eze"})
    assert shown.status == 200
    assert 'src="data:image/png;base64,' in shown.text
    path = link(shown.text)
    assert path.partition("=")[2] not in owner.get("/people").text, "shown once"

    chidi = club.visitor()
    opened = chidi.get(path)
    assert (opened.status, opened.to) == (303, "/join")
    page = chidi.get("/join")
    assert "Olga invites you: Athlete Chidi Eze" in page.text
    assert path.partition("=")[2] not in page.text
    differ = {"login": "chidi", "name": "Chidi", "password": PASSWORD, "again": "x"}
    refused = chidi.post("/join", differ)
    assert refused.status == 422
    assert "differ" in refused.text
    assert 'value="chidi"' in refused.text
    easy = chidi.post("/join", differ | {"password": "password12", "again": "password12"})
    assert easy.status == 422
    taken = chidi.post("/join", differ | {"login": "Sam", "again": PASSWORD})
    assert (taken.status, "already" in taken.text) == (422, True)
    joined = chidi.post("/join", differ | {"again": PASSWORD})
    assert (joined.status, joined.to) == (303, "/")
    assert chidi.get("/").to == "/athletes/Chidi%20Eze"

    late = club.visitor().get(path)
    assert late.status == 404
    assert late.text == club.visitor().get("/join?t=unknown").text
    assert chidi.get("/join").status == 403, "the browser has forgotten the link"


def test_a_link_opened_but_not_used_still_works(club: Team) -> None:
    """Programs that chats are written with look at links before people do."""
    _, token = club.store.accounts.invite(OWNER, "coach", now=datetime.now(UTC))
    for _ in range(2):
        assert club.visitor().get(f"/join?t={token}").status == 303


def test_another_site_cannot_let_a_browser_join(club: Team) -> None:
    _, token = club.store.accounts.invite(OWNER, "coach", now=datetime.now(UTC))
    visitor = club.visitor()
    visitor.get(f"/join?t={token}")
    fields = {"login": "mallory", "name": "M", "password": PASSWORD, "again": PASSWORD}
    assert visitor.post("/join", fields).status == 403
    assert all(user.login != "mallory" for user in club.store.accounts.users(OWNER))


def test_an_invitation_can_be_taken_back(club: Team) -> None:
    owner = club.logged_in("olga")
    owner.get("/people")
    path = link(owner.post("/people/invitations", {"access": "coach:Middle"}).text)
    number = club.store.accounts.invitations(OWNER, datetime.now(UTC))[0].id
    assert "Coach of team Middle" in owner.get("/people").text
    assert owner.post(f"/people/invitations/{number}/revoke").status == 303
    assert club.visitor().get(path).status == 404


def test_a_new_password_by_a_link_ends_all_logins(club: Team) -> None:
    owner, sam = club.logged_in("olga"), club.logged_in("sam")
    owner.get("/people")
    path = link(owner.post(f"/people/{club.user('sam').id}/reset").text)
    anew = club.visitor()
    anew.get(path)
    page = anew.get("/join")
    assert "New password" in page.text
    assert 'value="sam"' in page.text
    other = "six low hedges"
    assert anew.post("/join", {"password": other, "again": other, "login": "olga"}).status == 303
    assert "Sam" in anew.get("/account").text
    assert sam.get("/").status == 303
    assert club.visitor().log_in("sam").status == 422
    anew.get("/account")
    changed = anew.post("/account/password", {"old": other, "new": PASSWORD, "again": PASSWORD})
    assert changed.status == 303


# -- who may invite whom


def test_a_coach_invites_athletes_of_theirs_only(club: Team) -> None:
    sam = club.logged_in("sam")
    page = sam.get("/people").text
    assert "Athlete Ada Bauer" in page
    assert "Björn" not in page
    assert "Carla" not in page, "other accounts are for owners"
    for access in ("athlete:Björn Östlund", "athlete:Nobody", "owner", "coach", "coach:Sprint", ""):
        refused = sam.post("/people/invitations", {"access": access})
        assert refused.status == 422
        assert "Choose one of the list" in refused.text
    user = club.user("ada").id
    for path in (f"/people/{user}/disable", f"/people/{user}/reset", f"/people/{user}/access"):
        assert sam.post(path, {"access": "owner"}).status == 403
    assert club.user("ada").role == "athlete"


def test_the_last_owner_stays(club: Team) -> None:
    owner = club.logged_in("olga")
    owner.get("/people")
    number = club.user("olga").id
    for path, fields in (
        (f"/people/{number}/disable", {}),
        (f"/people/{number}/access", {"access": "coach"}),
    ):
        answer = owner.post(path, fields)
        assert answer.status == 403
        assert "only owner" in answer.text
    assert owner.get("/audit").status == 200


def test_an_owner_changes_what_somebody_sees(club: Team) -> None:
    owner, carla = club.logged_in("olga"), club.logged_in("carla")
    owner.get("/people")
    number = club.user("carla").id
    assert carla.get(ADA).status == 200
    assert owner.post(f"/people/{number}/access", {"access": "coach:Middle"}).status == 303
    assert carla.get(ADA).status == 404, "from the next request on"
    assert owner.post(f"/people/{number}/access", {"access": "coach"}).status == 303
    assert owner.post(f"/people/{number}/access", {"access": "king"}).status == 422
    assert carla.get(ADA).status == 200


# -- one's own account


def test_a_changed_password_ends_other_browsers(club: Team) -> None:
    here, there = club.logged_in("carla"), club.logged_in("carla")
    here.get("/account")
    new = "eight short hedges"
    wrong = here.post("/account/password", {"old": "wrong", "new": new, "again": new})
    differ = here.post("/account/password", {"old": PASSWORD, "new": new, "again": "x"})
    short = here.post("/account/password", {"old": PASSWORD, "new": "short", "again": "short"})
    assert [a.status for a in (wrong, differ, short)] == [422, 422, 422]
    assert there.get("/").status == 200
    right = here.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert right.to == "/account?kept=password"
    assert here.get("/account").status == 200
    assert there.get("/").status == 303
    assert club.visitor().log_in("carla").status == 422
    back = {"old": new, "new": PASSWORD, "again": PASSWORD}
    assert here.post("/account/password", back).status == 303


def test_out_everywhere(club: Team) -> None:
    here, there = club.logged_in("carla"), club.logged_in("carla")
    here.get("/account")
    assert here.post("/account/logout").to == "/login"
    assert (here.get("/").status, there.get("/").status) == (303, 303)


def test_a_token_is_shown_once_and_opens_the_api_alone(club: Team) -> None:
    owner = club.logged_in("olga")
    owner.get("/account")
    fields = {"name": "Sheet", "scope": "read", "span": "30 days"}
    page = owner.post("/account/tokens", fields).text
    found = re.search(r"hipimu_[\w-]{32,}", page)
    assert found is not None
    secret = found[0]
    assert secret not in owner.get("/account").text
    program = Visitor(owner.url, headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/nothing-of-that-name").status == 404
    assert program.get("/").to == "/login"
    assert program.get("/static/coach/coach.css").status == 200
    assert program.post(f"{ADA}/notes", {"text": "by token"}).status == 403
    for wrong in ("Bearer x", f"Basic {secret}", "Bearer", f"Bearer {secret} {secret}"):
        assert program.get("/api/v1/x", headers={"Authorization": wrong}).status == 401
    number = club.store.accounts.tokens(club.user("olga").id, datetime.now(UTC))[0].id
    other = club.logged_in("carla")
    other.get("/account")
    assert other.post(f"/account/tokens/{number}/revoke").status == 404, "somebody else's"
    assert owner.post(f"/account/tokens/{number}/revoke").status == 303
    assert program.get("/api/v1/nothing-of-that-name").status == 401


@pytest.mark.parametrize("fields", [{"name": ""}, {"span": "for ever"}, {"name": "x" * 500}])
def test_a_token_that_cannot_be_made(club: Team, fields: dict[str, str]) -> None:
    owner = club.logged_in("olga")
    owner.get("/account")
    sent = {"name": "Sheet", "scope": "read", "span": "30 days"} | fields
    answer = owner.post("/account/tokens", sent)
    assert answer.status == 422
    assert 'role="alert"' in answer.text


def test_a_browser_changes_nothing_over_the_api(club: Team) -> None:
    """Its cookie comes along with any page's request; a form's key or a token does not."""
    owner = club.logged_in("olga")
    json = {"Content-Type": "application/json"}
    answer = owner.ask("POST", "/api/v1/athletes", b'{"name": "By cookie"}', headers=json)
    assert answer.status == 403
    assert "token" in answer.text
    assert all(athlete.name != "By cookie" for athlete in club.store.athletes())


# -- before there is an owner


def test_until_an_owner_has_joined_nothing_but_joining_is_served(tmp_path: Path) -> None:
    with cheap(), open_store(str(tmp_path / "store.sqlite")) as store:
        store.add_athlete("Ada Bauer")
        with serving(store, accounts=True) as running:
            url = running.server.owner_url()
            assert url is not None
            visitor = running.visitor()
            assert visitor.get(ADA).status == 303
            assert "Nobody has an account here yet" in visitor.get("/login").text
            assert visitor.get("/api/v1/athletes").status == 401
            visitor.get(url.removeprefix(running.url.rstrip("/")))
            assert "You become the owner" in visitor.get("/join").text
            fields = {"login": "olga", "name": "Olga", "password": PASSWORD, "again": PASSWORD}
            assert visitor.post("/join", fields).status == 303
            assert visitor.get(ADA).status == 200
            assert running.server.owner_url() is None


def test_a_single_user_needs_no_login_until_somebody_has_one(tmp_path: Path) -> None:
    with cheap(), open_store(str(tmp_path / "store.sqlite")) as store:
        store.add_athlete("Ada Bauer")
        with serving(store) as running:
            visitor = running.visitor()
            page = visitor.get(ADA)
            assert "Single user: no login" in page.text
            assert "Log out" not in page.text
            assert visitor.get("/login").to == "/"
            for path in ("/account", "/people", "/audit"):
                answer = visitor.get(path)
                assert answer.status == 404
                assert "no accounts as yet" in answer.text
            token = store.accounts.owner_link(datetime.now(UTC))
            assert token is not None
            visitor.get(f"/join?t={token}")
            form = visitor.get("/join").text
            assert "You become the owner" in form
            assert "logged in here" not in form
            store.accounts.join(
                token, login="olga", name="Olga", password=PASSWORD, now=datetime.now(UTC)
            )
            assert visitor.get(ADA).status == 303, "made meanwhile, in another program"
            assert visitor.post(f"{ADA}/notes", {"text": "x"}).status == 403


# -- what is written down


def test_who_did_what_on_the_pages_is_written_down(club: Team) -> None:
    owner = club.logged_in("olga")
    owner.get(ADA)
    owner.post(f"{ADA}/notes", {"text": "Something private"})
    note = club.store.notes(athlete="Ada Bauer")[-1]
    owner.post(f"/notes/{note.id}/edit", {"text": "Something else"})
    owner.post(f"/notes/{note.id}/delete")
    owner.post(f"/notes/{note.id}/restore")
    owner.post(f"{RUN}/context", {"shoes": "private shoes"})
    owner.get(f"/api/v1{ADA}/export")
    entries = club.store.accounts.audit(OWNER, limit=6)
    assert [entry.action for entry in entries] == [
        "athlete_exported", "session_changed",
        "note_restored", "note_deleted", "note_edited", "note_added",
    ]  # fmt: skip
    assert {(entry.who, entry.athlete) for entry in entries} == {("Olga", "Ada Bauer")}
    assert entries[-1].detail == f"note {note.id}"
    page = owner.get("/audit").text
    assert "wrote a note anew" in page
    assert "private" not in page


def test_the_audit_goes_on_in_pages(club: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.web.coach.audit_page._AT_ONCE", 5)
    owner = club.logged_in("olga")
    shown: list[str] = []
    path: str | None = "/audit"
    while path is not None and len(shown) < 1000:
        page = owner.get(path).text
        shown += re.findall(r'<th scope="row"', page)
        found = re.search(r'href="(/audit\?before=\d+)" rel="next"', page)
        path = None if found is None else found[1]
    assert len(shown) == len(club.store.accounts.audit(OWNER, limit=1000))
    assert owner.get("/audit?before=x").status == 200
