"""The row of uploads: bounded, in order, told about, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from hipimu.errors import StoreError, UploadError
from hipimu.pipeline.intake import Intake, IntakeView, Sent, Upload, UploadLimits
from hipimu.pipeline.intake.order import Kept, News, Order, Problem
from hipimu.pipeline.intake.place import uploads_folder
from hipimu.pipeline.intake.process import CancelledError
from hipimu.store import Store, StoreView, Viewer, open_store
from tests.uploads import files_below

PAT = Viewer("Pat", "owner", user_id=1)
CAROL = Viewer("Carol", "coach", user_id=2, team="Milers")
ADA = Viewer("Ada", "athlete", user_id=3, athlete="Ada")
BO = Viewer("Bo", "athlete", user_id=4, athlete="Bo")
LIMITS = UploadLimits(free_mb=1)


class Reader:
    """Reads nothing, and ends when it is let."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.go = Event()
        self.ending: Kept | Problem | Exception = Kept("run", "new", ("a.html",))

    def __call__(
        self, order: Order, tell: Callable[[News], None], cancelled: Event
    ) -> Kept | Problem:
        assert (order.folder / "parts" / "0").read_bytes() == b"samples"
        self.orders.append(order)
        tell(News("analysing", 0.25))
        while not self.go.wait(0.01):
            if cancelled.is_set():
                raise CancelledError
        if isinstance(self.ending, Exception):
            raise self.ending
        return self.ending


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "store.sqlite")) as opened:
        for name in ("Ada", "Bo"):
            opened.add_athlete(name)
        opened.set_team("Ada", "Milers")
        yield opened


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.go.set()


@pytest.fixture
def intake(store: Store, reader: Reader) -> Iterator[Intake]:
    made = Intake(store, LIMITS, reader)
    yield made
    reader.go.set()
    made.stop()


def view(intake: Intake, store: Store, viewer: Viewer = PAT) -> IntakeView:
    return IntakeView(intake, StoreView(store, viewer))


def send(seen: IntakeView, athlete: str = "Ada") -> Upload:
    upload = seen.begin(athlete, 7)
    seen.intake.part(upload, "0").write_bytes(b"samples")
    assert seen.intake.received(upload.id, 7)
    return seen.intake.queue(upload.id, [Sent("0", "pelvis.csv")], name="Track")


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def left(store: Store) -> list[str]:
    files = files_below(uploads_folder(store.strides_folder))
    return sorted(name.rpartition("/")[2] for name in files)


@pytest.mark.parametrize(
    ("strides", "uploads"),
    [("a/store-strides", "a/store-uploads"), ("b/strides", "b/uploads"), ("c/d", "c/d-uploads")],
)
def test_uploads_lie_beside_the_strides(strides: str, uploads: str) -> None:
    assert uploads_folder(Path(strides)) == Path(uploads)


def test_an_upload_goes_its_way(store: Store, intake: Intake, reader: Reader) -> None:
    seen = view(intake, store)
    upload = seen.begin("ada", 7)
    assert (upload.athlete, upload.sender, upload.state) == ("Ada", "Pat", "receiving")
    folder = uploads_folder(store.strides_folder)
    if os.name == "posix":
        kept = [folder, *folder.rglob("*")]
        assert {stat.S_IMODE(p.stat().st_mode) for p in kept if p.is_dir()} == {0o700}

    intake.part(upload, "0").write_bytes(b"samples")
    intake.received(upload.id, 3)
    halfway = seen.upload(upload.id)
    assert (halfway.received, halfway.done) == (3, 3 / 7)

    intake.queue(upload.id, [Sent("0", "pelvis.csv")], name="Track")
    until(lambda: seen.upload(upload.id).state == "analysing")
    assert seen.upload(upload.id).done == 0.25
    (order,) = reader.orders
    assert order.names == ("Track", f"run-{upload.sent_at:%Y-%m-%d}")
    assert "sqlite" in order.store

    reader.go.set()
    until(lambda: seen.upload(upload.id).ended)
    ended = seen.upload(upload.id)
    assert (ended.state, ended.session, ended.outcome) == ("kept", "run", "new")
    assert ended.left_out == ("a.html",)
    until(lambda: left(store) == [])


