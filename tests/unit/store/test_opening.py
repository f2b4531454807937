"""Where the store is, who may read it, and what is said where it cannot be had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hipimu.errors import StoreError
from hipimu.store import Store, open_store
from hipimu.store.connect import place_of, store_url


def test_usually_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIPIMU_STORE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with open_store() as store:
        path = Path(store.place)
        assert path.name == "store.sqlite"
        assert store.strides_folder == path.with_name("store-strides")


def test_the_environment_names_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIPIMU_STORE", str(tmp_path / "new" / "season.sqlite"))
    with open_store() as store:
        assert store.strides_folder == tmp_path / "new" / "season-strides"
    monkeypatch.setenv("HIPIMU_STORE", f"sqlite:///{tmp_path}/other.sqlite")
    with open_store() as store:
        assert Path(store.place) == tmp_path / "other.sqlite"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "mine" / "store.sqlite")) as store:
        assert Path(store.place).stat().st_mode & 0o077 == 0
        assert Path(store.place).parent.stat().st_mode & 0o077 == 0


def test_sqlite_is_set_as_promised(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "s.sqlite")) as store, store.engine.connect() as connection:
        set_to = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert set_to == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "synchronous": 2,
    }


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://host/db", "unreachable"),
        ("http://host", "unreachable"),
        ("://", "unreachable"),
        ("sqlite://", "unreachable"),
        ("postgresql://u:secret@127.0.0.1:1/db", "unreachable"),
        ("/proc/none/store.sqlite", "unreachable"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(url: str, reason: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert refused.value.reason == reason
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in place_of(store_url("postgresql://u:secret@host/db"))


def test_without_psycopg_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.store.connect.find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"hipimu\[team\]"):
        open_store("postgresql://host/db")


def test_the_folder_of_strides_of_a_team(
    postgres: object, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv("HIPIMU_STORE_FILES", str(tmp_path / "shared"))
    with open_store(url) as opened:
        shared = opened.strides_folder == tmp_path / "shared"
    assert shared == url.startswith("postgresql")
    monkeypatch.delenv("HIPIMU_STORE_FILES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with open_store(url) as opened:
        assert tmp_path in opened.strides_folder.parents


def test_a_store_may_be_opened_again_while_it_is_in_use(tmp_path: Path) -> None:
    """To open and close its file beside SQLite would drop the locks that SQLite holds on it: the
    next program to leave would then take the log away, as if it were the last one.
    """
    place = str(tmp_path / "store.sqlite")
    another = "import sys; from hipimu.store import open_store\n"
    another += "with open_store(sys.argv[1]) as store: store.add_athlete('Bea')"

    with open_store(place) as store:
        store.add_athlete("Ada")
        with open_store(place) as again:
            assert len(again.athletes()) == 1
        subprocess.run([sys.executable, "-c", another, place], check=True)
        assert Path(f"{place}-wal").exists()
        assert [athlete.name for athlete in store.athletes()] == ["Ada", "Bea"]
