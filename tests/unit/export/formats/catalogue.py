"""All formats that are written, for the table in the docs.

The table is brought up to date by::

    python -m tests.unit.export.formats.catalogue
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hipimu.export.formats.noun import Writer
from hipimu.export.formats.registry import WRITERS


@dataclass(frozen=True, slots=True)
class Entry:
    """What the registry does not know of a format."""

    holds: str
    exact: str
    checked: str
    """Who has read it back in the tests."""


ENTRIES: Final = {
    "hipimu-csv": Entry(
        "samples, laps, speed, heart rate, everything in recording.toml",
        "bit for bit",
        "hipimu",
    ),
    "hipimu-parquet": Entry("the same", "bit for bit", "hipimu"),
    "angles-csv": Entry(
        "hip, thigh and pelvis angles, orientations and flags of every sample",
        "0.0001°",
        "pandas",
    ),
    "angles-parquet": Entry("the same", "0.0001°", "pandas"),
    "motion-bids": Entry("samples and laps", "bit for bit", "the BIDS validator, hipimu"),
    "opensim-sto": Entry(
        "orientations of pelvis and femurs, and the pose to place sensors by",
        "1e-9 of a quaternion",
        "OpenSim 4.6: opened, and solved by its inverse kinematics",
    ),
    "opensim-mot": Entry(
        "coordinates of pelvis and hips",
        "1e-6°",
        "OpenSim 4.6: opened, and its joints posed by it",
    ),
    "fit": Entry(
        "peaks by the second, bouts as laps, RFI; speed, cadence and heart rate",
        "1e-5°; whole seconds",
        "fitdecode, Garmin's FIT SDK, hipimu",
    ),
    "mcap": Entry(
        "samples, angles, orientations, strides and bouts as messages",
        "seven digits; strides bit for bit; 1 ns",
        "the package mcap, every message against its schema",
    ),
}

PAGE: Final = Path(__file__).parents[4] / "docs" / "reference" / "formats.md"
BEGIN: Final = "<!-- Table: made by tests/unit/export/formats/catalogue.py -->"
END: Final = "<!-- End of the table of writers -->"
_HEAD = "| `--to` | format | ending | holds | exact to | read back by | needs |\n"


def writers_table() -> str:
    """Return the table of all writers, as Markdown."""
    return _HEAD + "|---" * 7 + "|\n" + "\n".join(_row(w, ENTRIES[w.id]) for w in WRITERS)


def _row(writer: Writer, entry: Entry) -> str:
    cells = (
        f"`{writer.id}`",
        writer.title.partition(" (.")[0],
        ", ".join(f"`{suffix}`" for suffix in writer.suffixes) or "a folder",
        entry.holds,
        entry.exact,
        entry.checked,
        f"`hipimu[{writer.extra}]`" if writer.extra else "–",
    )
    return f"| {' | '.join(cells)} |"


def page_with_table(page: str) -> str:
    """Return the page of formats with the table of writers as it should be.

    Raises
    ------
    ValueError
        When the page lost the marks between which the table stands.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no place for the table of writers")
    return f"{before}{BEGIN}\n\n{writers_table()}\n\n{END}{after}"


def main() -> None:
    """Bring the page up to date."""
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
