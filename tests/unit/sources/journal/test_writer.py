"""The writer: what it acknowledges is on the disk, and no trouble with the disk stops the radio."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import LinkEvent, Packet
from hipimu.errors import JournalError
from hipimu.sources.journal import Damage, JournalMetadata, JournalWriter, read_journal
from tests.unit.sources.journal.examples import (
    ENTRIES,
    METADATA,
    NOTIFY,
    frames_in,
    packet,
    proper,
    put,
)


class Disk:
    """A disk in memory that can be slow, full, or lose what was not synced."""

    def __init__(
        self,
        *,
        room: int = 1 << 40,
        write_s: float = 0.0,
        most_at_once: int = 1 << 30,
    ) -> None:
        self.data = bytearray()
        self.synced = 0
        self.room, self.write_s = room, write_s
        self.most_at_once = most_at_once
        self.sync_errors = 0
        """So many more syncs will fail."""
        self.closed = False

    def __call__(self, path: Path) -> Disk:
        path.touch(exist_ok=False)
        return self

    def write(self, data: bytes, /) -> int:
        time.sleep(self.write_s)
        taken = data[: min(self.room - len(self.data), self.most_at_once)]
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.data += taken
        return len(taken)

    def sync(self) -> None:
        if self.sync_errors:
            self.sync_errors -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.synced = len(self.data)

    def close(self) -> None:
        self.closed = True


def wait_for(condition: object, timeout_s: float = 10.0) -> None:
    assert callable(condition)
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, "it did not come about"
        time.sleep(0.005)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.bin"


def fill_until_it_fails(writer: JournalWriter) -> JournalError:
    with pytest.raises(JournalError) as caught:  # noqa: PT012
        for number in range(10_000):
            writer.append(packet(number))
            if number % 5 == 0:
                time.sleep(0.001)
    assert writer.failure is not None
    with pytest.raises(JournalError, match="stays and can be recovered"):
        writer.append(packet(0))
    with pytest.raises(JournalError, match="stays and can be recovered"):
        writer.close()
    return caught.value


def check_beginning(journal_path: Path, at_least: int) -> None:
    journal = read_journal(journal_path)
    assert journal.packets >= at_least > 0
    assert list(journal.entries()) == [packet(n) for n in range(journal.packets)]
    assert not journal.damage.finished


def test_all_of_it(path: Path) -> None:
    with JournalWriter(path, METADATA) as writer:
        for entry in ENTRIES:
            writer.append(entry)
    assert writer.appended == writer.synced == len(ENTRIES)
    assert (writer.backlog, writer.failure) == (0, None)
    assert writer.size_bytes == path.stat().st_size
    journal = read_journal(path)
    assert list(journal.entries()) == list(ENTRIES)
    assert journal.damage == Damage()
    assert journal.totals is not None
    assert (journal.totals.packets, journal.totals.link_events) == (5, 2)
    assert journal.metadata.hipimu


def test_metadata_is_on_the_disk_before_the_first_packet(path: Path) -> None:
    disk = Disk()
    writer = JournalWriter(path, METADATA, open_file=disk)
    begun = bytes(disk.data[: disk.synced])
    writer.close()
    assert [kind for kind, _, _ in frames_in(begun)] == [1, 1]


def test_acknowledges_without_being_asked(path: Path) -> None:
    with JournalWriter(path, METADATA, sync_interval_s=0.05) as writer:
        for number in range(100):
            writer.append(packet(number))
        wait_for(lambda: writer.synced == 100)
        assert read_journal(path).packets == 100


def test_metadata_is_repeated(path: Path) -> None:
    """Half a minute of a clock that jumps is enough for another copy."""
    now_s = [0.0]
    disk = Disk()

    def copies() -> int:
        return sum(kind == 1 for kind, _, _ in frames_in(bytes(disk.data)))

    with JournalWriter(path, METADATA, open_file=disk, clock=lambda: now_s[0]) as writer:
        writer.append(packet(0))
        wait_for(lambda: writer.backlog == 0)
        before = len(disk.data)
        time.sleep(0.25)
        assert len(disk.data) == before
        for count in (5, 6, 7):
            now_s[0] += 30.0
            wait_for(lambda count=count: copies() == count)


def test_what_is_learnt_later_is_kept(path: Path) -> None:
    pelvis = METADATA.sensors[0].model_copy(update={"serial": "4711", "device": "\x00“\n"})
    later = METADATA.model_copy(update={"sensors": (pelvis, *METADATA.sensors[1:])})
    with JournalWriter(path, METADATA) as writer:
        writer.append(packet(0))
        writer.describe(later)
        writer.append(packet(1, sensor="thigh_left"))
    journal = read_journal(path)
    assert journal.metadata.sensors[0] == pelvis
    assert list(journal.entries()) == [packet(0), packet(1, sensor="thigh_left")]


@pytest.mark.parametrize("text", ["\ud800", "\x00\x1b[31m", "‮", "😀" * 40, ""])
def test_hostile_names(path: Path, text: str) -> None:
    """Names of devices are anyone's bytes; nothing of a recording is lost by them."""
    pelvis = METADATA.sensors[0].model_copy(update={})
    pelvis = type(pelvis)(**{**pelvis.model_dump(), "device": text})
    metadata = METADATA.model_copy(update={"sensors": (pelvis,)})
    with JournalWriter(path, metadata) as writer:
        writer.append(LinkEvent("pelvis", "down", 1, why=text))
        writer.append(Packet(text, NOTIFY, b"1", 2))
    journal = read_journal(path)
    kept = text.encode("utf-8", "replace").decode()
    assert journal.metadata.sensors[0].device == kept
    assert list(journal.entries()) == [
        LinkEvent("pelvis", "down", 1, why=kept),
        Packet(kept, NOTIFY, b"1", 2),
    ]


