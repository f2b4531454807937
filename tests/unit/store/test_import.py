"""A session is kept once, whole, and with its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy.exc import StatementError

from hipimu.data import SessionSummary, TrainingContext
from hipimu.errors import StoreError
from hipimu.store import Imported, Store, importing, summarise, write_document
from hipimu.store.files import strides_frame
from tests.unit.store.sessions import STARTED, hash_of, run, variant

TRACK = TrainingContext("track", "spikes", 7.5, None, ("intervals", "before race"))


def same(one: SessionSummary, other: SessionSummary) -> bool:
    return write_document(one) == write_document(other)


def test_what_is_kept_comes_back_whole(store: Store) -> None:
    store.add_athlete("Anna")
    session = variant()
    kept = store.import_session(session, "anna", recording_hash=hash_of(), context=TRACK)

    assert kept == Imported("run-0", new=True, reanalysed=False)
    context = replace(TRACK, tags=("before race", "intervals"))
    expected = summarise(session, athlete="Anna", name="run-0", context=context)
    assert same(store.summary("run-0"), expected)
    assert expected.cycles
    assert expected.strength is not None
    assert expected.strength.profiles
    pd.testing.assert_frame_equal(store.strides("run-0"), strides_frame(session.strides))


def test_the_same_again_changes_nothing_and_says_so(store: Store, files: Path) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    again = store.import_session(variant(), "Anna", recording_hash=hash_of())

    assert again == Imported("run-0", new=False, reanalysed=False)
    assert len(store.history("run-0")) == 1
    assert len(store.listed()) == 1
    assert len(list(files.glob("*/*"))) == 1


def test_another_analysis_becomes_current_and_the_first_its_history(store: Store) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of(), context=TRACK)
    causal = variant(5, recording="run 0", method="causal", parameters={"method": "causal"})
    again = store.import_session(causal, "Anna", recording_hash=hash_of())

    assert again == Imported("run-0", new=False, reanalysed=True)
    assert store.summary("run-0").method == "causal"
    assert store.summary("run-0").context.shoes == "spikes"
    assert store.strides("run-0").peak_flexion_rad[0] == 0.505
    now, before = store.history("run-0")
    assert (now.current, before.current) == (True, False)
    assert (now.parameters, before.summary.method) == ({"method": "causal"}, "refined")
    assert before.recording_hash == hash_of()
    assert before.sensors == run().sensors


@pytest.mark.parametrize(
    "changes",
    [
        {"filter": "mahony"},
        {"hipimu_version": "99"},
        {"parameters": {"from_s": 3.0}},
        {"method": "causal"},
    ],
)
def test_what_makes_another_analysis(store: Store, changes: dict[str, Any]) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of())

    assert store.import_session(variant(**changes), "Anna", recording_hash=hash_of()).reanalysed


def test_other_laps_make_another_analysis(store: Store) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of(), inputs_hash=hash_of(1))

    assert store.import_session(
        variant(), "Anna", recording_hash=hash_of(), inputs_hash=hash_of(2)
    ).reanalysed


def test_back_to_an_earlier_analysis(store: Store) -> None:
    store.add_athlete("Anna")
    for session in (variant(), variant(filter="mahony"), variant()):
        last = store.import_session(session, "Anna", recording_hash=hash_of())

    assert last.reanalysed
    assert [a.summary.filter for a in store.history("run-0")] == ["vqf", "mahony"]


def test_asked_before_the_analysis(store: Store) -> None:
    store.add_athlete("Anna")
    session = variant()
    store.import_session(session, "Anna", recording_hash=hash_of(), inputs_hash=hash_of(1))

    def asked(version: str) -> str | None:
        return store.has_analysis(
            "Anna",
            recording_hash=hash_of(),
            inputs_hash=hash_of(1),
            method=session.method,
            filter=session.filter,
            hipimu_version=version,
            parameters=session.parameters,
        )

    assert asked(session.hipimu_version) == "run-0"
    assert asked("99") is None


def test_a_recording_has_one_owner(store: Store, files: Path) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    store.import_session(variant(), "Anna", recording_hash=hash_of())

    with pytest.raises(StoreError) as refused:
        store.import_session(variant(7), "Ben", recording_hash=hash_of())
    assert refused.value.reason == "other_athlete"
    assert len(list(files.glob("*/*.parquet"))) == 1


def test_nobody_to_keep_it_for(store: Store, files: Path) -> None:
    with pytest.raises(StoreError) as refused:
        store.import_session(variant(), "Nobody", recording_hash=hash_of())
    assert refused.value.reason == "not_found"
    assert not list(files.glob("*/*"))


def test_recordings_of_one_name_are_numbered(store: Store) -> None:
    store.add_athlete("Anna")
    names = [
        store.import_session(
            variant(number, recording="Über 5 km/easy"), "Anna", recording_hash=hash_of(number)
        ).name
        for number in range(3)
    ]
    assert names == ["Über-5-km-easy", "Über-5-km-easy-2", "Über-5-km-easy-3"]


def test_moments_are_in_utc_whatever_the_clocks_did(store: Store) -> None:
    """Two runs within the hour that Berlin's clocks showed twice."""
    store.add_athlete("Anna")
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    starts = [first, first.replace(fold=1)]
    for number, start in enumerate(starts):
        session = variant(number, started_at=start)
        store.import_session(session, "Anna", recording_hash=hash_of(number))

    later, sooner = store.listed()
    assert sooner.started_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert later.started_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert later.started_at is not None
    assert later.started_at.utcoffset() == timedelta(0)
    assert store.summary("run-1").started_at == later.started_at
    assert [s.name for s in store.listed(until=datetime(2026, 10, 25, 1, tzinfo=UTC))] == ["run-0"]
    assert [s.name for s in store.listed(since=datetime(2026, 10, 25, 1, tzinfo=UTC))] == ["run-1"]


