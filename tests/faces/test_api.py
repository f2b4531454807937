"""The REST API on the real server, without accounts: what programs are told and may do."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pandas as pd
import pytest

from hipimu.data import Stride
from hipimu.store import Viewer
from hipimu.web.api.problems import KINDS
from tests.faces.api_program import BASE, Program, document
from tests.faces.coach_pages import Served, small_season

ADA = f"{BASE}/athletes/Ada%20Bauer"
RUN = f"{BASE}/sessions/ada-8"
PARQUET = "application/vnd.apache.parquet"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with small_season(tmp_path_factory.mktemp("season"), squad=4) as running:
        yield running


@pytest.fixture
def program(server: Served) -> Program:
    return Program(server.url)


# -- what is told


def test_it_says_who_asks(program: Program) -> None:
    assert program.get(f"{BASE}/me").json == {
        "name": "Pat",
        "role": "owner",
        "how": "local",
        "athlete": None,
        "team": None,
        "writes": True,
    }


def test_everybody_is_listed(server: Served, program: Program) -> None:
    listed = program.get(f"{BASE}/athletes").json["athletes"]
    assert [athlete["name"] for athlete in listed] == [a.name for a in server.store.athletes()]
    assert program.get(ADA).json == listed[0]


def test_a_session_is_told_wholly(server: Served, program: Program) -> None:
    told, known = program.get(RUN).json, server.store.history("ada-8")[0]
    summary = told["summary"]
    assert told["said"] in server.ask("/sessions/ada-8").text
    assert (told["before"], told["after"]) == ("ada-7", None)
    assert told["recording_hash"] == known.recording_hash
    assert datetime.fromisoformat(summary["started_at"]) == known.summary.started_at
    assert summary["duration_s"] == known.summary.duration_s
    assert summary["fatigue"][0]["rfi_ci95_rad"] == list(
        known.summary.fatigue[0].rfi_ci95_rad or ()
    )
    assert len(summary["cycles"][0]["mean_rad"]) == 101
    assert [sensor["sensor"] for sensor in told["sensors"]] == [s.sensor for s in known.sensors]
    assert len(program.get(f"{RUN}/history").json["analyses"]) == 1


def test_data_that_is_poor_is_said_in_words(program: Program) -> None:
    assert program.get(RUN).json["doubts"] == []
    assert program.get(f"{BASE}/sessions/dana-8").json["doubts"] == ["11.0 % of samples lost"]


def test_a_list_comes_in_pieces(server: Served, program: Program) -> None:
    found: list[str] = []
    more = ""
    for _ in range(len(server.store.listed()) // 7 + 1):
        piece = program.get(f"{BASE}/sessions?limit=7{more}").json
        found += [session["name"] for session in piece["sessions"]]
        more = f"&cursor={piece['next']}"
    assert piece["next"] is None
    assert found == [session.name for session in server.store.listed()]


def test_a_list_keeps_to_its_times(server: Served, program: Program) -> None:
    third = server.store.listed("Ada Bauer")[2].started_at
    assert third is not None
    since, until = quote(third.isoformat()), quote((third + timedelta(days=6)).isoformat())
    told = program.get(f"{ADA}/sessions?since={since}&until={until}").json
    assert [session["name"] for session in told["sessions"]] == ["ada-7", "ada-6"]


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=0", "since=2026-07-01T10:00:00", "since=0001-01-01T00:00:00%2B23:00",
     "limit=0", "limit=501", "limit=x"],
)  # fmt: skip
def test_what_bounds_a_list_has_to_be_something(program: Program, query: str) -> None:
    refused = program.get(f"{BASE}/sessions?{query}")
    assert (refused.status, refused.reason) == (422, "bad_value")
    assert refused.json["errors"][0]["where"] == f"query.{query.partition('=')[0]}"


@pytest.mark.parametrize("cursor", ["x", "%00", "WyJhIiwgMV0", "WzEsIG51bGxd", "ü"])
def test_a_cursor_has_to_be_one(program: Program, cursor: str) -> None:
    refused = program.get(f"{BASE}/sessions?cursor={quote(cursor)}")
    assert (refused.status, refused.reason) == (404, "not_found")


def test_the_squad_is_what_the_first_page_shows(server: Served, program: Program) -> None:
    told = program.get(f"{BASE}/squad").json
    page = server.ask("/").text
    names = [row["athlete"] for row in told["squad"]["rows"]]
    places = [page.index(f'href="/athletes/{quote(name)}"') for name in names]
    assert places == sorted(places)
    assert [told["latest"][name]["athlete"] for name in names] == names
    assert told["squad"]["unit"] == "rad"
    assert told["waiting"] == []


def test_a_trend_is_the_document_of_the_command(program: Program) -> None:
    told = program.get(f"{ADA}/trend?quantity=level_fast&side=left&weeks=0").json
    assert told["schema"] == "hipimu-trend/1"
    (trend,) = told["trends"]
    assert (trend["quantity"], trend["side"], trend["unit"]) == ("level_fast", "left", "deg")
    assert len(trend["points"]) == 8


def test_a_comparison_is_the_document_of_the_command(program: Program) -> None:
    told = program.get(f"{BASE}/compare?session=ada-8&session=ada-1&session=ada-4").json
    assert told["schema"] == "hipimu-comparison/1"
    assert told["sessions"] == ["ada-1", "ada-4", "ada-8"]
    assert [pair["second"] for pair in told["pairs"]] == ["ada-4", "ada-8"]
    assert told["pairs"][0]["differences"]


@pytest.mark.parametrize(
    "names", [["ada-1"], ["ada-1", "ada-1"], [f"ada-{n}" for n in range(1, 8)]]
)
def test_two_to_six_sessions_are_compared(program: Program, names: list[str]) -> None:
    query = "&".join(f"session={name}" for name in names)
    assert program.get(f"{BASE}/compare?{query}").status == 422


# -- strides and everything


def test_strides_are_the_same_in_every_form(server: Served, program: Program) -> None:
    known = server.store.strides("ada-8")
    told = program.get(f"{RUN}/strides").json
    rows = list(
        csv.DictReader(io.StringIO(program.get(f"{RUN}/strides?format=csv").content.decode()))
    )
    frame = pd.read_parquet(io.BytesIO(program.get(f"{RUN}/strides", Accept=PARQUET).content))

    assert told["total"] == len(told["strides"]) == len(rows) == len(known)
    assert list(told["strides"][0]) == list(rows[0]) == list(frame.columns) == list(Stride._fields)
    assert [row["peak_flexion_rad"] for row in told["strides"]] == list(known["peak_flexion_rad"])
    assert [float(row["peak_flexion_rad"]) for row in rows] == list(known["peak_flexion_rad"])
    assert list(frame["peak_flexion_rad"]) == list(known["peak_flexion_rad"])
    assert told["strides"][0]["stride_time_s"] is None
    assert ";".join(told["strides"][0]["reasons"]) == known["reasons"].iloc[0]


def test_strides_come_in_pieces(program: Program) -> None:
    whole = program.get(f"{RUN}/strides").json["strides"]
    piece = program.get(f"{RUN}/strides?offset=10&limit=5").json
    assert piece["strides"] == whole[10:15]
    assert (piece["offset"], piece["total"]) == (10, len(whole))


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.1, */*;q=0.5", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
    ],
)
def test_the_form_is_the_one_that_is_liked(program: Program, accept: str, kind: str) -> None:
    told = program.get(f"{RUN}/strides", Accept=accept)
    assert told.headers["content-type"].partition(";")[0] == kind
    assert told.headers["vary"] == "Accept"


def test_there_is_no_other_form(program: Program) -> None:
    refused = program.get(f"{RUN}/strides", Accept="image/png")
    assert (refused.status, refused.reason) == (406, "not_acceptable")


def test_a_person_takes_everything_along(
    server: Served, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = program.get(f"{ADA}/export")
    with zipfile.ZipFile(io.BytesIO(told.content)) as archive:
        names = archive.namelist()
        athlete = json.loads(archive.read("athlete.json"))
    assert told.headers["content-disposition"] == "attachment; filename*=UTF-8''Ada%20Bauer.zip"
    assert athlete["name"] == "Ada Bauer"
    assert {f"sessions/ada-{n}.json" for n in range(1, 9)} <= set(names)
    assert list(tmp_path.iterdir()) == []
    entry = server.store.accounts.audit(Viewer("test", "owner"))[0]
    assert (entry.action, entry.athlete) == ("athlete_exported", "Ada Bauer")


# -- what may be done


def test_an_athlete_comes_is_renamed_and_goes(server: Served, program: Program) -> None:
    made = program.ask("POST", f"{BASE}/athletes", {"name": "Zoë Ångström"})
    assert made.status == 201
    here = made.headers["location"]
    assert here == f"{BASE}/athletes/Zo%C3%AB%20%C3%85ngstr%C3%B6m"
    moved = program.ask("PATCH", here, {"team": "Sprint"})
    assert moved.json["team"] == "Sprint"
    assert program.get(f"{BASE}/teams").json == {"teams": ["Sprint"]}
    assert program.ask("POST", f"{BASE}/athletes", {"name": "zoë ångström"}).reason == "exists"
    renamed = program.ask("PATCH", here, {"name": "Zoe"})
    assert (renamed.json["name"], program.get(here).status) == ("Zoe", 404)
    assert program.ask("DELETE", f"{BASE}/athletes/Zoe").status == 204
    assert program.get(f"{BASE}/athletes/Zoe").status == 404
    done = [e.action for e in server.store.accounts.audit(Viewer("test", "owner"))[:4]]
    assert done == ["athlete_deleted", "athlete_renamed", "athlete_moved", "athlete_added"]


def test_one_change_at_a_time(program: Program) -> None:
    both = program.ask("PATCH", ADA, {"name": "Ida", "team": "Sprint"})
    assert both.status == 422
    assert program.get(ADA).json["team"] is None


def test_a_note_is_written_anew_deleted_and_brought_back(program: Program) -> None:
    made = program.ask("POST", f"{RUN}/notes", {"text": "stitch", "t_s": 750.5})
    here, note = made.headers["location"], made.json
    assert (note["author"], note["session"], note["t_s"]) == ("Pat", "ada-8", 750.5)
    assert program.ask("PATCH", here, {"text": "side stitch"}).json["text"] == "side stitch"
    assert note["id"] in [own["id"] for own in program.get(f"{ADA}/notes").json["notes"]]
    assert program.ask("DELETE", here).status == 204
    assert program.get(f"{RUN}/notes").json == {"notes": []}
    assert [n["text"] for n in program.get(f"{RUN}/notes?deleted=true").json["notes"]] == [
        "side stitch"
    ]
    assert program.ask("PATCH", here, {"text": "no"}).reason == "forbidden"
    assert program.ask("POST", f"{here}/restore").json["deleted_at"] is None
    assert program.get(here).json["text"] == "side stitch"
    assert program.ask("DELETE", here).status == 204


@pytest.mark.parametrize("t_s", [-1, 1e9, "12", True])
def test_a_moment_is_one_of_the_run(program: Program, t_s: object) -> None:
    refused = program.ask("POST", f"{RUN}/notes", {"text": "then", "t_s": t_s})
    assert (refused.status, refused.reason) == (422, "bad_value")


def test_what_is_said_of_a_session_takes_the_place_of_what_was(program: Program) -> None:
    where = f"{BASE}/sessions/ada-2/context"
    said = {"surface": "trail", "exertion": 7, "tags": ["long", "hills", "long"]}
    told = program.ask("PUT", where, said).json
    assert told == {
        "surface": "trail",
        "shoes": None,
        "exertion": 7.0,
        "injury": None,
        "tags": ["hills", "long"],
    }
    assert program.ask("PUT", where, {}).json["surface"] is None


def test_a_session_goes(program: Program) -> None:
    assert program.ask("DELETE", f"{BASE}/sessions/chidi-1").status == 204
    assert program.get(f"{BASE}/sessions/chidi-1").reason == "not_found"


# -- what is refused


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": "x"}', "", 415),
        (b'{"text": "x"}', "text/plain", 415),
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b'{"text": "x"}', "application/jsonx", 415),
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b'{"text": NaN}', "application/json", 422),
        (b"[" * 60_000, "application/json", 422),
        (b'{"text": ' + b"9" * 60_000 + b"}", "application/json", 422),
        (b'{"text": "\\ud800"}', "application/json", 422),
        (b'{"text": "\xff"}', "application/json", 422),
        (b'{"text": "x", "author": "me"}', "application/json", 422),
        (b'{"text": ""}', "application/json", 422),
        (b'{"text": " \\u0000 "}', "application/json", 422),
        (b'{"text": 1}', "application/json", 422),
        (b'{"text": "' + b"x" * 70_000, "application/json", 413),
    ],
)
def test_only_sound_json_is_taken(program: Program, body: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind} if kind else {}
    refused = program.ask("POST", f"{ADA}/notes", body, headers=headers)
    assert refused.status == status
    assert KINDS[refused.reason].status == status
    assert program.get(f"{ADA}/notes").json == {"notes": []}


def test_nobody_is_waited_for_who_sends_without_end(server: Served) -> None:
    told = urlsplit(server.url)
    connection = HTTPConnection(told.hostname or "", told.port, timeout=10)
    connection.putrequest("POST", f"{ADA}/notes")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for _ in range(70):
        connection.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{BASE}/athletes/Nobody", 404),
        (f"{BASE}/athletes/a%2Fb", 404),
        (f"{BASE}/athletes/a%0Ab", 404),
        (f"{BASE}/athletes/a%00b", 422),
        (f"{BASE}/athletes/%F0%9F%A6%9D", 404),
        (f"{BASE}/athletes/{'x' * 101}", 422),
        (f"{BASE}/sessions/%E2%80%AEtxt", 422),
        (f"{BASE}/notes/0", 422),
        (f"{BASE}/notes/99999999999999999999", 422),
        (f"{BASE}/notes/2147483647", 404),
        (f"{BASE}/nowhere", 404),
        (f"{BASE}/%0A", 404),
        ("/api/%0A", 404),
        ("/api/", 404),
        ("/api/v2/athletes", 404),
        (f"{BASE}/athletes/", 404),
    ],
)
def test_what_is_not_there_is_a_problem(program: Program, path: str, status: int) -> None:
    refused = program.get(path)
    told = refused.json
    assert (refused.status, told["status"]) == (status, status)
    assert told["type"] == f"/api/docs#problem-{refused.reason}"
    assert told["title"] == KINDS[refused.reason].title
    assert told["detail"]
    assert told["remedy"]
    assert "hipimu athlete" not in told["remedy"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", f"{BASE}/squad", "GET, HEAD"),
        ("PUT", ADA, "DELETE, GET, HEAD, PATCH"),
        ("GET", f"{BASE}/notes/1/restore", "POST"),
        ("HEAD", f"{BASE}/notes/1/restore", "POST"),
        ("OPTIONS", f"{BASE}/athletes", "GET, HEAD, POST"),
        ("PROPFIND", f"{BASE}/athletes", "GET, HEAD, POST"),
    ],
)
def test_other_methods_are_told_which_ones(
    program: Program, method: str, path: str, allowed: str
) -> None:
    refused = program.ask(method, path)
    assert refused.status == 405
    assert refused.headers["allow"] == allowed
    assert method == "HEAD" or refused.reason == "wrong_method"


def test_head_is_get_without_its_body(program: Program) -> None:
    whole, head = program.get(RUN), program.ask("HEAD", RUN)
    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_head_takes_nothing_along(server: Served, program: Program) -> None:
    before = server.store.accounts.audit(Viewer("test", "owner"))
    head = program.ask("HEAD", f"{ADA}/export")
    assert (head.status, head.headers["content-type"]) == (200, "application/zip")
    assert program.ask("HEAD", f"{BASE}/athletes/Nobody/export").status == 404
    assert server.store.accounts.audit(Viewer("test", "owner")) == before


def test_another_page_cannot_change_anything(program: Program) -> None:
    other = {"Origin": "https://evil.example"}
    refused = program.ask("POST", f"{BASE}/athletes", {"name": "Eve"}, headers=other)
    assert refused.reason == "forbidden"
    assert program.get(f"{BASE}/athletes", Host="evil.example").reason == "misdirected"
    assert program.get(f"{BASE}/athletes/Eve").status == 404


def test_what_nobody_foresaw_is_a_problem_without_causes(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("hipimu.web.api.weeks.squad_now", broken)
    refused = program.get(f"{BASE}/squad")
    assert (refused.status, refused.reason) == (500, "failed")
    assert b"secret" not in refused.content


def test_a_store_that_cannot_answer_names_no_places(server: Served, program: Program) -> None:
    hidden = server.store.strides_files()["ada-5"]
    moved = hidden.rename(hidden.with_suffix(".away"))
    refused = program.get(f"{BASE}/sessions/ada-5/strides")
    moved.rename(hidden)
    assert (refused.status, refused.reason) == (500, "missing_files")
    assert str(hidden.parent).encode() not in refused.content


# -- the document itself


def test_the_document_is_served_as_it_is(program: Program) -> None:
    assert program.get(f"{BASE}/openapi.json").json == document()


def test_answers_come_at_once_on_a_connection_that_is_kept(server: Served) -> None:
    told = urlsplit(server.url)
    connection = HTTPConnection(told.hostname or "", told.port, timeout=10)
    waited_s = []
    for _ in range(9):
        begun_s = time.perf_counter()
        connection.request("GET", f"{BASE}/me")
        connection.getresponse().read()
        waited_s.append(time.perf_counter() - begun_s)
    connection.close()
    assert min(waited_s) < 0.03