def test_they_are_read_one_after_the_other_in_order(
    store: Store, intake: Intake, reader: Reader
) -> None:
    seen = view(intake, store)
    slow = seen.begin("Ada", 7)
    sent = [send(seen) for _ in range(3)]
    until(lambda: reader.orders)
    assert [seen.upload(upload.id).ahead for upload in sent[1:]] == [1, 2]
    intake.part(slow, "0").write_bytes(b"samples")
    assert intake.queue(slow.id, [Sent("0", "a.csv")]).ahead == 3
    reader.go.set()
    until(lambda: all(upload.ended for upload in seen.uploads()))
    assert [order.folder.name for order in reader.orders] == [u.id for u in [*sent, slow]]


@pytest.mark.parametrize(
    ("ending", "state", "said"),
    [
        (Problem("No.", "Try."), "refused", "No."),
        (RuntimeError("a secret"), "refused", "Something went wrong on this side."),
    ],
)
def test_what_is_not_kept_says_why_and_the_next_is_read(
    store: Store,
    intake: Intake,
    reader: Reader,
    ending: Problem | Exception,
    state: str,
    said: str,
) -> None:
    seen = view(intake, store)
    reader.ending = ending
    reader.go.set()
    first, second = send(seen), send(seen)
    until(lambda: seen.upload(second.id).ended)
    for upload in (seen.upload(first.id), seen.upload(second.id)):
        assert upload.state == state
        assert upload.problem is not None
        assert upload.problem.what == said
    until(lambda: left(store) == [])


def test_the_audit_trail_has_what_became_of_it(
    store: Store, intake: Intake, reader: Reader
) -> None:
    reader.go.set()
    local = Viewer("Pat", "owner")
    first = send(view(intake, store, local))
    until(lambda: view(intake, store).upload(first.id).ended)
    reader.ending = Problem("No.", "Try.")
    send(view(intake, store, local), "Bo")

    def trail() -> list[tuple[str, str | None]]:
        return [(entry.action, entry.athlete) for entry in store.accounts.audit(PAT)]

    until(lambda: len(trail()) == 2)
    assert trail() == [("upload_refused", "Bo"), ("uploaded", "Ada")]


# -- limits


def test_only_so_many_of_one_person_wait(store: Store, intake: Intake, reader: Reader) -> None:
    seen = view(intake, store)
    for _ in range(LIMITS.waiting_each):
        send(seen)
    with pytest.raises(UploadError, match="Too many uploads of yours") as caught:
        seen.begin("Ada", 1)
    assert caught.value.reason == "too_many"
    # Others do not suffer for it.
    send(view(intake, store, CAROL))
    reader.go.set()
    until(lambda: all(upload.ended for upload in seen.uploads()))
    seen.begin("Ada", 1)


def test_only_so_many_of_all_wait(store: Store, reader: Reader) -> None:
    intake = Intake(store, replace(LIMITS, waiting_all=3), reader)
    for viewer in (PAT, CAROL, ADA):
        send(view(intake, store, viewer))
    with pytest.raises(UploadError, match="Too many uploads are waiting"):
        view(intake, store, BO).begin("Bo", 1)
    intake.stop()


def test_room_is_looked_for_before_anything_comes(store: Store) -> None:
    uploads = uploads_folder(store.strides_folder)
    intake = Intake(store, replace(LIMITS, free_mb=10**9))
    with pytest.raises(UploadError, match="disk of this server is full") as caught:
        view(intake, store).begin("Ada", 1)
    assert caught.value.reason == "no_room"
    assert list(uploads.iterdir()) == []


def test_a_place_that_cannot_be_made_is_said(store: Store) -> None:
    uploads_folder(store.strides_folder).write_text("in the way")
    with pytest.raises(UploadError) as caught:
        view(Intake(store, LIMITS), store).begin("Ada", 1)
    assert caught.value.reason == "no_room"