def test_any_zone_may_be_asked_in(store: Store) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    tokyo = STARTED.astimezone(ZoneInfo("Asia/Tokyo"))

    assert len(store.listed(since=tokyo)) == 1
    assert store.listed(since=tokyo + timedelta(seconds=1)) == ()
    assert store.listed(until=tokyo) == ()
    with pytest.raises(StatementError, match="needs a time zone"):
        store.listed(since=tokyo.replace(tzinfo=None))


def test_strides_are_on_the_disk_before_anything_refers_to_them(
    store: Store, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_athlete("Anna")
    seen: list[int] = []

    def put(*arguments: Any) -> Imported:
        seen.append(len(list(files.glob("*/*.parquet"))))
        return importing_put(*arguments)

    importing_put = importing.put
    monkeypatch.setattr(importing, "put", put)
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    assert seen == [1]


def test_lists_hold_what_summaries_say(store: Store) -> None:
    store.add_athlete("Anna")
    store.add_athlete("Ben")
    for number in range(3):
        start = STARTED + timedelta(days=number)
        owner = "Ben" if number == 1 else "Anna"
        session = variant(number, started_at=start)
        store.import_session(session, owner, recording_hash=hash_of(number), context=TRACK)

    assert [s.name for s in store.listed()] == ["run-2", "run-1", "run-0"]
    assert [s.session for s in store.summaries("ANNA")] == ["run-2", "run-0"]
    (short,), (full,) = store.listed("Ben"), store.summaries("Ben")
    assert short.context == full.context == replace(TRACK, tags=("before race", "intervals"))
    assert full.cycles == ()
    for listed, told in zip(short.fatigue, full.fatigue, strict=True):
        for name in ("verdict", "rfi_rad", "rfi_ci95_rad", "delta_fast_ci95_rad", "line_rad"):
            assert getattr(listed, name) == getattr(told, name)
    assert store.athlete("anna").sessions == 2
    assert store.athlete("anna").last_session_at == STARTED + timedelta(days=2)


def test_a_session_without_a_start_or_strides(store: Store) -> None:
    store.add_athlete("Anna")
    bare = variant(started_at=None, strides=(), fatigue=(), strength=None, cycles=(), bouts=())
    store.import_session(bare, "Anna", recording_hash=hash_of())

    assert store.listed()[0].started_at is None
    assert store.listed()[0].fatigue == ()
    assert store.strides("run-0").empty
    assert same(store.summary("run-0"), summarise(bare, athlete="Anna", name="run-0"))


def test_a_hash_is_a_hash(store: Store) -> None:
    store.add_athlete("Anna")
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        store.import_session(variant(), "Anna", recording_hash="run")


def test_damaged_and_missing_strides_are_told(store: Store, files: Path) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of())
    (file,) = files.glob("*/*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError) as refused:
        store.strides("run-0")
    assert refused.value.reason == "damaged"
    file.unlink()
    with pytest.raises(StoreError) as refused:
        store.strides("run-0")
    assert refused.value.reason == "missing_files"


def test_what_a_person_says_can_be_said_anew(store: Store) -> None:
    store.add_athlete("Anna")
    store.import_session(variant(), "Anna", recording_hash=hash_of(), context=TRACK)
    store.set_context("run-0", TrainingContext(injury=" left hip ", tags=("b", "a", "b", " ")))

    assert store.summary("run-0").context == TrainingContext(injury="left hip", tags=("a", "b"))
    assert store.tags() == store.tags("anna") == ("a", "b")
    with pytest.raises(StoreError, match="not on the scale"):
        store.set_context("run-0", TrainingContext(exertion=float("nan")))