def test_an_existing_file_is_not_touched(path: Path) -> None:
    path.write_bytes(b"a run of last year")
    with pytest.raises(JournalError) as caught:
        JournalWriter(path, METADATA)
    proper(caught.value, "exists already")
    assert path.read_bytes() == b"a run of last year"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(JournalError) as caught:
        JournalWriter(tmp_path / "nowhere" / "journal.bin", METADATA, min_free_bytes=0)
    proper(caught.value, "cannot be created")


def test_closed_is_closed(path: Path) -> None:
    writer = JournalWriter(path, METADATA)
    writer.close()
    writer.close()
    with pytest.raises(JournalError) as caught:
        writer.append(packet(0))
    proper(caught.value, "has been closed")
    assert read_journal(path).packets == 0


def test_an_error_on_its_way_out_is_not_replaced(path: Path) -> None:
    disk = Disk(room=8000)
    writer = JournalWriter(path, METADATA, open_file=disk)
    with pytest.raises(KeyError), writer:  # noqa: PT012
        for number in range(1000):
            writer.append(packet(number))
        raise KeyError
    assert writer.failure is not None
    assert disk.closed


@pytest.mark.parametrize("t_host_ns", [-1, 2**64])
def test_impossible_times(path: Path, t_host_ns: int) -> None:
    with JournalWriter(path, METADATA) as writer, pytest.raises(ValueError, match="host time"):
        writer.append(Packet("pelvis", NOTIFY, b"", t_host_ns))


def test_impossible_packets(path: Path) -> None:
    with JournalWriter(path, METADATA) as writer, pytest.raises(ValueError, match="bytes"):
        writer.append(Packet("pelvis", NOTIFY, bytes(65_536), 0))


def test_too_many_streams(path: Path) -> None:
    writer = JournalWriter(path, METADATA)
    for number in range(65):
        writer.append(Packet("pelvis", str(number), b"", number))
    wait_for(lambda: writer.failure is not None)
    with pytest.raises(JournalError, match="64 pairs"):
        writer.close()
    assert read_journal(path).packets == writer.synced == 64


# The disk: full, slow, failing, gone.


@pytest.mark.parametrize("most_at_once", [7, 1 << 30])
def test_full_disk(path: Path, most_at_once: int) -> None:
    """Also a disk that takes the last bytes of a frame and refuses the rest."""
    disk = Disk(room=40_000, most_at_once=most_at_once)
    writer = JournalWriter(path, METADATA, open_file=disk, sync_interval_s=0.05)
    proper(fill_until_it_fails(writer), "the disk is full", "Free space")
    assert disk.closed
    path.write_bytes(disk.data)
    check_beginning(path, writer.synced)


def test_short_writes_are_completed(path: Path) -> None:
    disk = Disk(most_at_once=5)
    with JournalWriter(path, METADATA, open_file=disk) as writer:
        for entry in ENTRIES:
            writer.append(entry)
    path.write_bytes(disk.data)
    assert list(read_journal(path).entries()) == list(ENTRIES)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_the_systems_full_device(path: Path) -> None:
    from hipimu.sources.journal.disk import OwnFile

    class Full(OwnFile):
        def __init__(self, path: Path) -> None:
            self._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115

    with pytest.raises(JournalError) as caught:
        JournalWriter(path, METADATA, open_file=Full)
    proper(caught.value, "the disk is full")


LIMITED = """
import resource, sys
from pathlib import Path
from hipimu.errors import JournalError
from hipimu.sources.journal import JournalWriter
from tests.unit.sources.journal.examples import METADATA, packet
import signal, time
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_001, 50_001))
writer = JournalWriter(Path(sys.argv[1]), METADATA, sync_interval_s=0.05)
try:
    for number in range(100_000):
        writer.append(packet(number))
        if number % 50 == 0:
            time.sleep(0.005)
except JournalError as error:
    print(writer.synced, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of the size of files")
def test_the_systems_own_refusal(path: Path) -> None:
    """A real file that the system lets grow to 50 001 bytes, in the middle of a frame."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[4],
        check=True,
    )
    synced, _, said = done.stdout.partition(" ")
    assert "the disk is full, after" in said
    assert path.stat().st_size == 50_001
    check_beginning(path, int(synced))
    assert read_journal(path).damage.cut


