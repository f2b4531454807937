"""A season: what of it a store lacks, and how it comes there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from hipimu.errors import OutputError
from hipimu.pipeline import season
from hipimu.pipeline.season import SeasonOrder, make_season, make_session, missing_sessions
from hipimu.sources.simulate.season import SQUAD, SeasonSession, season_session
from hipimu.store import Store, open_store
from tests.unit.conftest import short_plan
from tests.unit.store.sessions import hash_of, variant

TODAY = date(2026, 7, 10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "store.sqlite")) as opened:
        yield opened


def brief(session: SeasonSession) -> SeasonSession:
    """The same session in 44 s."""
    plan = short_plan(session.plan.seed, started_at=session.plan.started_at)
    return replace(session, plan=plan)


def test_an_empty_store_lacks_everything_and_gets_the_latest_first(store: Store) -> None:
    missing = missing_sessions(store, TODAY)

    assert len(missing) == 420
    assert [session.name for session in missing[:2]] == ["ada-30", "bjorn-30"]
    assert {session.name for session in missing_sessions(store, TODAY, 2, 3)} == {
        *("ada-28", "ada-29", "ada-30"),
        *("bjorn-28", "bjorn-29", "bjorn-30"),
    }


def test_what_is_there_is_not_made_again_and_its_days_go_on(store: Store) -> None:
    store.add_athlete("Ada Bauer")
    kept = variant(
        recording="ada-30", simulated=True, started_at=datetime(2026, 7, 1, 16, 5, tzinfo=UTC)
    )
    store.import_session(kept, "Ada Bauer", recording_hash=hash_of())

    missing = missing_sessions(store, TODAY)

    assert len(missing) == 419
    assert missing[0] == season_session(SQUAD[1], 29, date(2026, 7, 2))


@pytest.mark.parametrize(
    ("athlete", "changes"),
    [
        ("Ada Bauer", {"recording": "ada-30", "simulated": False}),
        ("Ada Bauer", {"recording": "tuesday", "simulated": True}),
        ("Somebody", {"recording": "ada-30", "simulated": True}),
    ],
)
def test_somebody_else_s_store_is_left_alone(
    store: Store, athlete: str, changes: dict[str, Any]
) -> None:
    store.add_athlete(athlete)
    store.import_session(variant(**changes), athlete, recording_hash=hash_of())
    with pytest.raises(OutputError, match="of somebody else"):
        missing_sessions(store, TODAY)


def test_a_store_with_a_strange_athlete_is_left_alone(store: Store) -> None:
    store.add_athlete("Somebody")
    with pytest.raises(OutputError, match="of somebody else"):
        missing_sessions(store, TODAY)


def test_a_session_goes_the_whole_way(store: Store, tmp_path: Path) -> None:
    (wanted,) = missing_sessions(store, TODAY, 1, 1)
    store.add_athlete(wanted.athlete)

    row = make_session(SeasonOrder(brief(wanted), store.place, tmp_path))

    assert (row.name, row.error) == ("ada-30", "")
    (listed,) = store.listed()
    assert (listed.athlete, listed.recording, listed.simulated) == ("Ada Bauer", "ada-30", True)
    assert listed.started_at == wanted.plan.started_at
    assert listed.context == wanted.context
    assert not list(tmp_path.glob("*/ada-30")), "the recording is not kept"
    assert missing_sessions(store, TODAY, 1, 1) == []


def test_what_goes_wrong_is_told_with_the_session(store: Store, tmp_path: Path) -> None:
    (wanted,) = missing_sessions(store, TODAY, 1, 1)
    row = make_session(SeasonOrder(brief(wanted), store.place, tmp_path))
    assert "Ada Bauer" in row.error, "nobody has added her"
    assert row.remedy


def test_an_interrupted_season_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [brief(session) for session in missing_sessions(store, TODAY, 2, 1)]
    with closing(make_season(store, store.place, wanted, jobs=1)) as coming:
        first = next(coming)
    left = missing_sessions(store, TODAY, 2, 1)

    assert first.error == ""
    assert [session.name for session in left] == ["bjorn-30"]
    monkeypatch.setattr(season, "in_processes", lambda work, orders, *_: map(work, orders))
    assert [row.error for row in make_season(store, store.place, list(map(brief, left)), 1)] == [""]
    assert missing_sessions(store, TODAY, 2, 1) == []


def test_a_password_stands_in_no_message() -> None:
    session = season_session(SQUAD[0], 0, TODAY)
    order = SeasonOrder(session, "postgresql://coach:secret@host/db", Path())
    assert "secret" not in repr(order)
