"""`hipimu session`: sessions of the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hipimu.cli.output import print_json, progress_bar
from hipimu.cli.store_lines import (
    JsonOption,
    SessionName,
    YesOption,
    ask_once,
    local,
    opened_store,
    plain,
    print_rows,
    read_day,
)

if TYPE_CHECKING:
    # Only named: at run time they would bring NumPy to every --help.
    from hipimu.data import FatigueEstimate, SessionSummary, TrainingContext
    from hipimu.pipeline.session import Parameters
    from hipimu.store import Imported, ListedSession, Store

session = typer.Typer(
    help="Sessions of the store, kept over weeks.", no_args_is_help=True, rich_markup_mode=None
)

_Surface = Annotated[str | None, typer.Option(help="Such as track, road, trail, treadmill.")]
_Shoes = Annotated[str | None, typer.Option(help="Which shoes.")]
_Exertion = Annotated[
    float | None, typer.Option(min=0, max=10, help="How hard it felt: 0 (rest) to 10 (hardest).")
]
_Injury = Annotated[str | None, typer.Option(help="What hurts.")]
_Tag = Annotated[list[str] | None, typer.Option(help="A word to find it by; can be repeated.")]


@session.command()
def add(
    recordings: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDING...",
            help="Recordings, as for hipimu analyse, or folders with recordings in them.",
        ),
    ],
    athlete: Annotated[str, typer.Option(help="Who it was; see hipimu athlete add.")],
    surface: _Surface = None,
    shoes: _Shoes = None,
    exertion: _Exertion = None,
    injury: _Injury = None,
    tag: _Tag = None,
    laps: Annotated[
        Path | None, typer.Option(help="laps.csv to use instead of the recording's own.")
    ] = None,
    activity: Annotated[
        Path | None, typer.Option(help="A watch's FIT, TCX or GPX file of the run.")
    ] = None,
    filter_name: Annotated[
        str, typer.Option("--filter", help="Orientation filter, as for hipimu analyse.")
    ] = "vqf",
    causal: Annotated[
        bool,
        typer.Option(
            "--causal", help="Use the method of the live readout, which never looks ahead."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Analyse recordings and keep their sessions.

    What is kept already is not done again; analysed otherwise, it is, and the analysis before
    stays as history. One that fails does not stop the others; the exit code is 1 then.
    """
    from hipimu.data import TrainingContext

    told = TrainingContext(surface, shoes, exertion, injury, tuple(tag or ()))
    with opened_store() as store:
        store.athlete(athlete)
        found = _found(recordings, store.strides_folder)
        if len(found) > 1 and (laps or activity):
            raise typer.BadParameter("--laps and --activity are of one recording")
        context = None if told == TrainingContext() else told
        rows = [
            _keep(store, path, athlete, context, laps, activity, _parameters(filter_name, causal))
            for path in found
        ]
    if json:
        print_json(rows)
    raise typer.Exit(int(any(row["error"] for row in rows)))


def _parameters(filter_name: str, causal: bool) -> Parameters:
    from hipimu.pipeline.session import Parameters

    return Parameters("causal" if causal else "refined", filter_name)


def _found(paths: Sequence[Path], strides: Path) -> list[Path]:
    """Take recordings as they are; look into other folders for some."""
    from glob import escape

    from hipimu.pipeline.batch_folders import find_recordings

    patterns = [
        str(path)
        if not path.is_dir() or (path / "recording.toml").exists()
        else f"{escape(str(path))}/**"
        for path in paths
    ]
    return find_recordings(patterns, strides)


def _keep(
    store: Store,
    recording: Path,
    athlete: str,
    context: TrainingContext | None,
    laps: Path | None,
    activity: Path | None,
    parameters: Parameters,
) -> dict[str, Any]:
    from hipimu.errors import HipimuError
    from hipimu.pipeline.keep import keep_recording

    row: dict[str, Any] = {"recording": recording.name, "session": None, "error": None}
    try:
        with progress_bar(f"Analysing {recording.name}") as progress:
            imported = keep_recording(
                store,
                recording,
                athlete,
                context=context,
                laps=laps,
                activity=activity,
                parameters=parameters,
                progress=progress,
            )
    except HipimuError as error:
        typer.echo(f"Error: {error.what}\n{error.remedy}", err=True)
        return row | {"error": error.what, "what": "failed"}
    typer.echo(f"{imported.name}: {_said(imported)}", err=True)
    return row | {"session": imported.name, "what": _said(imported)}


def _said(imported: Imported) -> str:
    if imported.new:
        return "added"
    return "analysed anew" if imported.reanalysed else "already there"


