"""How often anything can be tried or asked: over the real server, with short waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from hipimu.store import Store, open_store, passwords
from hipimu.web.coach.limits import Limits
from tests.faces.coach_team import PASSWORD, PATIENT, Team, Visitor, cheap, join_all, serving

STRICT = replace(PATIENT, tries=3, first_wait_s=30.0, tries_of_address=6)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("limits") / "store.sqlite"
    with cheap(), open_store(str(path)) as opened:
        for name in ("Ada Bauer", "Björn Östlund"):
            opened.add_athlete(name)
        join_all(opened)
        yield opened


@pytest.fixture
def strict(store: Store) -> Iterator[Team]:
    with serving(store, limits=STRICT) as running:
        yield running


def test_wrong_passwords_have_to_wait_and_so_does_the_right_one(strict: Team) -> None:
    statuses = [strict.visitor().log_in("olga", f"wrong {n}").status for n in range(3)]
    waiting = strict.visitor().log_in("OLGA")
    assert statuses == [422, 422, 422]
    assert waiting.status == 429
    assert 25 <= int(waiting.headers["retry-after"]) <= 30
    assert "too many wrong passwords" in waiting.text
    assert "Wait 30 seconds" in waiting.text
    assert strict.visitor().log_in("carla").status == 303, "others need not wait"


def test_it_makes_no_difference_whether_there_is_such_a_login(strict: Team) -> None:
    statuses = [strict.visitor().log_in("nobody at all", "wrong").status for _ in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_guesses_of_others_do_not_lock_the_own_browser_out(strict: Team) -> None:
    own = strict.visitor()
    own.log_in("olga")
    own.get("/account")
    own.post("/logout")
    for n in range(3):
        strict.visitor().log_in("olga", f"wrong {n}")
    assert strict.visitor().log_in("olga").status == 429
    assert own.log_in("olga").status == 303
    own.get("/account")
    own.post("/logout")
    assert [own.log_in("carla", "x").status for _ in range(3)] == [422] * 3, "hers alone"


def test_an_address_cannot_try_one_password_on_everybody(strict: Team) -> None:
    statuses = [strict.visitor().log_in(f"user {n}", "Password!").status for n in range(7)]
    assert statuses == [422] * 6 + [429]
    assert strict.visitor().log_in("olga").status == 429


def test_a_right_password_does_not_make_up_for_an_address_guesses(strict: Team) -> None:
    for n in range(6):
        assert strict.visitor().log_in("carla").status == 303
        assert strict.visitor().log_in(f"user {n}", "wrong").status == 422
    assert strict.visitor().log_in("user 7", "wrong").status == 429


def test_many_tries_at_once_are_no_quicker(strict: Team) -> None:
    visitors = [strict.visitor() for _ in range(12)]
    for visitor in visitors:
        visitor.get("/login")
    with ThreadPoolExecutor(12) as pool:
        fields = {"login": "sam", "password": "wrong"}
        statuses = list(pool.map(lambda v: v.post("/login", fields).status, visitors))
    assert sorted(statuses) == [422] * 3 + [429] * 9


def test_the_old_password_cannot_be_guessed_either(strict: Team) -> None:
    visitor = strict.logged_in("olga")
    visitor.get("/account")
    fields = {"old": "wrong", "new": "nine new hedges", "again": "nine new hedges"}
    statuses = [visitor.post("/account/password", fields).status for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
    right = visitor.post("/account/password", fields | {"old": PASSWORD})
    assert right.status == 429
    assert int(right.headers["retry-after"]) > 20


def test_links_and_tokens_cannot_be_guessed_quickly(strict: Team) -> None:
    visitor = strict.visitor()
    links = [visitor.get(f"/join?t=guess{n}") for n in range(7)]
    assert [answer.status for answer in links] == [404] * 6 + [429]
    assert int(links[-1].headers["retry-after"]) > 20
    program = Visitor(visitor.url, headers={"Authorization": "Bearer guess"})
    tokens = [program.get("/api/v1/athletes") for _ in range(7)]
    assert [answer.status for answer in tokens] == [401] * 6 + [429]
    assert "json" in tokens[-1].headers["content-type"]
    assert int(tokens[-1].headers["retry-after"]) > 20


def test_one_caller_cannot_keep_the_server_busy(store: Store) -> None:
    limits = replace(PATIENT, requests_hz=1.0, requests_burst=5)
    with serving(store, limits=limits) as running:
        olga, carla = running.visitor(), running.visitor()
        olga.log_in("olga")
        time.sleep(1.1)
        carla.log_in("carla")
        answers = [olga.get("/account") for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert answers[-1].headers["retry-after"] == "1"
        assert carla.get("/account").status == 200, "others go on"
        assert olga.get("/static/coach/coach.css").status == 200
        strangers = [running.visitor().get("/").status for _ in range(7)]
        assert strangers[-1] == 429


def test_hashing_takes_two_threads_and_not_those_of_the_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many log in, the memory of two hashes is the most, and pages go on."""
    going, held, most, free = [0], Event(), [0], passwords.fits

    def slow(*how: object) -> bool:
        going[0] += 1
        most[0] = max(most[0], going[0])
        held.wait(10)
        going[0] -= 1
        return free(*how)  # type: ignore[arg-type]

    limits = replace(PATIENT, hashes_waiting=4)
    with serving(store, limits=limits) as running:
        reader = running.logged_in("olga")
        visitors = [running.visitor() for _ in range(9)]
        for visitor in visitors:
            visitor.get("/login")
        monkeypatch.setattr(passwords, "fits", slow)
        with ThreadPoolExecutor(9) as pool:
            fields = {"login": "carla", "password": PASSWORD}
            asked = [pool.submit(visitor.post, "/login", fields) for visitor in visitors]
            deadline = time.monotonic() + 5.0
            while sum(one.done() for one in asked) < 3 and time.monotonic() < deadline:
                time.sleep(0.01)
            began = time.monotonic()
            assert reader.get("/account").status == 200
            assert time.monotonic() - began < 2.0
            held.set()
            statuses = sorted(one.result().status for one in asked)
    assert most[0] == 2
    assert statuses == [303] * 6 + [429] * 3


def test_a_form_that_never_ends_is_given_up(strict: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.web.coach.forms._PATIENCE_S", 0.2)
    headers = {"Content-Length": "1000", "Content-Type": "application/x-www-form-urlencoded"}
    answer = strict.visitor().ask("POST", "/login", b"login=", headers=headers)
    assert answer.status == 408


def test_usual_limits_let_a_team_of_one_house_in() -> None:
    usual = Limits()
    page_and_its_files = 4
    assert usual.files_burst >= 14 * page_and_its_files
    assert usual.tries_of_address > usual.tries
    assert usual.longest_wait_s < usual.forgotten_s


def test_passwords_are_neither_in_answers_nor_in_the_audit(strict: Team, tmp_path: Path) -> None:
    secret = "a secret of Olga"  # noqa: S105 — of nobody
    visitor = strict.visitor()
    assert secret not in visitor.log_in("olga", secret).text
    database = Path(strict.store.place)
    for file in database.parent.glob(f"{database.name}*"):
        assert secret.encode() not in file.read_bytes()
