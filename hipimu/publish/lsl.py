"""A run on Lab Streaming Layer: samples, angles and strides as three streams."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, Final

from hipimu.data import (
    SIDES,
    THIGHS,
    Absence,
    AlignedBlock,
    HipAngleBlock,
    ImuBlock,
    LiveState,
    Segment,
    Side,
    Stride,
)
from hipimu.errors import OutputError
from hipimu.publish.clock import ClockOffset
from hipimu.publish.outbox import Outbox
from hipimu.publish.streams import (
    STRIDES,
    Rows,
    StreamKind,
    angles_kind,
    angles_rows,
    samples_kind,
    samples_rows,
    stride_rows,
)
from hipimu.timing import Align

MOST_WAITING: Final = 4000
"""Blocks and strides: a minute or more of both."""
_LOOK_S = 0.1
_CLOSE_S = 1.0

_Item = ImuBlock | HipAngleBlock | Stride


def check() -> None:
    """Refuse Lab Streaming Layer where it cannot be, before the run and not in it.

    Raises
    ------
    OutputError
        When pylsl or its library is not installed.
    """
    _pylsl()


class LslPublisher:
    """Three outlets, fed from a thread of their own; nobody who gives something waits.

    Time stamps are the recording's, on the clock that receivers correct for. The streams appear
    when the sensors are known.

    Parameters
    ----------
    name : str
        Of the recording; receivers find a stream again by it.

    Raises
    ------
    OutputError
        When pylsl or its library is not installed.
    """

    def __init__(self, name: str) -> None:
        self._lsl: Any = _pylsl()
        self._name = name
        self._clock = ClockOffset(self._lsl.local_clock)
        self._rates_hz: Mapping[Segment, float] = {}
        self._mode = ""
        self._outbox: Outbox[_Item] = Outbox(MOST_WAITING)
        self._streams: _Streams | None = None
        self.trouble = ""
        """What went wrong, in a sentence; empty while all is well."""
        self._thread = Thread(target=self._work, name="lsl", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Blocks and strides that went unsent."""
        return self._outbox.dropped

    def begin(self, rates_hz: Mapping[Segment, float]) -> None:
        """Take which sensors there are, and their declared rates."""
        self._rates_hz = dict(rates_hz)

    def blocks(self, blocks: Sequence[ImuBlock]) -> None:
        """Take samples."""
        self._outbox.put(blocks)

    def angles(self, blocks: Sequence[HipAngleBlock]) -> None:
        """Take hip angles."""
        self._outbox.put(blocks)

    def strides(self, strides: Sequence[Stride]) -> None:
        """Take strides."""
        self._outbox.put(strides)

    def state(self, state: LiveState) -> None:
        """Take the time from what the faces show."""
        self._mode = state.mode
        self._clock.measure(state.t_s)

    def close(self) -> None:
        """End, after what waits has been passed on or a second has gone by."""
        self._clock.settle()
        self._outbox.close()
        self._thread.join(_CLOSE_S)

    def _work(self) -> None:
        try:
            self._pass_on()
        except Exception as error:  # noqa: BLE001 - a run is worth more than its streams
            self.trouble = f"Lab Streaming Layer has failed, and nothing more is sent: {error}"
            self._outbox.close()

    def _pass_on(self) -> None:
        while not self._outbox.closed:
            if self._rates_hz and self._clock.settled:
                self._send(self._outbox.take(_LOOK_S))
            else:
                time.sleep(_LOOK_S)
        self._send(self._outbox.take(0.0))

    def _send(self, items: Sequence[_Item]) -> None:
        if not self._rates_hz:
            return
        if self._streams is None:
            about = {"recording": self._name, "mode": self._mode}
            self._streams = _Streams(self._lsl, self._name, self._rates_hz, about)
        self._streams.send(items, self._clock.offset_s)


