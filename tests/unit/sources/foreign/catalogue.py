"""All formats that are read: one entry each, for one test of all and for the table in the docs.

A reader's task adds here one import and one line; its entries stand beside the writer of its
files. The table is brought up to date by::

    python -m tests.unit.sources.foreign.catalogue
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hipimu.sources.foreign.registry import READERS
from tests.unit.sources.foreign import (
    write_apdm_h5,
    write_axivity_cwa,
    write_mapping,
    write_metabase,
    write_motion_bids,
    write_movella_dot,
    write_movesense,
    write_shimmer,
    write_witmotion,
    write_xsens_mt,
    write_xsens_mvnx,
)
from tests.unit.sources.foreign.known import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    *write_apdm_h5.ENTRIES,
    *write_axivity_cwa.ENTRIES,
    *write_mapping.ENTRIES,
    *write_metabase.ENTRIES,
    *write_motion_bids.ENTRIES,
    *write_movella_dot.ENTRIES,
    *write_movesense.ENTRIES,
    *write_shimmer.ENTRIES,
    *write_witmotion.ENTRIES,
    *write_xsens_mt.ENTRIES,
    *write_xsens_mvnx.ENTRIES,
)

PAGE: Final = Path(__file__).parents[4] / "docs" / "reference" / "formats.md"
BEGIN: Final = "<!-- Table: made by tests/unit/sources/foreign/catalogue.py -->"
END: Final = "<!-- End of the table -->"
_HEAD = (
    "| format | mode or version | acceleration | angular velocity | magnetic field | time "
    "| tested on | remarks |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def formats_table() -> str:
    """Return the table of all formats, as Markdown."""
    titles = {reader.id: reader.title for reader in READERS}
    ordered = sorted(ENTRIES, key=lambda entry: (titles[entry.reader].lower(), entry.reader))
    return _HEAD + "\n".join(_row(titles[entry.reader], entry) for entry in ordered)


def _row(title: str, entry: Entry) -> str:
    cells = (
        title,
        entry.kind,
        f"{entry.acc_m_s2:.2g} m/s²",
        f"{entry.gyr_rad_s:.2g} rad/s",
        "–" if entry.mag_ut is None else f"{entry.mag_ut:.2g} µT",
        f"{1e6 * entry.time_s:.2g} µs" if entry.time_s < 1e-3 else f"{1e3 * entry.time_s:.2g} ms",
        f"{entry.real}; synthetic" if entry.real else "synthetic",
        entry.note or "–",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def page_with_table(page: str) -> str:
    """Return the page of formats with the table as it should be.

    Raises
    ------
    ValueError
        When the page lost the marks between which the table stands.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no place for the table")
    return f"{before}{BEGIN}\n\n{formats_table()}\n\n{END}{after}"


def main() -> None:
    """Bring the page up to date."""
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
