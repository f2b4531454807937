"""Real recordings, spoilt, through the whole door of the coach's server: `make fuzz-uploads`.

Files, their names, zips of them and whole forms are changed at random, sent to a real server, and
followed to their end; most are read in this process, every so many in a process of their own, as
the server does it. Whatever comes, the server answers, nothing answers 5xx, and beside the data
folder nothing changes. What a reader did not foresee is counted: it is told as unreadable, and
ought to become a sentence.

Arguments: minutes (10), and what to begin from (0).
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import Final
from unittest.mock import patch
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from hipimu.pipeline.intake import Intake, UploadLimits
from hipimu.pipeline.intake.order import Kept, News, Order, Problem
from hipimu.pipeline.intake.place import uploads_folder
from hipimu.pipeline.intake.process import carry_out_apart
from hipimu.pipeline.intake.worker import carry_out
from hipimu.store import open_store
from hipimu.web.coach import CoachServer, upload_receive
from tests.unit.sources.foreign.catalogue import ENTRIES
from tests.uploads import FORM, File, files_below, isen, multipart
from tests.watch_files import STARTED_AT, fit_bytes, gpx_text, steady, tcx_text

Files = dict[str, bytes]
LIMITS: Final = UploadLimits(total_mb=20, free_mb=1, unpacked_mb=60, silence_s=5, clock_s=60)
_APART: Final = 25
"""Every so many is read in a process of its own."""
_PATIENCE_S: Final = 120.0
_UNFORESEEN: Final = "The file could not be read: something in it"
_NAMES: Final = (
    "../evil.csv", "/evil.csv", "..\\evil.csv", "C:\\evil.csv", "NUL", "a\0.csv", ".", "",
    "recording.toml", "RECORDING.TOML", "pelvis.csv/a", "\u202evsc.exe", "a" * 300, "laps.csv",
    "speed.csv", "a.zip", "a.tar.gz", "journal.bin", "a.fit", "%2e%2e%2fevil.csv", "évil.csv",
    '"; filename="evil.csv', "a\r\nX: b.csv", "-rf", "~", "$(id).csv", "mapping.toml",
)  # fmt: skip
_TOKENS: Final = (
    b"\0", b"\n", b"\r\n", b",", b";", b'"', b"nan", b"inf", b"1e999", b"-1", b"\xff\xfe", b"..",
    b"/", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b".FIT", b"<!DOCTYPE a>", b"&a;",
    b"[", b"]", b"=", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(8), b"--", b"\x1f\x8b",
)  # fmt: skip


@dataclass
class Figures:
    """What became of all that was sent."""

    sent: int = 0
    broken_off: int = 0
    apart: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    unforeseen: list[str] = field(default_factory=list)
    """What readers did not foresee: the last line of each traceback."""
    wrong: list[str] = field(default_factory=list)
    """What must not be."""
    seconds: float = 0.0

    def said(self) -> str:
        """Return it in lines."""
        return "\n".join(
            [
                f"{self.sent} uploads in {self.seconds:.0f} s, {self.apart} of them read in a "
                f"process of their own, {self.broken_off} lines broken off",
                f"answers: {dict(sorted(self.answers.items()))}",
                f"endings: {dict(self.endings.most_common())}",
                f"not foreseen by a reader: {len(self.unforeseen)}",
                *(f"    {line} ({count})" for line, count in Counter(self.unforeseen).items()),
                f"wrong: {len(self.wrong)}",
                *(f"    {line}" for line in self.wrong[:20]),
            ]
        )


def honest() -> list[Files]:
    """Return recordings as people have them."""
    own = isen()
    own["recording.toml"] = f"started_at = {STARTED_AT}\n".encode() + own["recording.toml"]
    watch = steady(seconds=60)
    laps = {"laps.csv": b"start_s,end_s,label\n0,6,easy\n6,12,fast\n",
            "speed.csv": b"time_s,speed_m_s\n0,3\n10,4\n"}  # fmt: skip
    found = [
        own,
        own | laps,
        own | {"run.fit": fit_bytes(watch)},
        own | {"run.gpx": gpx_text(watch).encode()},
        own | {"run.tcx": tcx_text(watch).encode()},
        _as_parquet(own),
        {"journal.bin": bytes(200)},
    ]
    # These are read and analysed to their end: the others, of six seconds, only read.
    found *= 1 + len(ENTRIES) // len(found)
    for entry in ENTRIES:
        with tempfile.TemporaryDirectory() as parent:
            path = entry.make(Path(parent)).path
            folder = path if path.is_dir() else path.parent
            files = (file for file in sorted(folder.iterdir()) if file.is_file())
            found.append({file.name: file.read_bytes() for file in files})
    return found


def _as_parquet(files: Files) -> Files:
    made: Files = {}
    for name, raw in files.items():
        if name.endswith(".csv"):
            written = io.BytesIO()
            pa.parquet.write_table(pa.csv.read_csv(io.BytesIO(raw)), written, compression="zstd")
            made[name.replace(".csv", ".parquet")] = written.getvalue()
        else:
            made[name] = raw.replace(b".csv", b".parquet")
    return made


def spoilt(rng: random.Random, raw: bytes) -> bytes:
    """Return bytes with a few places changed, doubled, lost or cut off."""
    made = bytearray(raw)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randint(0, len(made))
        how = rng.randrange(6)
        if how == 0:
            made[at : at + rng.randint(0, 8)] = rng.choice(_TOKENS)
        elif how == 1 and at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        elif how == 2:
            made[at : at + rng.randint(1, 64)] = rng.randbytes(rng.randint(0, 64))
        elif how == 3:
            made[at:at] = made[at : at + rng.randint(1, 2000)]
        elif how == 4:
            del made[at : at + rng.randint(1, 2000)]
        elif rng.random() < 0.5:
            del made[at:]
    return bytes(made)


def _renamed(rng: random.Random, files: Files) -> list[tuple[str, bytes]]:
    named = list(files.items())
    if rng.random() < 0.15 and named:
        place = rng.randrange(len(named))
        named[place] = (rng.choice(_NAMES), named[place][1])
    if rng.random() < 0.05 and named:
        named.append(rng.choice(named))
    if rng.random() < 0.1 and len(named) > 1:
        (a, raw_a), (b, raw_b) = named[0], named[1]
        named[:2] = [(a, raw_b), (b, raw_a)]
    return named


def _zipped(rng: random.Random, named: Sequence[tuple[str, bytes]]) -> bytes:
    written = io.BytesIO()
    above = rng.choice(("", "run/", "a/b/", "run 1/", "run/", "../"))
    kind = 0o120777 if rng.random() < 0.05 else 0o100644
    with zipfile.ZipFile(written, "w") as archive:
        for name, raw in named:
            info = zipfile.ZipInfo(above + name.replace("\0", ""))
            info.external_attr = kind << 16
            how = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
            archive.writestr(info, raw, how)
    raw = written.getvalue()
    return spoilt(rng, raw) if rng.random() < 0.2 else raw


def form(rng: random.Random, recordings: Sequence[Files], key: str) -> bytes:
    """Return the body of a request: a recording in which something is wrong, or nothing."""
    files = dict(rng.choice(recordings))
    for name in rng.sample(sorted(files), min(rng.choice((0, 0, 1, 1, 2)), len(files))):
        files[name] = spoilt(rng, files[name])
    named = _renamed(rng, files)
    sent: list[File] = [("recording", name, raw) for name, raw in named]
    if rng.random() < 0.6:
        sent = [("recording", rng.choice(("a.zip", "Run 1.ZIP")), _zipped(rng, named))]
    elif rng.random() < 0.2 and sent:
        place = rng.randrange(len(sent))
        sent[place] = ("beside", *sent[place][1:])
    fields = [("key", key), ("athlete", "Ada")]
    if rng.random() < 0.2:
        fields.append((rng.choice(("exertion", "tags", "name", "a")), "x" * rng.randint(0, 90)))
    body = multipart(fields, [(f, _one_line(name), raw) for f, name, raw in sent])
    return spoilt(rng, body) if rng.random() < 0.1 else body


def _one_line(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def snapshot(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Return what is in a folder: name → size and time of its last change."""
    found: dict[str, tuple[int, int]] = {}
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            with contextlib.suppress(OSError):
                told = path.lstat()
                found[str(path)] = told.st_size, told.st_mtime_ns if path.is_file() else 0
    return found


