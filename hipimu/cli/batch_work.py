"""What a worker of a batch does with one recording; imported by name in every worker."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hipimu.errors import HipimuError, OutputError

if TYPE_CHECKING:
    from hipimu.data import Session
    from hipimu.pipeline.batch import Order, Provenance, Row


def work(order: Order) -> Row:
    """Analyse one recording and put its result in place, unless it is there already.

    Parameters
    ----------
    order : Order

    Returns
    -------
    Row
        Whatever is wrong with the recording is said in it; nothing is raised.
    """
    from hipimu.pipeline.batch import failed

    try:
        return _worked(order)
    except HipimuError as error:
        return failed(order, error)
    except OSError as error:
        what = f"{order.recording}: {error.strerror or error}."
        return failed(order, HipimuError(what, "See whether disk and network are there."))
    except Exception as error:  # noqa: BLE001 — a defect met in one recording must not stop the rest
        what = f"{order.recording}: hipimu failed on it ({type(error).__name__}: {error})."
        return failed(order, HipimuError(what, "Please report it: this is a defect of hipimu."))


def _worked(order: Order) -> Row:
    from hipimu.pipeline import Parameters, analyse_recording
    from hipimu.pipeline.batch import Provenance, kept, read_provenance
    from hipimu.sources import fingerprint, open_recording

    started = time.perf_counter()
    _check_version(order)
    recording = open_recording(order.recording, laps=order.laps)
    content = fingerprint(recording, laps=order.laps).inputs_hash
    made = Provenance(content, order.hipimu_version, order.method)
    before = read_provenance(order.out)
    if before is not None and before[0] == made and not order.again:
        return kept(order, before[1])
    session = analyse_recording(recording, Parameters(order.method))
    row = _row(order, session)
    fresh = _fresh_folder(order.out)
    try:
        _write(session, fresh)
        row = replace(row, seconds=round(time.perf_counter() - started, 3))
        _finish(fresh, made, row)
        _put_in_place(fresh, order.out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return row


def _check_version(order: Order) -> None:
    from importlib.metadata import version

    if version("hipimu") != order.hipimu_version:
        raise HipimuError(
            f"{order.recording}: the worker has hipimu {version('hipimu')}, and "
            f"{order.hipimu_version} is asked for.",
            "Install the same version on all workers.",
        )


def _row(order: Order, session: Session) -> Row:
    from hipimu.pipeline.batch import Row
    from hipimu.report.contrast import headline

    first = headline(session)
    usable = sum(stride.usable() for stride in session.strides)
    return Row(
        name=order.name,
        recording=str(order.recording),
        state="analysed",
        strides=usable,
        verdict="not_estimable" if first is None else first.standing,
        usable_share=round(usable / len(session.strides), 4) if session.strides else 0.0,
        calibration_quality=round(session.calibration.quality, 3),
    )


def _fresh_folder(out: Path) -> Path:
    """Where to write the result first."""
    from hipimu.pipeline.batch import unfinished

    fresh = unfinished(out)
    # A worker that died may have left it.
    shutil.rmtree(fresh, ignore_errors=True)
    return fresh


def _write(session: Session, fresh: Path) -> None:
    from hipimu.cli.output import write_results
    from hipimu.export.strides_parquet import write_strides

    write_results(session, fresh)
    write_strides(session, fresh / "strides.parquet")


def _finish(fresh: Path, made: Provenance, row: Row) -> None:
    """Wait for the disk before the file is written that says all is there."""
    from hipimu.pipeline.batch import write_provenance
    from hipimu.sources.durable import sync_file

    for path in fresh.iterdir():
        with path.open("rb+") as file:
            sync_file(file.fileno())
    write_provenance(fresh, made, row)


def _put_in_place(fresh: Path, out: Path) -> None:
    """Give a whole result its place: at once where there is none, else file by file.

    Meanwhile the folder has no provenance, so that nobody takes it for whole.
    """
    from hipimu.pipeline.batch import PROVENANCE

    with suppress(OSError):
        fresh.rename(out)
        return
    if not out.is_dir():
        raise OutputError(
            f"The results cannot be written to {out}: a file is in the way.",
            "Choose another --out, or move it away.",
        )
    (out / PROVENANCE).unlink(missing_ok=True)
    for path in sorted(fresh.iterdir(), key=lambda path: path.name == PROVENANCE):
        path.replace(out / path.name)
