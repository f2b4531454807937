"""A recording into the store: analysed where that is needed, kept once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from hipimu.data import Segment, TrainingContext
from hipimu.pipeline.analyse import analyse_recording
from hipimu.pipeline.session import Parameters
from hipimu.sources import fingerprint, open_recording
from hipimu.store import Imported, Store


def keep_recording(
    store: Store,
    recording: Path,
    athlete: str,
    *,
    context: TrainingContext | None = None,
    laps: Path | None = None,
    activity: Path | None = None,
    roles: Mapping[Segment, str] | None = None,
    parameters: Parameters | None = None,
    progress: Callable[[float], None] | None = None,
) -> Imported:
    """Analyse a recording and keep the session; where the same is kept already, do neither.

    Parameters
    ----------
    store : Store
    recording : Path
        As for `hipimu.pipeline.analyse`.
    athlete : str
        Who is in the store.
    context : TrainingContext or None
        What a person says of it; of a session that is there already it replaces what was said.
    laps, activity : Path or None
        As for `hipimu.pipeline.analyse`.
    roles : mapping of segment to label, or None
        Which sensor of another system's file is worn where; None: as their names say.
    parameters : Parameters or None
        None: the usual ones.
    progress : callable or None
        Called with the share done, 0–1.

    Returns
    -------
    Imported

    Raises
    ------
    HipimuError
        When the recording cannot be analysed, or not kept.
    """
    parameters = parameters or Parameters()
    opened = open_recording(
        recording,
        laps=laps,
        activity=activity,
        from_s=parameters.from_s,
        until_s=parameters.until_s,
        roles=roles,
    )
    made_of = fingerprint(opened, laps=laps, activity=activity)
    known = store.has_analysis(
        athlete,
        recording_hash=made_of.samples_hash,
        inputs_hash=made_of.inputs_hash,
        method=parameters.method,
        filter=parameters.filter_name,
        hipimu_version=version("hipimu"),
        parameters=parameters.told(),
    )
    if known is None:
        session = analyse_recording(opened, parameters, progress)
        imported = store.import_session(
            session,
            athlete,
            recording_hash=made_of.samples_hash,
            inputs_hash=made_of.inputs_hash,
            context=context,
        )
    else:
        imported = Imported(known, new=False, reanalysed=False)
    if context is not None and not imported.new:
        store.set_context(imported.name, context)
    return imported