class Door:
    """A server over a store, and what lies around it."""

    def __init__(self, root: Path, figures: Figures, apart: int) -> None:
        self.root = root
        self.data = root / "data"
        self.figures = figures
        self._apart = apart
        for folder in ("data", "home", "temp", "beside"):
            (root / folder).mkdir()
        (root / "beside" / "canary.csv").write_text("sings")
        self._around = self._outside()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Serve."""
        with open_store(str(self.data / "store.sqlite")) as store:
            store.add_athlete("Ada")
            self._store = store
            server = CoachServer(store, port=0, uploads=LIMITS)
            here = partial(Intake, work=self._read)
            with patch("hipimu.web.coach.server.Intake", here):
                server.start()
            self._told = urlsplit(server.url)
            self._intake = server._intake
            self.uploads = uploads_folder(store.strides_folder)
            try:
                yield
            finally:
                server.stop()

    def key(self) -> str:
        """Return what forms have to bring."""
        _, text = self._ask("GET", "/upload")
        found = re.search(r'name="key" value="([^"]+)"', text)
        assert found is not None
        return found[1]

    def send(self, body: bytes, cut: int | None = None) -> None:
        """Send a form, or a part of it, and follow it to its end."""
        self.figures.sent += 1
        try:
            status, to = self._ask("POST", "/upload", body, cut)
        except (HTTPException, OSError):
            self.figures.broken_off += 1
            return
        self.figures.answers[status] += 1
        if status >= 500:
            self.figures.wrong.append(f"{status} for an upload")
        if status == 303:
            self._follow(to.rpartition("/")[2])

    def look(self) -> None:
        """Check that the server still answers, and that nothing changed around it."""
        status, _ = self._ask("GET", "/upload")
        if status != 200:
            self.figures.wrong.append(f"{status} for the page")
        if self._outside() != self._around:
            self.figures.wrong.append("something changed beside the data folder")

    def _follow(self, upload_id: str) -> None:
        assert self._intake is not None
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            upload = self._intake.upload(upload_id)
            if upload is None or upload.ended or time.monotonic() > deadline:
                break
            time.sleep(0.002)
        if upload is None or upload.state not in ("kept", "refused"):
            self.figures.wrong.append(f"an upload came to {upload and upload.state}")
            return
        self.figures.endings[upload.outcome or upload.state] += 1
        if "-v" in sys.argv and upload.problem is not None:
            print(upload.problem.what, upload.problem.remedy)
        status, text = self._ask("GET", f"/uploads/{upload_id}")
        if status != 200:
            self.figures.wrong.append(f"the page of an upload: {status}")
        if str(self.root) in text:
            said = upload.problem and f"{upload.problem.what} {upload.problem.remedy}"
            self.figures.wrong.append(f"a place is told: {said}")

    def _read(self, order: Order, tell: Callable[[News], None], cancelled: Event) -> Kept | Problem:
        if self._apart and self.figures.sent % self._apart == 0:
            self.figures.apart += 1
            return carry_out_apart(order, tell, cancelled)
        errors = io.StringIO()
        # Opened twice in one process, SQLite would lose its locks.
        opened = patch(
            "hipimu.pipeline.intake.worker.open_store", lambda *_: nullcontext(self._store)
        )
        with contextlib.redirect_stderr(errors), opened:
            said = carry_out(order, lambda _: None)
        if isinstance(said, Problem) and said.what.startswith(_UNFORESEEN):
            self.figures.unforeseen.append(_where(errors.getvalue()))
        return said

    def _outside(self) -> Mapping[str, tuple[int, int]]:
        inside = str(self.data)
        around = snapshot(self.root)
        return {name: told for name, told in around.items() if not name.startswith(inside)}

    def _ask(
        self, method: str, path: str, body: bytes | None = None, cut: int | None = None
    ) -> tuple[int, str]:
        connection = HTTPConnection(self._told.hostname or "", self._told.port, timeout=60)
        try:
            connection.putrequest(method, path)
            for name, value in FORM.items() if body is not None else ():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders((body or b"")[:cut])
            if cut is not None:
                raise ConnectionAbortedError
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, answer.headers.get("Location") or text
        finally:
            connection.close()


def _where(traceback: str) -> str:
    lines = traceback.strip().splitlines()
    places = [line.strip() for line in lines if line.strip().startswith("File ")]
    return f"{places[-1] if places else '?'}: {lines[-1] if lines else '?'}"[:300]


def fuzz(
    root: Path, *, seconds: float, most: int = 10**9, start: int = 0, apart: int = _APART
) -> Figures:
    """Send spoilt recordings for some time.

    Parameters
    ----------
    root : Path
        An empty folder; the data folder is made in it.
    seconds : float
        For how long.
    most : int
        How many uploads, at most.
    start : int
        What the first one is made from; the next takes the next number.
    apart : int
        Every so many is read in a process of its own; 0: none.

    Returns
    -------
    Figures
    """
    figures = Figures()
    door = Door(root, figures, apart)
    recordings = honest()
    begun = time.monotonic()
    temp = {"HOME": str(root / "home"), "TMPDIR": str(root / "temp")}
    with ExitStack() as around:
        around.enter_context(patch.object(upload_receive, "_LAST_WORDS_S", 0.2))
        around.enter_context(patch.dict(os.environ, temp))
        # Whatever leads out of where it should be leads to where it is seen.
        around.enter_context(contextlib.chdir(root / "beside"))
        around.enter_context(warnings.catch_warnings(action="ignore"))
        around.enter_context(door.open())
        key = door.key()
        while figures.sent < most and time.monotonic() - begun < seconds:
            rng = random.Random(start + figures.sent)  # noqa: S311 - to be had again
            body = form(rng, recordings, key)
            door.send(body, rng.randrange(len(body)) if rng.random() < 0.05 else None)
            if figures.sent % 20 == 0:
                door.look()
        _wait_for_silence(door)
        door.look()
    figures.wrong += [f"left: {name}" for name in sorted(files_below(door.uploads))]
    figures.seconds = time.monotonic() - begun
    return figures


def _wait_for_silence(door: Door) -> None:
    """Lines that broke off are given up a moment later."""
    deadline = time.monotonic() + 10
    while files_below(door.uploads) and time.monotonic() < deadline:
        time.sleep(0.05)


def main() -> None:
    """Send for the minutes that the first argument says."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="hipimu-spoilt-") as root:
        figures = fuzz(Path(root), seconds=60 * minutes, start=start)
    print(figures.said())
    sys.exit(bool(figures.wrong))


if __name__ == "__main__":
    main()