def test_a_place_that_somebody_took_away_is_made_anew(
    store: Store, intake: Intake, reader: Reader
) -> None:
    seen = view(intake, store)
    seen.begin("Ada", 1)
    shutil.rmtree(uploads_folder(store.strides_folder))
    reader.go.set()
    upload = send(seen)
    until(lambda: seen.upload(upload.id).state == "kept")


def test_limits_are_set_by_the_environment() -> None:
    assert UploadLimits.from_environment({"HIPIMU_UPLOAD_TOTAL_MB": "7"}) == UploadLimits(7)
    assert UploadLimits.from_environment({}) == UploadLimits()
    for odd in ("", "0", "-1", "1e9", "much", "٣"):
        with pytest.raises(UploadError, match="HIPIMU_UPLOAD_RATIO"):
            UploadLimits.from_environment({"HIPIMU_UPLOAD_RATIO": odd})


def test_what_is_remembered_is_bounded(store: Store, intake: Intake, reader: Reader) -> None:
    reader.go.set()
    seen = view(intake, store)
    for _ in range(205):
        upload = send(seen)
        until(lambda upload=upload: seen.upload(upload.id).ended)  # type: ignore[misc]
    assert len(seen.uploads()) == 200


# -- ending


def test_cancelling(store: Store, intake: Intake, reader: Reader) -> None:
    seen = view(intake, store)
    reading, waiting = send(seen), send(seen)
    arriving = seen.begin("Ada", 7)
    until(lambda: reader.orders)
    assert seen.cancel(waiting.id).state == "cancelled"
    seen.cancel(reading.id)
    until(lambda: seen.upload(reading.id).state == "cancelled")
    seen.cancel(arriving.id)
    assert not intake.received(arriving.id, 3)
    intake.give_up(arriving.id)
    assert seen.upload(arriving.id).state == "cancelled"
    # It has ended, and cancelling it again is nothing.
    assert seen.cancel(reading.id).state == "cancelled"
    assert len(reader.orders) == 1
    until(lambda: left(store) == [])


def test_what_is_given_up_leaves_nothing(store: Store, intake: Intake) -> None:
    seen = view(intake, store)
    upload = seen.begin("Ada", 7)
    intake.part(upload, "0").write_bytes(b"sam")
    intake.give_up(upload.id)
    assert left(store) == []
    assert seen.uploads() == ()


def test_the_next_server_tells_what_the_end_of_this_one_interrupted(
    store: Store, reader: Reader
) -> None:
    intake = Intake(store, LIMITS, reader)
    seen = view(intake, store)
    reading, waiting = send(seen), send(seen, "Bo")
    until(lambda: reader.orders)
    intake.stop()
    assert left(store) == ["upload.json", "upload.json"]
    with pytest.raises(UploadError, match="about to end"):
        seen.begin("Ada", 1)

    after = view(Intake(store, LIMITS, reader), store)
    told = {upload.id: upload for upload in after.uploads()}
    assert set(told) == {reading.id, waiting.id}
    assert {upload.state for upload in told.values()} == {"interrupted"}
    assert told[waiting.id].athlete == "Bo"
    assert (told[reading.id].user_id, told[reading.id].sent_at) == (1, reading.sent_at)
    assert list(uploads_folder(store.strides_folder).iterdir()) == []


