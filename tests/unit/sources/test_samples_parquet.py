"""samples.parquet: bit for bit what was written, as narrow as that allows; damage is found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hipimu.data import SEGMENTS, FloatArray, ImuBlock, Segment
from hipimu.errors import OutputError, RecordingError
from hipimu.sources.samples_parquet import SamplesWriter, Scales, open_samples
from hipimu.units import GRAVITY_M_S2, ns_from_s, rad_from_deg, s_from_ns
from tests.unit.sources.conftest import proper

SCALES = Scales(16 * GRAVITY_M_S2 / 32768, rad_from_deg(2000.0) / 32768, 100.0 / 16)


def block(
    count: int, seed: int = 0, sensor: Segment = "pelvis", *, extras: bool = False
) -> ImuBlock:
    """Return what a sensor of 16 bits delivers."""
    random = np.random.default_rng(seed)
    counts = random.integers(-32768, 32768, (count, 9)).astype(np.float64)
    t_ns = np.cumsum(random.integers(8_000_000, 8_600_000, count))
    return ImuBlock(
        sensor,
        s_from_ns(t_ns),
        gyr_rad_s=counts[:, :3] * SCALES.of("gyr"),
        acc_m_s2=counts[:, 3:6] * SCALES.of("acc"),
        clipped=np.zeros(count, np.bool_),
        mag_ut=counts[:, 6:] * SCALES.of("mag") if extras else None,
        counter=random.integers(-(2**62), 2**62, count) if extras else None,
    )


def write(
    path: Path,
    blocks: Iterable[ImuBlock],
    scales: Mapping[str, Scales] | None = None,
    rows_a_group: int = 65_536,
) -> None:
    with SamplesWriter(
        path, scales or dict.fromkeys(SEGMENTS, SCALES), rows_a_group=rows_a_group
    ) as writer:
        for one in blocks:
            writer.write(one)


def arrays(block: ImuBlock) -> dict[str, FloatArray]:
    values = {"t": block.t_s, "acc": block.acc_m_s2, "gyr": block.gyr_rad_s}
    values |= {} if block.mag_ut is None else {"mag": block.mag_ut}
    return values | ({} if block.counter is None else {"counter": block.counter.astype(float)})


def read(path: Path, sensor: Segment) -> dict[str, FloatArray]:
    pieces = list(open_samples(sensor, path, 120.0).pieces())
    rows = 0
    for piece in pieces:
        assert piece.first_row == rows
        rows += len(piece)
    values = {
        "t": np.concatenate([p.t_s for p in pieces]),
        "acc": np.concatenate([p.acc_m_s2 for p in pieces]),
        "gyr": np.concatenate([p.gyr_rad_s for p in pieces]),
    }
    if mags := [p.mag_ut for p in pieces if p.mag_ut is not None]:
        values["mag"] = np.concatenate(mags)
    if counters := [p.counter for p in pieces if p.counter is not None]:
        values["counter"] = np.concatenate(counters).astype(float)
    return values


def check_same(path: Path, blocks: Iterable[ImuBlock]) -> None:
    """Every bit of every sensor, in order."""
    by_sensor: dict[Segment, list[ImuBlock]] = {}
    for one in blocks:
        by_sensor.setdefault(one.sensor, []).append(one)
    for sensor, own in by_sensor.items():
        found = read(path, sensor)
        wanted = {name: [arrays(one)[name] for one in own] for name in arrays(own[0])}
        assert found.keys() == wanted.keys()
        for name, parts in wanted.items():
            assert found[name].tobytes() == np.concatenate(parts).tobytes()


def types(path: Path) -> dict[str, str]:
    schema = pa.parquet.read_schema(path)
    return {name: str(schema.field(name).type) for name in schema.names}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samples.parquet"


def test_counts_stay_counts(path: Path) -> None:
    blocks = [block(500, n, sensor) for n in range(3) for sensor in SEGMENTS]
    write(path, blocks)
    check_same(path, blocks)
    assert {types(path)[f"{q}_{axis}"] for q in ("acc", "gyr") for axis in "xyz"} == {"int16"}
    assert list(types(path))[:3] == ["sensor", "t_ns", "acc_x"]


def test_magnetic_field_and_counter_of_one_sensor(path: Path) -> None:
    blocks = [block(300, 1, "pelvis"), block(200, 2, "thigh_left", extras=True)]
    write(path, blocks, rows_a_group=64)
    check_same(path, blocks)
    assert types(path)["mag_x"] == "int16"


def test_half_a_count_makes_the_column_wider(path: Path) -> None:
    """One value late in the file; what had been written before is still exact."""
    blocks = [block(200, n, sensor) for n in range(4) for sensor in SEGMENTS]
    blocks[-1].gyr_rad_s[150, 1] = 0.5 * SCALES.of("gyr")
    write(path, blocks, rows_a_group=64)
    check_same(path, blocks)
    assert (types(path)["acc_x"], types(path)["gyr_x"]) == ("int16", "float")
    blocks[-1].gyr_rad_s[151, 1] = np.pi
    write(path, blocks, rows_a_group=64)
    check_same(path, blocks)
    assert (types(path)["acc_x"], types(path)["gyr_x"]) == ("int16", "double")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("value", [-0.0, 32768 * SCALES.of("acc"), 1e-320, 1e300, np.nan, np.inf])
def test_values_that_are_no_counts(path: Path, value: float) -> None:
    one = block(100)
    one.acc_m_s2[50, 2] = value
    write(path, [one])
    check_same(path, [one])
    assert types(path)["acc_x"] != "int16"


def test_single_precision_without_a_scale(path: Path) -> None:
    random = np.random.default_rng(3)
    one = block(100)
    one.acc_m_s2[:] = random.normal(size=(100, 3)).astype(np.float32)
    write(path, [one], {"pelvis": Scales(None, rad_from_deg(1.0))})
    check_same(path, [one])
    assert types(path)["acc_x"] == "float"


_VALUES = st.one_of(
    st.integers(-32768, 32767).map(lambda count: count * SCALES.of("acc")),
    st.floats(width=32),
    st.floats(),
    st.sampled_from([0.0, -0.0, 5e-324, float("nan"), float("inf")]),
)


@settings(max_examples=60)
@given(
    data=st.data(),
    scale=st.none() | st.just(SCALES.of("acc")) | st.floats(1e-9, 1e3),
    rows_a_group=st.integers(1, 20),
)
def test_bit_for_bit(data: st.DataObject, scale: float | None, rows_a_group: int) -> None:
    """Whatever the values and scales, however they are cut into blocks."""
    blocks = []
    steps = st.integers(1, 10**10)
    now = dict.fromkeys(SEGMENTS, 0)
    for _ in range(data.draw(st.integers(1, 5))):
        sensor = data.draw(st.sampled_from(SEGMENTS))
        count = data.draw(st.integers(1, 12))
        t_ns = now[sensor] + np.cumsum(data.draw(hnp.arrays(np.int64, count, elements=steps)))
        now[sensor] = int(t_ns[-1])
        gyr, acc = (
            data.draw(hnp.arrays(np.float64, (count, 3), elements=_VALUES)) for _ in range(2)
        )
        blocks.append(ImuBlock(sensor, s_from_ns(t_ns), gyr, acc, np.zeros(count, np.bool_)))
    scales: dict[str, Scales] = dict.fromkeys(SEGMENTS, Scales(scale, scale))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples.parquet"
        write(path, blocks, scales, rows_a_group)
        check_same(path, blocks)


@given(hnp.arrays(np.int64, st.integers(0, 50), elements=st.integers(-(2**51), 2**51)))
def test_times_are_whole_nanoseconds(t_ns: np.ndarray) -> None:
    """A month of them is told apart and given back."""
    assert np.array_equal(ns_from_s(s_from_ns(t_ns)), t_ns)


def test_each_row_group_holds_one_sensor(path: Path) -> None:
    write(path, [block(100, n, sensor) for n in range(5) for sensor in SEGMENTS], rows_a_group=128)
    with pa.parquet.ParquetFile(path) as file:
        groups = range(file.metadata.num_row_groups)
        held = [set(file.read_row_group(g).column("sensor").to_pylist()) for g in groups]
    assert len(held) == 3 * 4
    assert all(len(sensors) == 1 for sensors in held)


def test_other_cuts_are_read_too(path: Path) -> None:
    """Someone may have sorted the file by time: sensors share row groups."""
    blocks = [block(100, n, sensor) for n, sensor in enumerate(SEGMENTS)]
    write(path, blocks)
    table = pa.parquet.read_table(path).sort_by("t_ns")
    pa.parquet.write_table(table, path, row_group_size=70)
    check_same(path, blocks)


def test_memory_does_not_grow_with_the_run(path: Path) -> None:
    with SamplesWriter(path, {"pelvis": SCALES}, rows_a_group=256) as writer:
        for n in range(50):
            writer.write(block(100, n))
            assert sum(len(rows.t_ns) for rows in writer._waiting["pelvis"]) < 256


def test_small(path: Path) -> None:
    """Ten minutes of noise at the full range: no more than the 12 bytes of its counts, and time."""
    write(path, [block(72_000)])
    assert path.stat().st_size < 72_000 * (12 + 4)


# What must not happen.


def test_nothing_appears_when_it_fails(path: Path) -> None:
    path.write_bytes(b"an earlier one")
    with pytest.raises(KeyError), SamplesWriter(path, {"pelvis": SCALES}, rows_a_group=8) as writer:  # noqa: PT012
        writer.write(block(100))
        raise KeyError
    assert path.read_bytes() == b"an earlier one"
    assert list(path.parent.iterdir()) == [path]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write(tmp_path / "nowhere" / "samples.parquet", [block(10)])
    assert "cannot be written" in caught.value.what


def test_times_between_nanoseconds(path: Path) -> None:
    one = block(10)
    late = ImuBlock("pelvis", one.t_s + 1e-10, one.gyr_rad_s, one.acc_m_s2, one.clipped)
    with pytest.raises(ValueError, match="whole nanoseconds"):
        write(path, [late])


def test_a_sensor_that_changes_what_it_measures(path: Path) -> None:
    with pytest.raises(ValueError, match="has changed"):
        write(path, [block(10), block(10, extras=True)])


def test_a_sensor_that_was_not_named(path: Path) -> None:
    with pytest.raises(ValueError, match="pelvis"):
        write(path, [block(10)], {"thigh_left": SCALES})


@pytest.mark.parametrize("scale", [0.0, -1.0, 1e7, np.inf, np.nan])
def test_impossible_scales(scale: float) -> None:
    with pytest.raises(ValueError, match="cannot be worth"):
        Scales(scale)


def refused(path: Path, *parts: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(open_samples("pelvis", path, 120.0).pieces())
    proper(caught.value, "samples.parquet", *parts)


def test_flipped_bytes_are_found(path: Path) -> None:
    """In the pages of the values; what else a flip meets is refused or changes nothing."""
    one = block(3000)
    write(path, [one])
    raw = path.read_bytes()
    for at in np.linspace(60, len(raw) * 0.95, 60).astype(int):
        damaged = bytearray(raw)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        try:
            found = read(path, "pelvis")
        except RecordingError:
            continue
        assert found["acc"].tobytes() == one.acc_m_s2.tobytes()
        assert found["t"].tobytes() == one.t_s.tobytes()


@settings(max_examples=60)
@given(data=st.data())
def test_spoilt_files_raise_nothing_else(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples.parquet"
        write(path, [block(200), block(200, 1, "thigh_left")], rows_a_group=128)
        raw = path.read_bytes()
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(raw)))
            raw = (
                raw[:at]
                + data.draw(st.binary(max_size=12))
                + raw[at + data.draw(st.integers(0, 12)) :]
            )
        path.write_bytes(raw)
        try:
            read(path, "pelvis")
        except RecordingError as error:
            proper(error)


def changed(path: Path, change: str, column: object = None) -> None:
    """Write the file again with one column exchanged, removed or the note replaced."""
    write(path, [block(20)])
    table = pa.parquet.read_table(path)
    if change == "note":
        table = table.replace_schema_metadata({} if column is None else {b"hipimu": column})
    elif column is None:
        table = table.drop_columns([change])
    else:
        table = table.set_column(table.column_names.index(change), change, column)
    pa.parquet.write_table(table, path)


@pytest.mark.parametrize("name", ["sensor", "t_ns", "acc_y", "gyr_z"])
def test_missing_columns(path: Path, name: str) -> None:
    changed(path, name)
    refused(path, name, "missing")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("acc_x", pa.array(["1"] * 20)),
        ("t_ns", pa.array([1.0] * 20)),
        ("sensor", pa.array([1] * 20)),
        ("acc_x", pa.array([1] * 20, pa.int64())),
    ],
)
def test_wrong_types(path: Path, name: str, column: object) -> None:
    changed(path, name, column)
    refused(path, name, "wrong type")


def test_missing_times(path: Path) -> None:
    changed(path, "t_ns", pa.array([None] * 20, pa.int64()))
    refused(path, "damaged")


@pytest.mark.parametrize(
    "note",
    [
        None,
        b"",
        b"{}",
        b"\xff",
        b'{"format": "hipimu-samples/2", "sensors": {}}',
        b'{"sensors": {"pelvis": {"acc_m_s2": 0, "gyr_rad_s": 1}}}',
        b'{"sensors": {"pelvis": {"acc_m_s2": NaN, "gyr_rad_s": 1}}}',
    ],
)
def test_wrong_notes(path: Path, note: bytes | None) -> None:
    changed(path, "note", note)
    refused(path, "multiplied")


def test_another_sensor(path: Path) -> None:
    write(path, [block(20)], {"thigh_left": SCALES, "pelvis": SCALES})
    with pytest.raises(RecordingError) as caught:
        open_samples("thigh_right", path, 120.0)
    proper(caught.value, "thigh_right", "thigh_left, pelvis")
    with pytest.raises(RecordingError, match="no samples"):
        list(open_samples("thigh_left", path, 120.0).pieces())


def test_no_rows_at_all(path: Path) -> None:
    write(path, [])
    refused(path, "no samples")