def test_a_limit_of_its_own(path: Path) -> None:
    writer = JournalWriter(path, METADATA, max_bytes=40_000)
    proper(fill_until_it_fails(writer), "limit of 40000 bytes")
    assert path.stat().st_size <= 40_000
    check_beginning(path, writer.synced)
    assert not read_journal(path).damage.cut


def test_room_is_left(path: Path) -> None:
    """Recording stops while there is still room to finish it."""
    free = [200_000_000]
    writer = JournalWriter(path, METADATA, sync_interval_s=0.05, free_space=lambda _: free[0])
    writer.append(packet(0))
    wait_for(lambda: writer.synced == 1)
    assert writer.failure is None
    free[0] = 99_000_000
    wait_for(lambda: writer.failure is not None)
    proper(fill_until_it_fails(writer), "99 MB left", "100 MB")
    check_beginning(path, 1)


def test_no_room_at_the_start(path: Path) -> None:
    with pytest.raises(JournalError) as caught:
        JournalWriter(path, METADATA, free_space=lambda _: 5_000_000)
    proper(caught.value, "5 MB left")


def test_a_disk_that_does_not_keep_its_word(path: Path) -> None:
    """After a failed sync nothing more is acknowledged, even if a later sync succeeds."""
    disk = Disk()
    writer = JournalWriter(path, METADATA, open_file=disk, sync_interval_s=0.05)
    disk.sync_errors = 1
    writer.append(packet(0))
    wait_for(lambda: writer.failure is not None)
    with pytest.raises(JournalError) as caught:
        writer.close()
    proper(caught.value, "Input/output error")
    assert writer.synced == 0


def test_a_slow_disk_does_not_hold_up_the_radio(path: Path) -> None:
    """Each write takes a quarter of a second; none of a second's packets takes a fiftieth."""
    disk = Disk(write_s=0.25)
    writer = JournalWriter(path, METADATA, open_file=disk)
    slowest_s, most_waiting = 0.0, 0
    for number in range(360):
        began_s = time.perf_counter()
        writer.append(packet(number))
        slowest_s = max(slowest_s, time.perf_counter() - began_s)
        most_waiting = max(most_waiting, writer.backlog)
        time.sleep(0.002)
    writer.close()
    assert slowest_s < 0.02
    assert most_waiting > 50
    assert writer.synced == 360
    path.write_bytes(disk.data)
    assert read_journal(path).packets == 360


def test_memory_is_bounded(path: Path) -> None:
    """A disk that hangs ends the recording with a word, not the computer's memory."""
    released = threading.Event()

    class Hanging(Disk):
        def write(self, data: bytes, /) -> int:
            if self.synced:
                released.wait(20.0)
            return super().write(data)

    disk = Hanging()
    writer = JournalWriter(path, METADATA, open_file=disk, max_backlog=500)
    with pytest.raises(JournalError) as caught:  # noqa: PT012
        for number in range(501):
            writer.append(packet(number))
    proper(caught.value, "500 packets are waiting", "faster disk")
    released.set()
    with pytest.raises(JournalError):
        writer.close()
    path.write_bytes(disk.data)
    check_beginning(path, 500)


@settings(max_examples=15)
@given(kept=st.lists(st.booleans(), min_size=12, max_size=12), syncs=st.integers(0, 3))
def test_power_loss(tmp_path_factory: pytest.TempPathFactory, kept: list[bool], syncs: int) -> None:
    """Of what was not synced any pages may be there, others be zero: the synced is all there."""
    disk = Disk()
    path = tmp_path_factory.mktemp("power") / "journal.bin"
    writer = JournalWriter(path, METADATA, open_file=disk, sync_interval_s=0.0)
    acknowledged = 0
    for _ in range(syncs):
        for _ in range(50):
            writer.append(packet(writer.appended))
        wait_for(lambda: writer.synced == writer.appended)
        acknowledged, durable = writer.synced, disk.synced
    durable = disk.synced
    for _ in range(200):
        writer.append(packet(writer.appended))
    writer.close()
    data = bytearray(disk.data[: durable + 12 * 512])
    for page, there in enumerate(kept):
        if not there:
            begin = durable + page * 512
            data[begin : begin + 512] = bytes(len(data[begin : begin + 512]))
    journal = read_journal(put(path.parent, bytes(data)))
    got = list(journal.entries())
    assert got[:acknowledged] == [packet(n) for n in range(acknowledged)]
    numbers = [entry.t_host_ns // 1_000_000 for entry in got]
    assert numbers == sorted(set(numbers))


def test_metadata_that_is_too_long(path: Path) -> None:
    settings_ = {f"{n:03}": "x" * 1000 for n in range(100)}
    sensors = tuple(
        METADATA.sensors[0].model_copy(update={"sensor": str(n), "settings": settings_})
        for n in range(10)
    )
    with pytest.raises(ValueError, match="too long"):
        JournalWriter(path, METADATA.model_copy(update={"sensors": sensors}))
    assert not path.exists()


def test_one_sensor_twice() -> None:
    with pytest.raises(ValueError, match="named twice"):
        JournalMetadata(
            started_at=METADATA.started_at, sensors=(METADATA.sensors[0], METADATA.sensors[0])
        )
