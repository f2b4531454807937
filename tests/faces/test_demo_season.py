"""`hipimu demo --season` through its real door; the whole of it is made by `make season`."""

from __future__ import annotations

from pathlib import Path

from tests.faces.test_cli import DONE, USAGE, assert_refused, hipimu, names


def test_a_season_is_made_once_and_says_how_to_see_it(tmp_path: Path) -> None:
    place = tmp_path / "made" / "season" / "store.sqlite"
    order = ("demo", "--season", "--out", tmp_path / "made", "--athletes", 1, "--sessions", 1)

    made, again = hipimu(*order), hipimu(*order)

    assert (made.code, made.err) == (DONE, "")
    assert made.out.splitlines() == [
        f"Store: {place}",
        "Athletes: 1, sessions of each: 1, there already: 0",
        f"See it by: hipimu serve --store {place}",
    ]
    assert (again.code, again.err) == (DONE, "")
    assert "there already: 1\n" in again.out
    assert "ada-30  Ada Bauer" in hipimu("session", "list", HIPIMU_STORE=str(place)).out
    assert names(tmp_path) == {"made"}, "the recording is not kept"


def test_a_store_of_real_athletes_is_refused(tmp_path: Path) -> None:
    store = str(tmp_path / "store.sqlite")
    assert hipimu("athlete", "add", "Anna", HIPIMU_STORE=store).code == DONE
    refused = hipimu("demo", "--season", "--store", store, "--out", tmp_path)
    assert_refused(refused, "has athletes or sessions of somebody else")


def test_what_is_for_a_season_is_not_taken_without_one(tmp_path: Path) -> None:
    assert hipimu("demo", "--store", tmp_path / "store.sqlite").code == USAGE
    assert hipimu("demo", "--season", "--sessions", 31).code == USAGE
