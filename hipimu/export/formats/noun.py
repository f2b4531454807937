"""What every writer of other programs' files is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from hipimu.data import FloatArray, Session
from hipimu.pipeline.analyse import analyse_recording
from hipimu.pipeline.motion3d import Motion3d, motion_of
from hipimu.pipeline.session import Parameters
from hipimu.sources import Recording
from hipimu.sources.laps import read_heart_rate

Progress = Callable[[float], None]
HEART_RATE = "heart_rate.csv"
Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Conversion:
    """A recording, and what an analysis makes of it where a writer asks for that.

    Parameters
    ----------
    recording : Recording
    parameters : Parameters
        Of the analysis.
    progress : callable
        Called with the share done, 0–1.
    tell : callable
        Called with a sentence on what a writer leaves out or assumes.
    """

    recording: Recording
    parameters: Parameters = field(default_factory=Parameters)
    progress: Progress = lambda _: None
    tell: Tell = lambda _: None

    @property
    def title(self) -> str:
        """The recording's name in characters that any file can hold, on one line."""
        return "".join(c if c.isprintable() else "?" for c in self.recording.name)

    @cached_property
    def motion(self) -> Motion3d:
        """All of the motion; ask for it before the session, which comes with it."""
        return motion_of(self.recording, self.parameters, self.progress)

    @property
    def heart_rate(self) -> tuple[FloatArray, FloatArray] | None:
        """What a strap said: times on the recording's clock and beats per minute, (n,) each."""
        beside = self.recording.path / HEART_RATE
        return read_heart_rate(beside) if beside.is_file() else None

    @cached_property
    def session(self) -> Session:
        """The analysed session; made when it is first asked for."""
        if "motion" in self.__dict__:
            return self.motion.session
        return analyse_recording(self.recording, self.parameters, self.progress)


@dataclass(frozen=True, slots=True)
class Writer:
    """A writer of one kind of file or folder."""

    id: str
    """As on the command line: ``opensim-sto``."""
    title: str
    """For people: ``OpenSim orientations (.sto)``."""
    suffixes: tuple[str, ...]
    """By which a target is recognised, in lower case with the dot; empty for folders."""
    write: Callable[[Conversion, Path], tuple[Path, ...]]
    """Write to a path in a folder made for it alone; return what was written, the main file first.
    Further files go beside it. What the system refuses stays an OSError; what fails, and what was
    half written, is nobody's concern here: see `registry.convert`."""
    extra: str | None = None
    """Extra that has to be installed: ``mcap``."""
