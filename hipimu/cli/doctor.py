"""`hipimu doctor`: what this computer has and lacks for recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hipimu.data import Advertisement
    from hipimu.errors import SensorError
    from hipimu.pipeline.doctor import Check

_SCAN_S = 3.0
_LONGEST_S = 8.0


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help="As one JSON document; everything else on stderr.")
    ] = False,
) -> None:
    """Check Bluetooth, disk, clock, protocol files and optional parts, and say what to do.

    Listens for three seconds, and sends nothing to any device. Ends with code 1 when nothing can be
    recorded on this computer.
    """
    import asyncio

    from hipimu.pipeline.doctor import examine

    checks = examine(asyncio.run(_heard()), _problems())
    if json:
        from hipimu.cli.output import print_json

        print_json(_document(checks))
    else:
        for check in checks:
            typer.echo(_line(check))
    lacking = [check for check in checks if check.needed and check.state == "missing"]
    if lacking:
        from hipimu.errors import HipimuError

        raise HipimuError(f"{lacking[0].what}: nothing can be recorded here.", lacking[0].remedy)


async def _heard() -> Sequence[Advertisement] | SensorError:
    """Scan for a moment; what goes wrong is an answer, too."""
    import asyncio

    from hipimu.errors import SensorError
    from hipimu.sources.ble import scan

    try:
        async with asyncio.timeout(_LONGEST_S):
            return [heard.advertisement for heard in await scan(_SCAN_S)]
    except SensorError as error:
        return error
    except TimeoutError:
        return SensorError(
            f"Bluetooth did not answer within {_LONGEST_S:.0f} s.",
            "Switch it off and on again, or restart the computer.",
            reason="failed",
        )


def _problems() -> dict[str, str]:
    """Why parts that are installed cannot be used, and why there is no sound."""
    from hipimu.errors import OutputError
    from hipimu.pipeline.doctor import version_of
    from hipimu.publish import check_lsl
    from hipimu.report.pdf import check_pdf
    from hipimu.sound import Player

    found = {}
    for name, package, check in (("pdf", "weasyprint", check_pdf), ("lsl", "pylsl", check_lsl)):
        if version_of(package) is None:
            continue
        try:
            check()
        except OutputError as error:
            found[name] = error.remedy
    player = Player()
    if player.missing:
        found["sound"] = player.missing
    player.close()
    return found


def _line(check: Check) -> str:
    said = f"{check.state:9}  {check.name}: {check.what}."
    return f"{said} {check.remedy}" if check.remedy else said


def _document(checks: Sequence[Check]) -> dict[str, Any]:
    possible = not any(check.needed and check.state == "missing" for check in checks)
    rows = [
        {
            "name": check.name,
            "state": check.state,
            "needed": check.needed,
            "what": check.what,
            "remedy": check.remedy,
            "facts": dict(check.facts),
        }
        for check in checks
    ]
    return {"schema": "hipimu-doctor/1", "recording_possible": possible, "checks": rows}
