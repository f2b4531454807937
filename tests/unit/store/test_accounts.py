"""Users, what they may see, and logging in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hipimu.errors import StoreError
from hipimu.store import Store, Viewer
from tests.unit.store.people import CONSOLE, NOW, PASSWORD, add_user, viewer

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def test_the_first_owner_comes_by_a_link(store: Store) -> None:
    accounts = store.accounts
    assert not accounts.in_use()
    first, token = accounts.owner_link(NOW), accounts.owner_link(NOW)
    assert first is not None
    assert token is not None
    with pytest.raises(StoreError, match="does not work"):
        accounts.invitation(first, NOW)
    assert accounts.invitation(token, NOW).role == "owner"

    anna = accounts.join(token, login="anna", name="Anna B.", password=PASSWORD, now=NOW)

    assert (anna.login, anna.name, anna.role) == ("anna", "Anna B.", "owner")
    assert accounts.in_use()
    assert accounts.owner_link(NOW) is None


def test_log_in_and_out(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    assert accounts.log_in("anna", "another password", NOW) is None
    assert accounts.log_in("ann", PASSWORD, NOW) is None
    token = accounts.log_in(" ANNA ", PASSWORD, NOW)
    assert token is not None
    assert accounts.viewer_of_login(token, NOW) == Viewer("Anna", "owner", anna.id)
    accounts.log_out(token, NOW)
    assert accounts.viewer_of_login(token, NOW) is None


def test_a_login_ends_by_itself(store: Store) -> None:
    accounts = store.accounts
    add_user(store, "anna")
    idle = accounts.log_in("anna", PASSWORD, NOW)
    assert idle is not None
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=11, minutes=59))
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=23))
    assert accounts.viewer_of_login(idle, NOW + timedelta(hours=36)) is None

    busy = accounts.log_in("anna", PASSWORD, NOW)
    assert busy is not None
    for hours in range(0, 30 * 24, 10):
        assert accounts.viewer_of_login(busy, NOW + timedelta(hours=hours)), hours
    assert accounts.viewer_of_login(busy, NOW + timedelta(days=30)) is None


def test_tokens_of_programs(store: Store) -> None:
    accounts = store.accounts
    anna = add_user(store, "anna")
    made, token = accounts.make_token(anna.id, "watch", "read", NOW, timedelta(days=1))
    assert token.startswith("hipimu_")
    assert accounts.viewer_of_token(token, NOW) == Viewer("Anna", "owner", anna.id, writes=False)
    (listed,) = accounts.tokens(anna.id, NOW)
    assert listed.used_at == NOW
    assert accounts.viewer_of_token(token, NOW + timedelta(days=1)) is None
    accounts.revoke_token(anna.id, made.id, NOW)
    assert accounts.viewer_of_token(token, NOW) is None
    assert accounts.tokens(anna.id, NOW) == ()


def test_the_last_owner_stays(store: Store) -> None:
    accounts = store.accounts
    anna, ben = add_user(store, "anna"), add_user(store, "ben")
    accounts.disable(viewer(anna), ben.id, NOW)
    for change in (
        lambda: accounts.disable(viewer(anna), anna.id, NOW),
        lambda: accounts.set_access(CONSOLE, anna.id, role="coach"),
    ):
        with pytest.raises(StoreError, match="only owner") as refused:
            change()
        assert refused.value.reason == "forbidden"
    accounts.enable(viewer(anna), ben.id)
    accounts.set_access(CONSOLE, anna.id, role="coach", team="Sprint")
    assert [(u.login, u.role, u.team) for u in accounts.users(CONSOLE)] == [
        ("anna", "coach", "Sprint"),
        ("ben", "owner", None),
    ]
