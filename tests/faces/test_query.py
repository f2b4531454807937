"""`hipimu query` through its real door: what it answers, and what nobody makes it do."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hipimu.data import Session
from hipimu.errors import QueryError
from hipimu.export import query, write_tables
from hipimu.export.query import ask, opened
from hipimu.export.query_sources import find_results, of_folders, of_store
from hipimu.export.strides_parquet import write_strides
from hipimu.export.tables import STRIDE_COLUMNS
from hipimu.store import open_store
from tests.faces.test_cli import DONE, USAGE, assert_refused, hipimu, names
from tests.unit.report.sessions import interval_session

SESSION = interval_session(minutes=6)
STARTED = datetime(2026, 7, 1, 18, 30, tzinfo=timezone(timedelta(hours=2)))


def put(session: Session, folder: Path) -> Path:
    write_tables(session, folder)
    write_strides(session, folder / "strides.parquet")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query") / "it's all"
    put(replace(SESSION, athlete="Anna", started_at=STARTED), folder / "one")
    put(replace(SESSION, athlete="Ben", strides=SESSION.strides[:10]), folder / "run [2]")
    put(SESSION, folder / ".hidden.part")
    return folder


@pytest.fixture(scope="module")
def connection(results: Path) -> Iterator[Any]:
    with ExitStack() as stack:
        yield stack.enter_context(opened(of_folders([results])))


def answer(connection: Any, question: str) -> list[tuple[Any, ...]]:
    return list(ask(connection, question).rows)


def test_every_stride_is_there_with_its_recording_and_athlete(connection: Any) -> None:
    counts = answer(
        connection, "SELECT recording, athlete, count(*) FROM strides GROUP BY ALL ORDER BY ALL"
    )
    assert counts == [("one", "Anna", len(SESSION.strides)), ("run [2]", "Ben", 10)]

    asked = ask(connection, "SELECT * FROM strides")
    assert asked.columns == ("recording", "athlete", *STRIDE_COLUMNS)


def test_sessions_and_estimates_are_those_of_the_summary(connection: Any, results: Path) -> None:
    summary = json.loads((results / "one" / "summary.json").read_text(encoding="utf-8"))
    session = "SELECT started_at, duration_s, strides_left FROM sessions WHERE athlete = 'Anna'"
    assert answer(connection, session) == [
        (
            STARTED.astimezone(UTC).replace(tzinfo=None),
            summary["duration_s"],
            sum(summary["strides"]["left"].values()),
        )
    ]
    estimates = answer(
        connection,
        "SELECT side, outcome, verdict, rfi_deg, rfi_low_deg, rfi_high_deg FROM fatigue "
        "WHERE recording = 'one'",
    )
    assert estimates == [
        (e["side"], e["outcome"], e["verdict"], e["rfi_deg"], *(e["rfi_deg_ci95"] or (None, None)))
        for e in summary["fatigue"]
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "COPY strides TO '{folder}/stolen.csv'",
        "COPY (SELECT 1 AS side) TO '{results}/one/strides.parquet' (FORMAT parquet, "
        "USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY strides TO '{folder}/stolen.csv'",
        "EXPORT DATABASE '{folder}/stolen'",
        "ATTACH '{folder}/new.db'",
        "ATTACH '{folder}/new.db' AS other; SELECT 1",
        "SELECT 1; COPY strides TO '{folder}/stolen.csv'",
        "INSTALL sqlite",
        "LOAD sqlite",
        "INSTALL httpfs FROM 'http://127.0.0.1:1'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_profiling",
        "PRAGMA database_list",
        "CALL enable_logging(storage = 'file', storage_path = '{folder}/log')",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '{folder}/log')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_text('{results}/one/summary.json')",
        "SELECT * FROM read_parquet('{folder}/secret.parquet')",
        "SELECT * FROM read_parquet('{results}/one/../../secret.parquet')",
        "SELECT * FROM '{folder}/secret.parquet'",
        "SELECT * FROM parquet_metadata('{folder}/secret.parquet')",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "SELECT * FROM query('COPY strides TO ''{folder}/stolen.csv''')",
        "SELECT getenv('HOME')",
        "SELECT * FROM connection",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE OR REPLACE VIEW sessions AS SELECT 1",
        "DROP VIEW strides",
        "DELETE FROM fatigue",
        "INSERT INTO fatigue SELECT * FROM fatigue",
        "UPDATE fatigue SET verdict = 'supported'",
        "CREATE SECRET (TYPE s3)",
        "PREPARE mine AS SELECT 1",
        "BEGIN",
        "CHECKPOINT",
        "",
        ";",
        "--",
    ],
)
def test_nothing_but_reading_these_results_is_possible(
    attack: str, connection: Any, results: Path
) -> None:
    folder = results.parent
    pq.write_table(pa.table({"secret": [1]}), folder / "secret.parquet")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    quoted = {"folder": str(folder), "results": str(results).replace("'", "''")}

    with pytest.raises(QueryError) as refused:
        answer(connection, attack.format(**quoted))

    assert refused.value.what.endswith(".")
    assert "\n" not in refused.value.what + refused.value.remedy
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert answer(connection, "SELECT count(*) FROM sessions") == [(2,)]


def test_too_much_memory_is_a_sentence(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_MEMORY", "50MB")
    with (
        opened(of_folders([results])) as connection,
        pytest.raises(QueryError, match="more than 50MB"),
    ):
        answer(connection, "SELECT list(i) FROM range(30000000) AS many(i)")


def test_an_error_in_the_midst_of_the_rows_is_a_sentence(connection: Any) -> None:
    late = "SELECT CASE WHEN i = 90000 THEN CAST('x' AS INT) ELSE i END FROM range(100000) AS r(i)"
    with pytest.raises(QueryError, match="Could not convert"):
        answer(connection, late)


def test_a_misspelt_column_is_told_with_what_there_is(results: Path) -> None:
    refused = hipimu("query", "SELECT peak_flexion FROM strides", "--in", results)
    assert_refused(refused, '"peak_flexion" not found', '"peak_flexion_deg"', "--columns")


def test_a_table_has_a_limit_and_says_so(results: Path) -> None:
    question = "SELECT side, stride, 1.5 AS half FROM strides WHERE recording = 'one'"
    whole, cut = (hipimu("query", question, "--in", results, *o) for o in ([], ["--rows", 3]))

    assert (whole.code, cut.code) == (DONE, DONE)
    assert whole.out.splitlines()[0].split() == ["side", "stride", "half"]
    assert len(whole.out.splitlines()) == 101
    assert whole.err == "Only the first 100 rows are shown; --rows shows more.\n"
    assert cut.out.splitlines() == whole.out.splitlines()[:4]
    assert "first 3 rows" in cut.err


def test_csv_and_json_hold_all_rows(results: Path) -> None:
    question = "SELECT recording, stride, speed_m_s, started_at FROM strides JOIN sessions USING "
    ordered = question + "(recording) ORDER BY recording, side, stride"
    options = ("query", ordered, "--in", results, "--format")
    as_csv, as_json = (hipimu(*options, name) for name in ("csv", "json"))

    assert (as_csv.err, as_json.err) == ("", "")
    rows = list(csv.DictReader(io.StringIO(as_csv.out)))
    objects = json.loads(as_json.out)
    assert len(rows) == len(objects) == len(SESSION.strides) + 10
    assert [int(row["stride"]) for row in rows] == [item["stride"] for item in objects]
    assert {item["started_at"] for item in objects} == {
        "2026-07-01T16:30:00",
        "2026-07-01T18:30:00",
    }


def test_no_row_is_still_json(results: Path) -> None:
    empty = hipimu(
        "query", "SELECT * FROM strides WHERE false", "--in", results, "--format", "json"
    )
    assert json.loads(empty.out) == []


def test_columns_are_listed(results: Path) -> None:
    listed = hipimu("query", "--columns", "--in", results).out.splitlines()
    assert listed[0].split() == ["view", "column", "type"]
    assert [line.split()[:2] for line in listed if " peak_flexion_deg " in line] == [
        ["strides", "peak_flexion_deg"]
    ]
    assert {line.split()[0] for line in listed[1:]} == {"strides", "sessions", "fatigue"}


def test_a_question_or_the_columns(results: Path) -> None:
    assert hipimu("query", "--in", results).code == USAGE
    assert hipimu("query", "SELECT 1", "--columns", "--in", results).code == USAGE


def test_several_folders_are_asked_together(results: Path, tmp_path: Path) -> None:
    put(SESSION, tmp_path / "later" / "one")
    put(SESSION, tmp_path / "later" / "two")

    found = find_results([results, tmp_path / "later", results])

    assert sorted(found.values()) == ["it's all/one", "later/one", "run [2]", "two"]
    with opened(of_folders([results, tmp_path / "later"])) as connection:
        assert answer(connection, "SELECT count(*) FROM sessions") == [(4,)]


def test_results_without_anything_are_refused(tmp_path: Path) -> None:
    assert_refused(hipimu("query", "SELECT 1", cwd=tmp_path), "no results in hipimu-batch")
    assert names(tmp_path) == set()


@pytest.mark.parametrize("text", ["{", "[]", '{"sensors": 3}', '{"athlete": "A"}'])
def test_a_damaged_summary_is_named(text: str, tmp_path: Path) -> None:
    folder = put(SESSION, tmp_path / "one")
    (folder / "summary.json").write_text(text, encoding="utf-8")
    with (
        pytest.raises(QueryError, match=r"summary\.json is no summary"),
        opened(of_folders([tmp_path])),
    ):
        pass


def test_a_damaged_table_is_a_sentence(tmp_path: Path) -> None:
    folder = put(SESSION, tmp_path / "one")
    (folder / "strides.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(QueryError) as refused, opened(of_folders([tmp_path])) as connection:
        answer(connection, "SELECT * FROM strides")
    assert "\n" not in refused.value.what


def rounded(row: tuple[Any, ...]) -> list[Any]:
    return [round(value, 9) if isinstance(value, float) else value for value in row]


def test_a_store_answers_as_its_results_do(results: Path, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store.sqlite")) as store:
        store.add_athlete("Anna")
        for number, session in enumerate((SESSION, replace(SESSION, started_at=STARTED))):
            mark = f"{number:064}"
            store.import_session(session, "Anna", recording_hash=mark, inputs_hash=mark)
        given = of_store(store)
        names = {session.session for session in store.summaries()}
    everything = "SELECT DISTINCT * EXCLUDE (recording, athlete) FROM strides ORDER BY side, stride"
    estimates = (
        "SELECT DISTINCT side, outcome, verdict, round(rfi_deg, 3), round(rfi_low_deg, 3), "
        "round(delta_easy_high_deg, 3) FROM fatigue ORDER BY ALL"
    )
    with opened(given) as connection, opened(of_folders([results])) as beside:
        recordings = {row[0] for row in answer(connection, "SELECT recording FROM sessions")}
        assert recordings == names
        assert answer(connection, "SELECT count(*) FROM strides") == [(2 * len(SESSION.strides),)]
        ours, theirs = (answer(each, everything) for each in (connection, beside))
        assert list(map(rounded, ours)) == list(map(rounded, theirs))
        assert answer(connection, estimates) == answer(beside, estimates)


def test_the_store_of_the_command(results: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "store.sqlite")
    empty = hipimu("query", "SELECT 1", "--store", HIPIMU_STORE=place)
    assert_refused(empty, "The store has no sessions.")
    both = hipimu("query", "SELECT 1", "--store", "--in", results, HIPIMU_STORE=place)
    assert both.code == USAGE


def test_strides_without_a_summary_are_still_strides(tmp_path: Path) -> None:
    folder = put(SESSION, tmp_path / "one")
    (folder / "summary.json").unlink()
    with opened(of_folders([tmp_path])) as connection:
        assert answer(connection, "SELECT DISTINCT recording, athlete FROM strides") == [
            ("one", None)
        ]


def test_a_name_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    put(SESSION, tmp_path / "\x1b[2Jgone")
    shown = hipimu("query", "SELECT recording FROM sessions", "--in", tmp_path)
    assert shown.code == DONE, shown.err
    assert "\x1b" not in shown.out
