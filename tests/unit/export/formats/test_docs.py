"""What the docs say of the formats that are written."""

from __future__ import annotations

import re

from hipimu.data import SEGMENTS, SIDES, Flag
from hipimu.export.formats.angles_table import angles_table
from hipimu.export.formats.fit import FIELDS
from hipimu.export.formats.mcap_schemas import SCHEMAS
from hipimu.export.formats.opensim import COORDINATES, HIP
from hipimu.export.formats.registry import WRITERS
from tests.unit.export.formats.catalogue import ENTRIES, PAGE, page_with_table
from tests.unit.export.formats.motions import FORWARD, UP, motion_with, turned
from tests.unit.export.formats.test_opensim import SWING_RAD

TEXT = PAGE.read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def said(title: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", section(title)))


def general(name: str) -> str:
    for word, places in (("SEGMENT", SEGMENTS), ("SIDE", SIDES)):
        for place in places:
            name = name.replace(place, word)
    return name


def test_every_writer_is_in_the_table_and_the_table_is_up_to_date() -> None:
    assert list(ENTRIES) == [writer.id for writer in WRITERS]
    assert page_with_table(TEXT) == TEXT


def test_columns_of_the_angles() -> None:
    motion = motion_with({"thigh_left": turned(-UP, FORWARD, SWING_RAD)})
    names = {
        name if name.startswith("pelvis") and name.endswith("_deg") else _general(name)
        for name in angles_table(motion).column_names
    }
    words = {str(flag.name).lower() for flag in Flag}
    assert said("Angles over time") - {"angles-csv", "angles-parquet", ";"} == names | words


def _general(name: str) -> str:
    if name.endswith("_deg"):
        return re.sub("_(left|right)_", "_SIDE_", name)
    return re.sub(f"^({'|'.join(SEGMENTS)})_", "SEGMENT_", name)


def test_coordinates_of_opensim() -> None:
    hips = {f"{name}_{letter}" for name in HIP for letter in "rl"}
    assert {*COORDINATES, *hips} <= said("OpenSim")


def test_developer_fields() -> None:
    written = said("FIT")
    for name, field in FIELDS.items():
        whole = general(name)
        if field.message == "session":
            quantity = re.match("RFI|Change easy|Change fast", whole)
            assert quantity is not None
            assert quantity.group() in written
        else:
            assert whole in written, whole


def test_topics_and_schemas() -> None:
    written = said("MCAP")
    assert set(SCHEMAS) <= written
    assert {"/imu/SEGMENT", "/hip/SIDE", "/strides/SIDE", "/bouts", "/tf"} <= written
