"""What other processes do with a link, in tests of many at once."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from hipimu.errors import StoreError
from hipimu.store import open_store
from hipimu.store.accounts import Accounts
from hipimu.store.passwords import Cost
from tests.unit.store.people import NOW, PASSWORD

_start: list[Barrier] = []


def wait_for(start: Any) -> None:
    """Let each of the others come as far before one goes on."""
    _start.append(start)


def join_at_once(arguments: tuple[str, Path, str, str]) -> str:
    """Use a link up under a login; return what became of it."""
    url, files, token, login = arguments
    with open_store(url, files) as store:
        accounts = Accounts(store.engine, Cost(1, 8, 1))
        accounts.in_use()
        _start[-1].wait(30)
        try:
            accounts.join(token, login=login, name=login, password=PASSWORD, now=NOW)
        except StoreError as error:
            return error.reason
        return "joined"
