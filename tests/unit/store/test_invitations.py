"""Links that work once: who may make them, what they are for, and that only one can use them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from hipimu.errors import StoreError
from hipimu.store import Role, Store, Viewer
from tests.unit.store.importers import processes
from tests.unit.store.joiners import join_at_once, wait_for
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer

LOGIN = "Karl-Heinz"
pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def squad(store: Store) -> Store:
    for name, team in (("Anna", "Sprint"), ("Ben", "Distance"), ("Carla", None)):
        store.add_athlete(name, team)
    return store


def reason(call: Callable[..., object], *given: object, **named: object) -> str:
    with pytest.raises(StoreError) as refused:
        call(*given, **named)
    return refused.value.reason


def test_what_a_link_is_for(squad: Store) -> None:
    accounts = squad.accounts
    owner = add_user(squad, "olga")
    made, token = accounts.invite(viewer(owner), "coach", team="Sprint", now=NOW)
    assert (made.role, made.team, made.athlete, made.login) == ("coach", "Sprint", None, None)
    assert (made.made_by, made.created_at) == ("Olga", NOW)
    assert made.expires_at == NOW + timedelta(days=7)
    assert accounts.invitation(token, NOW) == made
    assert accounts.invitations(viewer(owner), NOW) == (made,)

    coach = accounts.join(token, login="Karl", name="  Karl   K. ", password=PASSWORD, now=NOW)
    assert (coach.login, coach.name, coach.role, coach.team) == (
        "Karl",
        "Karl K.",
        "coach",
        "Sprint",
    )
    assert accounts.invitations(viewer(owner), NOW) == ()
    assert reason(accounts.invitation, token, NOW) == "not_found"


def test_all_links_that_do_not_work_say_the_same(squad: Store) -> None:
    accounts = squad.accounts
    _, used = accounts.invite(CONSOLE, "owner", now=NOW)
    accounts.join(used, login="olga", name="Olga", password=PASSWORD, now=NOW)
    made, revoked = accounts.invite(CONSOLE, "coach", now=NOW)
    accounts.revoke_invitation(CONSOLE, made.id, NOW)
    _, old = accounts.invite(CONSOLE, "coach", now=NOW - timedelta(days=8))
    said = set()
    for token in (used, revoked, old, "", "x" * 10_000, "\x00", "\ud800"):
        with pytest.raises(StoreError) as refused:
            accounts.invitation(token, NOW)
        with pytest.raises(StoreError) as again:
            accounts.join(token, login="eve", name="Eve", password=PASSWORD, now=NOW)
        said |= {str(refused.value), str(again.value)}
        assert refused.value.reason == "not_found"
    assert len(said) == 1


def test_who_may_invite_whom(squad: Store) -> None:
    accounts = squad.accounts
    add_user(squad, "olga")
    sprint = Viewer(
        "Karl", "coach", add_user(squad, "karl", "coach", team="Sprint").id, None, "sprint"
    )
    whole = viewer(add_user(squad, "kim", "coach"))
    athlete = viewer(add_user(squad, "carla", "athlete", athlete="Carla"))

    assert accounts.invite(sprint, "athlete", athlete="ANNA", now=NOW)[0].athlete == "Anna"
    assert accounts.invite(whole, "athlete", athlete="Ben", now=NOW)[0].athlete == "Ben"
    for name in ("Ben", "Nobody"):
        assert reason(accounts.invite, sprint, "athlete", athlete=name, now=NOW) == "not_found"
    for coach in (sprint, whole):
        for role in ("owner", "coach"):
            assert reason(accounts.invite, coach, role, now=NOW) == "forbidden"
    assert reason(accounts.invite, athlete, "athlete", athlete="Carla", now=NOW) == "forbidden"
    reader = Viewer("token", "owner", writes=False)
    assert reason(accounts.invite, reader, "coach", now=NOW) == "forbidden"

    assert {i.athlete for i in accounts.invitations(CONSOLE, NOW)} == {"Anna", "Ben"}
    assert [i.athlete for i in accounts.invitations(sprint, NOW)] == ["Anna"]
    assert {i.athlete for i in accounts.invitations(whole, NOW)} == {"Anna", "Ben"}
    assert reason(accounts.invitations, athlete, NOW) == "forbidden"


def test_a_coach_takes_back_only_what_they_see(squad: Store) -> None:
    accounts = squad.accounts
    sprint = Viewer("Karl", "coach", None, None, "Sprint")
    hers, _ = accounts.invite(CONSOLE, "athlete", athlete="Anna", now=NOW)
    his, _ = accounts.invite(CONSOLE, "athlete", athlete="Ben", now=NOW)
    coachs, _ = accounts.invite(CONSOLE, "coach", team="Sprint", now=NOW)
    for number in (his.id, coachs.id, 0, -1, 10**6, 10**30):
        assert reason(accounts.revoke_invitation, sprint, number, NOW) == "not_found"
    accounts.revoke_invitation(sprint, hers.id, NOW)
    assert {i.id for i in accounts.invitations(CONSOLE, NOW)} == {his.id, coachs.id}
    assert reason(accounts.revoke_invitation, sprint, hers.id, NOW) == "not_found"


@pytest.mark.parametrize(
    ("role", "access"),
    [
        ("athlete", {}),
        ("athlete", {"athlete": "Anna", "team": "Sprint"}),
        ("coach", {"athlete": "Anna"}),
        ("owner", {"team": "Sprint"}),
        ("admin", {}),
        ("coach", {"team": "a/b"}),
        ("coach", {"valid": timedelta()}),
        ("coach", {"valid": timedelta.max}),
    ],
)
def test_what_does_not_go_together(squad: Store, role: Role, access: dict[str, object]) -> None:
    invite: Callable[..., object] = squad.accounts.invite
    assert reason(invite, CONSOLE, role, now=NOW, **access) == "bad_value"


def test_an_athlete_has_one_account(squad: Store) -> None:
    accounts = squad.accounts
    add_user(squad, "olga")
    _, one = accounts.invite(CONSOLE, "athlete", athlete="Anna", now=NOW)
    _, two = accounts.invite(CONSOLE, "athlete", athlete="Anna", now=NOW)
    accounts.join(one, login="anna", name="Anna", password=PASSWORD, now=NOW)
    assert reason(accounts.invitation, two, NOW) == "not_found"
    assert reason(accounts.invite, CONSOLE, "athlete", athlete="Anna", now=NOW) == "exists"


def test_what_cannot_be_used_leaves_the_link_open(squad: Store) -> None:
    accounts = squad.accounts
    add_user(squad, "olga")
    _, token = accounts.invite(CONSOLE, "coach", now=NOW)

    def join(login: str, name: str = "Karl", password: str = PASSWORD) -> str:
        return reason(accounts.join, token, login=login, name=name, password=password, now=NOW)

    assert join("OLGA") == "exists"
    assert join("") == join("a/b") == join("x" * 101) == join("a\x00b") == "bad_value"
    assert join("karl", name=" ") == "bad_value"
    assert join("karl", password=PASSWORD[:9]) == "bad_value"
    assert join(LOGIN, password=LOGIN.lower()) == "bad_value"
    assert accounts.join(token, login="karl", name="Karl", password=PASSWORD, now=NOW).id


def test_a_new_password_by_link_shuts_everybody_out(squad: Store) -> None:
    accounts = squad.accounts
    owner = viewer(add_user(squad, "olga"))
    karl = add_user(squad, "karl", "coach")
    login = accounts.log_in("karl", PASSWORD, NOW)
    _, program = accounts.make_token(karl.id, "watch", "write", NOW, None)
    _, earlier = accounts.reset(owner, karl.id, NOW)
    made, token = accounts.reset(owner, karl.id, NOW)
    assert (made.login, made.role) == ("karl", "coach")
    assert reason(accounts.invitation, earlier, NOW) == "not_found"
    assert reason(accounts.reset, viewer(karl), karl.id, NOW) == "forbidden"
    assert reason(accounts.reset, owner, 10**6, NOW) == "not_found"

    new = "eight low fences"
    again = accounts.join(token, login="other", name="Other", password=new, now=NOW)
    assert (again.id, again.login, again.name) == (karl.id, "karl", "Karl")
    assert login is not None
    assert accounts.viewer_of_login(login, NOW) is None
    assert accounts.viewer_of_token(program, NOW) is None
    assert accounts.log_in("karl", PASSWORD, NOW) is None
    assert accounts.log_in("karl", new, NOW)


def test_what_a_lost_owner_offered_ends_too(squad: Store) -> None:
    accounts = squad.accounts
    olga, otto = add_user(squad, "olga"), add_user(squad, "otto")
    for change in (
        lambda: accounts.disable(viewer(olga), otto.id, NOW),
        lambda: accounts.set_access(viewer(olga), otto.id, "coach"),
    ):
        _, link = accounts.invite(viewer(otto), "owner", now=NOW)
        _, reset = accounts.reset(viewer(otto), olga.id, NOW)
        change()
        for token in (link, reset):
            assert reason(accounts.invitation, token, NOW) == "not_found"
        accounts.enable(CONSOLE, otto.id)


def test_who_is_no_owner_any_more_changes_nothing(squad: Store) -> None:
    accounts = squad.accounts
    olga, otto = add_user(squad, "olga"), add_user(squad, "otto")
    accounts.disable(viewer(olga), otto.id, NOW)
    # A request of theirs was under way.
    assert reason(accounts.disable, viewer(otto), olga.id, NOW) == "forbidden"
    accounts.enable(viewer(olga), otto.id)
    accounts.set_access(viewer(olga), otto.id, "coach")
    assert reason(accounts.set_access, viewer(otto), otto.id, "owner") == "forbidden"


@pytest.mark.parametrize("links", [1, 4])
def test_of_many_who_use_a_link_one_gets_in(
    store: Store, url: str, files: Path, links: int
) -> None:
    """One link of which many know, and several links for the same athlete."""
    invite = store.accounts.invite
    if links == 1:
        tokens = [invite(CONSOLE, "coach", now=NOW)[1]]
    else:
        store.add_athlete("Anna")
        tokens = [invite(CONSOLE, "athlete", athlete="Anna", now=NOW)[1] for _ in range(links)]
    work = [(url, files, tokens[number % links], f"login-{number}") for number in range(4)]
    context = processes()
    with context.Pool(4, wait_for, (context.Barrier(4),)) as pool:
        answers = pool.map(join_at_once, work, chunksize=1)
    assert sorted(answers) == ["joined", "not_found", "not_found", "not_found"]
    assert len(store.accounts.users(CONSOLE)) == 1


def test_of_two_owners_who_shut_each_other_out_one_stays(store: Store) -> None:
    accounts = store.accounts
    for attempt in range(5):
        olga, otto = add_user(store, f"olga{attempt}"), add_user(store, f"otto{attempt}")
        others = [u for u in accounts.users(CONSOLE) if u.id not in (olga.id, otto.id)]
        for user in others:
            if user.disabled_at is None:
                accounts.disable(CONSOLE, user.id, NOW)

        def shut(pair: tuple[Viewer, int]) -> str:
            try:
                accounts.disable(*pair, NOW)
            except StoreError as error:
                return error.reason
            return "shut"

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(shut, [(viewer(olga), otto.id), (viewer(otto), olga.id)]))
        assert sorted(answers) == ["forbidden", "shut"]
