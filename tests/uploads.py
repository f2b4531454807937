"""Forms with files as browsers send them, and readers that are over at once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

import numpy as np
import pandas as pd
import pytest

from hipimu.data import Segment
from hipimu.pipeline.intake import Intake
from hipimu.pipeline.intake.order import Kept, News, Order, Problem
from hipimu.pipeline.intake.process import CancelledError
from hipimu.web.coach import CoachServer

ISEN: Final = Path(__file__).parents[1] / "recordings" / "isen-run"
OWN: Final = ("recording.toml", "pelvis.csv", "thigh_left.csv", "thigh_right.csv")
BOUNDARY: Final = "----hipimu7MA4YWxk"
FORM: Final = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
File = tuple[str, str, bytes]
"""Name of the field, of the file, and what is in it."""


def isen() -> dict[str, bytes]:
    """The files of a real recording, small."""
    return {name: (ISEN / name).read_bytes() for name in OWN}


WORN: Final[Mapping[str, Segment]] = {
    "D422CD00": "pelvis",
    "D422CD01": "thigh_left",
    "D422CD02": "thigh_right",
}
"""What sensors are called whose exports do not say where they were worn."""


def of_movella() -> dict[str, bytes]:
    """The same samples as an app would export them, of sensors called by their numbers."""
    return {f"{number}.csv": _dot_export(segment) for number, segment in WORN.items()}


def _dot_export(segment: Segment) -> bytes:
    table = pd.read_csv(ISEN / f"{segment}.csv")
    columns = {
        "PacketCounter": np.arange(len(table)),
        "SampleTimeFine": np.round(table["time_s"] * 1e6).astype(int),
        **{f"Acc_{axis.upper()}": table[f"acc_{axis}_m_s2"] for axis in "xyz"},
        **{f"Gyr_{axis.upper()}": np.degrees(table[f"gyr_{axis}_rad_s"]) for axis in "xyz"},
    }
    return pd.DataFrame(columns).to_csv(index=False).encode()


def multipart(fields: Sequence[tuple[str, str]], files: Sequence[File] = ()) -> bytes:
    """Return the body of a form; fields first."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for field, name, content in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Desk:
    """Reads nothing, and says what it is told; while it is held, it goes on and on."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.go = Event()
        self.go.set()
        self.says: Kept | Problem = Kept("ada-1", "new")

    def __call__(
        self, order: Order, tell: Callable[[News], None], cancelled: Event
    ) -> Kept | Problem:
        self.orders.append(order)
        tell(News("analysing", 0.43))
        while not self.go.wait(0.01):
            if cancelled.is_set():
                raise CancelledError
        return self.says


@contextmanager
def at_desk(server: CoachServer) -> Iterator[Desk]:
    """Run a server whose uploads are read by nobody."""
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hipimu.web.coach.server.Intake", partial(Intake, work=desk))
        server.start()
    try:
        yield desk
    finally:
        desk.go.set()
        server.stop()


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Make a disk that is soon full; where that cannot be done, skip."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount).returncode != 0:
        pytest.skip("so small a disk can only be made as root, and not everywhere")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def files_below(folder: Path) -> set[str]:
    """Names of all files in a folder, but for what databases and locks keep."""
    own = ("-wal", "-shm", "held")
    # Unlike `Path.rglob`, it goes on where a folder is taken away meanwhile.
    found = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    return {p.relative_to(folder).as_posix() for p in found if not p.name.endswith(own)}