@session.command("list")
def list_sessions(
    athlete: Annotated[str | None, typer.Option(help="Only of this athlete.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From this day on: YYYY-MM-DD.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Before this day.")] = None,
    json: JsonOption = False,
) -> None:
    """List sessions, newest first, with the clearest answer of each."""
    with opened_store() as store:
        found = store.listed(athlete, read_day(since), read_day(until))
    if json:
        print_json(plain(found))
    elif not found:
        typer.echo("No session. Add one by: hipimu session add RECORDING --athlete NAME")
    else:
        print_rows(session_rows(found))


def session_rows(sessions: Sequence[ListedSession]) -> list[tuple[str, ...]]:
    """Return what a list says of each session: start, name, athlete, length, answer."""
    return [
        (
            local(each.started_at),
            each.name,
            each.athlete,
            f"{each.duration_s / 60:.0f} min",
            _answer(each.fatigue),
            " ".join(each.context.tags),
        )
        for each in sessions
    ]


def _answer(fatigue: Sequence[FatigueEstimate]) -> str:
    """Return the verdict that says most, and how many degrees; a reader sees the rest in show."""
    from hipimu.report.wording import verdict_short

    order = ("supported", "reversed", "no_evidence", "not_estimable")
    if not fatigue:
        return verdict_short("not_estimable")
    first = min(fatigue, key=lambda e: (order.index(e.verdict), -abs(e.rfi_rad or 0.0)))
    words = verdict_short(first.verdict)
    if first.verdict not in ("supported", "reversed"):
        return words
    return f"{words}: {first.side} {first.outcome.removeprefix('peak_')} {_deg(first.rfi_rad)}"


def _deg(angle_rad: float | None) -> str:
    from hipimu.units import deg_from_rad

    if angle_rad is None:
        return "–"
    return f"{deg_from_rad(angle_rad):+.1f}°".replace("-", "−")


@session.command()
def show(name: SessionName, json: JsonOption = False) -> None:
    """Show a session: its answer, what was said of it, notes, and how it was computed."""
    with opened_store() as store:
        analyses, notes = store.history(name), store.notes(session=name)
    summary = analyses[0].summary
    if json:
        print_json(plain(analyses[0]) | {"notes": plain(notes), "analyses": len(analyses)})
        return
    for line in _described(summary):
        typer.echo(line)
    print_rows([("", "δ easy", "δ fast", "RFI", ""), *map(_estimate_row, summary.fatigue)])
    for note in notes:
        moment = "" if note.t_s is None else f" at {note.t_s:.0f} s"
        typer.echo(f"note {note.id}{moment}, {note.author}: {note.text}")
    for analysis in analyses:
        used = analysis.summary
        state = "" if analysis.current else ", earlier"
        typer.echo(
            f"analysed {local(analysis.analysed_at)} by hipimu {used.hipimu_version}: "
            f"{used.method}, {used.filter}{state}"
        )


def _described(summary: SessionSummary) -> list[str]:
    context = summary.context
    told = [context.surface, context.shoes, context.injury, *context.tags]
    if context.exertion is not None:
        told.append(f"exertion {context.exertion:g} of 10")
    made_up = ", simulated" if summary.simulated else ""
    lines = [
        f"{summary.session}, {summary.athlete}, {local(summary.started_at)}{made_up}",
        f"{summary.duration_s / 60:.0f} min, pace told from {summary.pace_source}, "
        f"{100 * summary.usable_share:.0f} % of running strides count",
    ]
    return [*lines, ", ".join(word for word in told if word)] if any(told) else lines


def _estimate_row(estimate: FatigueEstimate) -> tuple[str, ...]:
    from hipimu.report.wording import verdict_short

    return (
        f"{estimate.side} {estimate.outcome.replace('_', ' ')}",
        _deg(estimate.delta_easy_rad),
        _deg(estimate.delta_fast_rad),
        _deg(estimate.rfi_rad),
        verdict_short(estimate.verdict),
    )


@session.command()
def describe(
    name: SessionName,
    surface: _Surface = None,
    shoes: _Shoes = None,
    exertion: _Exertion = None,
    injury: _Injury = None,
    tag: _Tag = None,
) -> None:
    """Say what a session was like; what is not named stays as it is, tags are added."""
    from dataclasses import replace

    told = {"surface": surface, "shoes": shoes, "exertion": exertion, "injury": injury}
    changes: dict[str, Any] = {key: value for key, value in told.items() if value is not None}
    with opened_store() as store:
        before = store.summary(name).context
        tags = (*before.tags, *(tag or ()))
        store.set_context(name, replace(before, tags=tags, **changes))
    typer.echo(f"{name} is described.")


@session.command()
def delete(name: SessionName, yes: YesOption = False) -> None:
    """Delete a session, its history and its notes, for good. Its recording stays where it is."""
    with opened_store() as store:
        count = len(store.history(name))
        ask_once(f"Delete {name} with {_analyses(count)} and all notes, for good?", yes=yes)
        store.delete_session(name)
    typer.echo(f"{name} is deleted.")


def _analyses(count: int) -> str:
    return "1 analysis" if count == 1 else f"{count} analyses"