class _Streams:
    """The outlets, once it is known of what."""

    def __init__(
        self, lsl: Any, name: str, rates_hz: Mapping[Segment, float], about: Mapping[str, str]
    ) -> None:
        self._segments = tuple(rates_hz)
        self._sides: tuple[Side, ...] = tuple(side for side in SIDES if THIGHS[side] in rates_hz)
        rate_hz = max(rates_hz.values())
        self._align = Align(self._segments, rate_hz, dict(rates_hz))

        def outlet(kind: StreamKind) -> Any:
            return lsl.StreamOutlet(_info(lsl, kind, name, about))

        self._samples = outlet(samples_kind(self._segments, rate_hz))
        self._angles = outlet(angles_kind(self._sides, rate_hz))
        self._strides = outlet(STRIDES)

    def send(self, items: Sequence[_Item], offset_s: float) -> None:
        """Send what is complete."""
        for item in items:
            if isinstance(item, ImuBlock):
                for aligned in self._aligned(item):
                    _push(self._samples, samples_rows(aligned, self._segments), offset_s)
        angles = [item for item in items if isinstance(item, HipAngleBlock) and len(item.t_s)]
        for rows in angles_rows(angles, self._sides):
            _push(self._angles, rows, offset_s)
        strides = [item for item in items if isinstance(item, Stride)]
        if strides:
            _push(self._strides, stride_rows(strides), offset_s)

    def _aligned(self, block: ImuBlock) -> list[AlignedBlock]:
        made = self._align.push(block)
        overdue = self._align.overdue()
        if overdue is not None:
            # One that is silent must not hold up the others' stream.
            sensor, until_s = overdue
            made += self._align.push(Absence(sensor, round(until_s * 1e9), 0))
        return made


def _push(outlet: Any, rows: Rows, offset_s: float) -> None:
    if len(rows.t_s):
        outlet.push_chunk(rows.values, list(rows.t_s + offset_s))


def _info(lsl: Any, kind: StreamKind, name: str, about: Mapping[str, str]) -> Any:
    """Describe a stream to its receivers."""
    from importlib.metadata import version

    source = f"{kind.name} {name}".replace(" ", "-")
    info = lsl.StreamInfo(
        kind.name, kind.type, len(kind.channels), kind.rate_hz, kind.format, source
    )
    description = info.desc()
    channels = description.append_child("channels")
    for channel in kind.channels:
        entry = channels.append_child("channel")
        for key in ("label", "type", "unit", "object"):
            entry.append_child_value(key, getattr(channel, key))
    acquisition = description.append_child("acquisition")
    told = {"software": "hipimu", "version": version("hipimu"), "about": kind.about, **about}
    for key, value in told.items():
        acquisition.append_child_value(key, value)
    description.append_child("synchronization").append_child_value("can_drop_samples", "true")
    return info


def _pylsl() -> ModuleType:
    try:
        import pylsl
    except ModuleNotFoundError as error:
        raise OutputError(
            "Lab Streaming Layer is not installed: pylsl is missing.",
            "Install it with pip install 'hipimu[lsl]'.",
        ) from error
    except (RuntimeError, OSError) as error:
        raise OutputError(
            "Lab Streaming Layer is not installed: pylsl finds no liblsl on this system.",
            "Install liblsl beside pip install 'hipimu[lsl]' (github.com/sccn/liblsl has it for "
            "every system), and name it in PYLSL_LIB where it is not found.",
        ) from error
    _calm(pylsl)
    module: ModuleType = pylsl
    return module


def _calm(lsl: Any) -> None:
    """Let liblsl write errors only: its notes would stand in the midst of the terminal's face.

    It reads its settings once, at its first use; those of the user are kept.
    """
    given = next((path for path in _settings() if path.is_file()), None)
    text = "" if given is None else given.read_text(encoding="utf-8", errors="replace")
    if "[log]" not in text and hasattr(lsl, "set_config_content"):
        lsl.set_config_content(f"{text}\n[log]\nlevel = -2\n")


def _settings() -> Iterator[Path]:
    """Where liblsl looks for its settings, in its order."""
    named = os.environ.get("LSLAPICFG")
    if named:
        yield Path(named)
    yield Path("lsl_api.cfg")
    with suppress(RuntimeError):
        yield Path.home() / "lsl_api" / "lsl_api.cfg"
    yield Path("/etc/lsl_api/lsl_api.cfg")