def test_what_was_kept_is_not_told_as_interrupted(store: Store, reader: Reader) -> None:
    intake = Intake(store, LIMITS, reader)
    reader.go.set()
    upload = send(view(intake, store))
    until(lambda: view(intake, store).upload(upload.id).ended)
    intake.stop()
    assert view(Intake(store, LIMITS, reader), store).uploads() == ()
    assert list(uploads_folder(store.strides_folder).iterdir()) == []


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from hipimu.pipeline.intake.place import Place
from hipimu.pipeline.intake.upload import Upload
from datetime import UTC, datetime
place = Place(Path({uploads!r}))
folder = place.make(Upload("a" * 32, "Ada", "Pat", 1, datetime.now(UTC)))
(folder / "parts").mkdir()
(folder / "parts" / "0").write_bytes(bytes(1000))
print("held", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_server_left_is_told_and_taken_away_but_not_anothers(store: Store) -> None:
    uploads = uploads_folder(store.strides_folder)
    root = str(Path(__file__).parents[3])
    script = KILLED.format(root=root, uploads=str(uploads))
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == b"held\n"
        assert view(Intake(store, LIMITS), store).uploads() == ()
        assert left(store) == ["0", "upload.json"]
        other.kill()
        other.wait()
        (told,) = view(Intake(store, LIMITS), store).uploads()
    assert (told.id, told.athlete, told.state) == ("a" * 32, "Ada", "interrupted")
    assert list(uploads.iterdir()) == []


def test_what_cannot_be_told_is_taken_away(store: Store) -> None:
    place = uploads_folder(store.strides_folder) / "b" / "c"
    place.mkdir(parents=True)
    (place.parent / "held").touch()
    for odd in (
        b"",
        b"[]",
        b"{}",
        b'{"id": 3, "sent_at": "x"}',
        b'{"sent_at": 4}',
        b"\xff",
        b'{"id": "c", "sent_at": "2026-07-01"}',
    ):
        place.mkdir(parents=True, exist_ok=True)
        (place.parent / "held").touch()
        (place / "upload.json").write_bytes(odd)
        assert view(Intake(store, LIMITS), store).uploads() == ()
        assert not place.exists()


# -- who may see it


def test_only_who_sent_it_and_owners_see_it(store: Store, intake: Intake, reader: Reader) -> None:
    of_ada = send(view(intake, store, ADA))
    of_carol = send(view(intake, store, CAROL))
    of_bo = send(view(intake, store, BO), "Bo")
    seen = {
        viewer.name: {upload.id for upload in view(intake, store, viewer).uploads()}
        for viewer in (PAT, CAROL, ADA, BO)
    }
    assert seen["Pat"] == {of_ada.id, of_carol.id, of_bo.id}
    assert (seen["Carol"], seen["Ada"], seen["Bo"]) == ({of_carol.id}, {of_ada.id}, {of_bo.id})
    for stranger in (view(intake, store, CAROL), view(intake, store, BO)):
        for refused in (stranger.upload, stranger.cancel):
            with pytest.raises(StoreError) as caught:
                refused(of_ada.id)
            assert caught.value.reason == "not_found"
            with pytest.raises(StoreError, match=caught.value.what):
                refused("f" * 32)


def test_only_those_who_may_send(store: Store, intake: Intake) -> None:
    for viewer, athlete in ((CAROL, "Bo"), (ADA, "Bo"), (PAT, "Nobody")):
        with pytest.raises(StoreError) as caught:
            view(intake, store, viewer).begin(athlete, 1)
        assert caught.value.reason == "not_found"
    reads = replace(PAT, writes=False)
    assert view(intake, store, reads).athletes() == ()
    with pytest.raises(StoreError) as caught:
        view(intake, store, reads).begin("Ada", 1)
    assert caught.value.reason == "forbidden"
    assert view(intake, store, CAROL).athletes() == ("Ada",)


def test_who_lost_sight_of_an_athlete_sees_no_upload_of_theirs(
    store: Store, intake: Intake
) -> None:
    seen = view(intake, store, CAROL)
    upload = send(seen)
    store.set_team("Ada", "Sprinters")
    assert seen.uploads() == ()
    with pytest.raises(StoreError, match="no such upload"):
        seen.upload(upload.id)


def test_many_send_at_once(store: Store, intake: Intake, reader: Reader) -> None:
    reader.go.set()
    taken: list[Upload] = []
    refused: list[UploadError] = []

    def one(viewer: Viewer) -> None:
        try:
            taken.append(send(view(intake, store, viewer), viewer.athlete or "Ada"))
        except UploadError as error:
            refused.append(error)

    threads = [Thread(target=one, args=(who,)) for who in (PAT, CAROL, ADA, BO) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) + len(refused) == 32
    assert len(taken) >= LIMITS.waiting_each
    until(lambda: all(upload.ended for upload in view(intake, store).uploads()))
    assert {order.folder.name for order in reader.orders} == {upload.id for upload in taken}
    until(lambda: left(store) == [])
