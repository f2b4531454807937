"""The open profile in C, as firmware runs it, against hipimu's decoder and the profile's page.

The C code is compiled with every warning an error and, where the compiler has them, with the
address and undefined-behaviour sanitizers: one byte read or written too far ends the program, and
the test with it. None of this has run on a board.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hipimu.protocol import Decoder, protocol_named
from hipimu.protocol.commands import Template
from hipimu.protocol.consistency import writes
from hipimu.units import GRAVITY_M_S2, rad_from_deg

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "firmware_protocols" / "reference"
PAGE = (ROOT / "docs" / "reference" / "open-profile.md").read_text(encoding="utf-8")
PROTOCOL = protocol_named("hipimu-open")
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-O1", "-g"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
QUEUE = 16
I16 = st.integers(-(2**15), 2**15 - 1)
SAMPLE = st.tuples(I16, I16, I16, I16, I16, I16)

patient = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)


class Firmware:
    """The compiled driver; see firmware_protocols/reference/host/driver.c."""

    def __init__(self, program: Path) -> None:
        self._run = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __call__(self, *command: object) -> str:
        assert self._run.stdin is not None
        assert self._run.stdout is not None
        self._run.stdin.write(" ".join(str(part) for part in command) + "\n")
        self._run.stdin.flush()
        answer = self._run.stdout.readline()
        assert answer.endswith("\n"), f"the firmware stopped at {command}"
        return answer.strip()

    def control(self, written: bytes) -> list[bytes]:
        return [bytes.fromhex(ack) for ack in self("control", written.hex()).split()]

    def next(self) -> bytes | None:
        packet = self("next")
        return None if packet == "-" else bytes.fromhex(packet)

    def close(self) -> None:
        assert self._run.stdin is not None
        assert self._run.stdout is not None
        self._run.stdin.close()
        self._run.stdout.close()
        assert self._run.wait(10) == 0


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler here")
    program = tmp_path_factory.mktemp("firmware") / "driver"
    sources = [REFERENCE / "host" / "driver.c", REFERENCE / "hipimu_open" / "open_profile.c"]
    for extra in (SANITIZERS, []):
        made = subprocess.run(
            [compiler, *STRICT, *extra, *sources, "-o", program], capture_output=True, text=True
        )
        # A compiler may know the sanitizers and lack their library: then without.
        if made.returncode == 0 and subprocess.run([program], input="", text=True).returncode == 0:
            return program
    pytest.fail(made.stderr)


@pytest.fixture
def firmware(compiled: Path) -> Iterator[Firmware]:
    running = Firmware(compiled)
    yield running
    running.close()


def streaming(firmware: Firmware, samples: int) -> None:
    firmware("new")
    firmware("link", 1, 1, 0)
    assert firmware.control(bytes([6, 1, samples])) == [bytes([0x86, 2, 0, samples])]
    assert firmware.control(b"\x01\x00") == [b"\x81\x01\x00"]


def lost_of(firmware: Firmware) -> int:
    (lost,) = struct.unpack_from("<I", bytes.fromhex(firmware("describe")), 13)
    return int(lost)


@patient
@given(
    samples=st.lists(SAMPLE, min_size=1, max_size=19),
    counter=st.integers(0, 2**16 - 1),
    time_us=st.integers(0, 2**32 - 1),
    acc_g=st.sampled_from(PROTOCOL.settings["acc_range_g"].choices),
    gyr_deg_s=st.sampled_from(PROTOCOL.settings["gyr_range_deg_s"].choices),
)
def test_packets_mean_what_was_put_in(
    firmware: Firmware,
    samples: list[tuple[int, ...]],
    counter: int,
    time_us: int,
    acc_g: float,
    gyr_deg_s: float,
) -> None:
    numbers = [n for sample in samples for n in sample]
    text = firmware("encode", 234, counter, time_us, len(samples), *numbers)
    packet = bytes.fromhex(text)
    assert packet == struct.pack("<HI", counter, time_us) + struct.pack(
        f"<{len(numbers)}h", *numbers
    )
    chosen = {"acc_range_g": acc_g, "gyr_range_deg_s": gyr_deg_s}
    (readings,) = Decoder(PROTOCOL, "pelvis", chosen).decode("data", packet)
    counts = np.array(samples, dtype=np.float64)
    acc = counts[:, :3] * acc_g / 32768 * GRAVITY_M_S2
    gyr = rad_from_deg(counts[:, 3:] * gyr_deg_s / 32768)
    np.testing.assert_allclose(readings.signals["acc_m_s2"], acc, rtol=1e-12)
    np.testing.assert_allclose(readings.signals["gyr_rad_s"], gyr, rtol=1e-12)
    assert readings.ticks is not None
    assert readings.ticks[0] == time_us


@pytest.mark.parametrize("count", [0, 1, 2, 3, 18, 19, 20, 40])
def test_a_packet_that_does_not_fit_is_not_written(firmware: Firmware, count: int) -> None:
    size = 6 + 12 * count
    for room in {0, 5, 6, size - 12, size - 1, size, size + 1}:
        text = firmware("encode", max(room, 0), 1, 2, count, *([7] * 6 * count))
        fits = 1 <= count <= 19 and size <= room
        assert len(text) == (2 * size if fits else 1)


@patient
@given(
    per_packet=st.integers(1, 19),
    steps=st.lists(st.sampled_from(["push", "push", "push", "send"]), max_size=400),
)
def test_the_queue_drops_the_oldest_and_the_counter_tells(
    firmware: Firmware, per_packet: int, steps: list[str]
) -> None:
    streaming(firmware, per_packet)
    queue: list[bytes] = []
    filling: list[tuple[int, int]] = []
    made = lost = pushed = 0
    for step in steps:
        if step == "send":
            assert firmware.next() == (queue.pop(0) if queue else None)
            firmware("sent")
            continue
        pushed += 1
        time_us = (2**32 - 1000 + 9615 * pushed) % 2**32
        firmware("push", time_us, pushed % 1000, 0, -1, -pushed % 1000, 2, 3)
        filling.append((time_us, pushed))
        if len(filling) == per_packet:
            packet = struct.pack("<HI", made % 2**16, filling[0][0])
            for _, n in filling:
                packet += struct.pack("<6h", n % 1000, 0, -1, -n % 1000, 2, 3)
            queue, lost = [*queue[-QUEUE + 1 :], packet], lost + (len(queue) == QUEUE)
            made, filling = made + 1, []
    while queue:
        assert firmware.next() == queue.pop(0)
        firmware("sent")
    assert firmware.next() is None
    assert lost_of(firmware) == lost


def test_the_counter_starts_over_after_65535(firmware: Firmware) -> None:
    streaming(firmware, 1)
    packets = []
    for n in range(2**16 + 3):
        firmware("push", n, 0, 0, 0, 0, 0, 0)
        if n >= 2**16 - 2:
            packets.append(firmware.next())
        firmware("sent")
    counters = [struct.unpack_from("<H", packet)[0] for packet in packets if packet]
    assert counters == [65534, 65535, 0, 1, 2]


@dataclass
class Model:
    """The page's control characteristic, written a second time."""

    rates: tuple[int, ...] = (52000, 104000, 208000)
    rate: int = 52000
    acc: int = 16
    gyr: int = 2000
    samples: int = 1
    streaming: bool = False
    room: int = 0
    subscribed: bool = True
    acks: list[bytes] = field(default_factory=list)

    def write(self, written: bytes) -> list[bytes]:
        self.acks = []
        while written and self._one(written[0], written[1:2], written[2:]):
            written = written[2 + written[1] :]
        return self.acks

    def _one(self, tag: int, length: bytes, rest: bytes) -> bool:
        size = {1: 0, 2: 0, 3: 2, 4: 1, 5: 2, 6: 1}.get(tag)
        value = rest[: length[0]] if length else b""
        if size is None:
            status = 1
        elif not length or length[0] != size or len(value) != size:
            status = 2
        else:
            status = self._apply(tag, int.from_bytes(value, "little"))
        now = {
            3: struct.pack("<I", self.rate),
            4: bytes([self.acc]),
            5: struct.pack("<H", self.gyr),
            6: bytes([self.samples]),
        }.get(tag, b"")
        self.acks.append(bytes([tag | 0x80, 1 + len(now), status]) + now)
        return status == 0

    def _apply(self, tag: int, value: int) -> int:
        if tag == 1:
            fits = self.room == 0 or self.room >= 6 + 12 * self.samples
            if not self.streaming and not (self.subscribed and fits):
                return 5
            self.streaming = True
        elif tag == 2:
            self.streaming = False
        elif self.streaming:
            return 4
        else:
            return self._set(tag, value)
        return 0

    def _set(self, tag: int, value: int) -> int:
        if tag == 3:
            fast = [rate for rate in self.rates if value and rate >= 950 * value]
            self.rate = min(fast, default=self.rate)
            return 0 if fast else 3
        possible = {4: (2, 4, 8, 16), 5: (250, 500, 1000, 2000), 6: range(1, 20)}[tag]
        if value not in possible:
            return 3
        setattr(self, {4: "acc", 5: "gyr", 6: "samples"}[tag], value)
        return 0


LIKELY = st.one_of(
    st.binary(max_size=20),
    st.lists(
        st.one_of(
            st.builds(
                lambda t, v: bytes([t, len(v)]) + v, st.integers(1, 6), st.binary(max_size=3)
            ),
            st.builds(lambda hz: struct.pack("<BBH", 3, 2, hz), st.integers(0, 300)),
            st.builds(lambda n: bytes([6, 1, n]), st.integers(0, 20)),
            st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x04\x01\x08", b"\x05\x02\xe8\x03"]),
            st.sampled_from([b"\x01", b"\x02", b"\x06", b"\x04\x01", b"\x05\x02\xe8"]),
        ),
        max_size=6,
    ).map(b"".join),
)


@settings(patient, max_examples=1000)
@given(writes_=st.lists(LIKELY, max_size=8), room=st.sampled_from([0, 20, 42, 244]))
def test_control_does_what_the_page_says_with_any_bytes(
    firmware: Firmware, writes_: list[bytes], room: int
) -> None:
    firmware("new")
    firmware("link", 1, 1, room)
    model = Model(room=room)
    for written in writes_:
        assert firmware.control(written) == model.write(written)
    described = bytes.fromhex(firmware("describe"))
    assert described[:11] == struct.pack(
        "<BBIBHBB",
        1,
        2 | model.streaming,
        model.rate,
        model.acc,
        model.gyr,
        model.samples,
        19,
    )


def test_without_a_listener_or_a_sensor_nothing_starts(firmware: Firmware) -> None:
    firmware("new")
    assert firmware.control(b"\x01\x00") == [b"\x81\x01\x05"]
    firmware("link", 1, 1, 0)
    firmware("fault", 1)
    assert firmware.control(b"\x01\x00") == [b"\x81\x01\x06"]
    firmware("fault", 0)
    assert firmware.control(b"\x01\x00") == [b"\x81\x01\x00"]


def test_a_lost_link_ends_the_stream_and_keeps_the_settings(firmware: Firmware) -> None:
    streaming(firmware, 2)
    for n in range(2 * QUEUE + 5):
        firmware("push", n, 0, 0, 0, 0, 0, 0)
    assert lost_of(firmware) == 2
    firmware("link", 0, 0, 0)
    assert firmware.next() is None
    firmware("push", 9, 0, 0, 0, 0, 0, 0)
    firmware("link", 1, 1, 244)
    assert firmware.control(b"\x01\x00") == [b"\x81\x01\x00"]
    assert lost_of(firmware) == 0
    for n in (100, 101):
        firmware("push", n, 1, 2, 3, 4, 5, 6)
    assert firmware.next() == struct.pack("<HI12h", 0, 100, *(1, 2, 3, 4, 5, 6) * 2)


@patient
@given(
    raw=I16,
    numerator=st.integers(1, 2**31 - 1),
    denominator=st.integers(-(2**31), 2**31 - 1).filter(bool),
)
def test_scaling_rounds_and_never_wraps(
    firmware: Firmware, raw: int, numerator: int, denominator: int
) -> None:
    got = int(firmware("scale", raw, numerator, denominator))
    exact = raw * numerator / denominator
    kept = min(max(exact, -(2**15)), 2**15 - 1)
    assert abs(got - kept) <= 0.5 + 1e-9


def test_scaling_of_an_lsm6ds3_at_its_ends(firmware: Firmware) -> None:
    # 70 mdeg/s a count, for ±2000 deg/s: 32767 counts are 2294 deg/s, beyond the range.
    assert int(firmware("scale", 32767, 70 * 32768, 2_000_000)) == 32767
    assert int(firmware("scale", -32768, 70 * 32768, 2_000_000)) == -32768
    assert int(firmware("scale", 1000, 70 * 32768, 2_000_000)) == 1147
    assert int(firmware("scale", 5, 1, 0)) == 0


def test_hipimu_is_understood(firmware: Firmware) -> None:
    """What hipimu writes by its own protocol file gets the answers that the file waits for."""
    firmware("new")
    firmware("link", 1, 1, 244)
    values = {name: setting.default for name, setting in PROTOCOL.settings.items()}
    for place, write in writes(PROTOCOL):
        (ack,) = firmware.control(Template(write.bytes_).filled(values))
        if write.reply is not None:
            assert ack.startswith(bytes.fromhex(write.reply.begins)), place
            if write.reply.example is not None:
                assert ack == bytes.fromhex(write.reply.example), place
    assert bytes.fromhex(firmware("describe"))[1] & 1 == 0


@pytest.mark.parametrize("nano", ["", "nano"])
def test_every_choice_in_the_protocol_file_is_answered(firmware: Firmware, nano: str) -> None:
    for hz in PROTOCOL.settings["rate_hz"].choices:
        firmware("new", nano)
        (ack,) = firmware.control(struct.pack("<BBH", 3, 2, int(hz)))
        (given_mhz,) = struct.unpack_from("<I", ack, 3)
        assert ack[2] in (0, 3)
        assert ack[2] == 3 or given_mhz >= 950 * hz


def test_uuids_are_the_same_everywhere() -> None:
    header = (REFERENCE / "hipimu_open" / "open_profile.h").read_text(encoding="utf-8")
    base = re.search(r"`5d81NNNN(-[0-9a-f-]+)`", PAGE)
    assert base is not None
    in_c = dict(re.findall(r'#define HIP_UUID_(\w+) "([0-9a-f-]+)"', header))
    for number, name in enumerate(["service", "data", "control", "description"], 1):
        uuid = f"5d81{number:04x}{base.group(1)}"
        assert in_c[name.upper()] == uuid
        known = PROTOCOL.characteristics.get(name)
        assert known is None or known.uuid == uuid
    assert PROTOCOL.recognise.services == [in_c["SERVICE"]]


def page_bytes(text: str) -> bytes:
    return bytes.fromhex(re.sub(r"[^0-9a-f]", "", text))


def test_the_conversation_on_the_page(firmware: Firmware) -> None:
    firmware("new")
    firmware("link", 1, 1, 0)
    rows = re.findall(r"^\| `([0-9a-f ]+)` \| ((?:`[0-9a-f ]+`(?:, )?)+) \|", PAGE, re.M)
    assert len(rows) == 10
    for written, answers in rows:
        wanted = [page_bytes(answer) for answer in re.findall(r"`([^`]+)`", answers)]
        assert firmware.control(page_bytes(written)) == wanted, written


def test_the_packets_on_the_page(firmware: Firmware) -> None:
    blocks = re.findall(r"```text\n(.*?)```", PAGE.split("## Examples")[1], re.S)
    packet, wrapping, description = blocks
    assert firmware("encode", 20, 7, 1000000, 1, 0, 0, 2048, 16, -16, 0) == page_bytes(packet).hex()
    (readings,) = Decoder(PROTOCOL, "pelvis").decode("data", page_bytes(packet))
    np.testing.assert_allclose(readings.signals["acc_m_s2"], [[0, 0, GRAVITY_M_S2]])
    turn = rad_from_deg(0.9765625)
    np.testing.assert_allclose(readings.signals["gyr_rad_s"], [[turn, -turn, 0]])
    heads = [page_bytes(line.split("…")[0]) for line in wrapping.splitlines()]
    assert [struct.unpack("<HI", head) for head in heads] == [(65535, 4294967000), (0, 28581)]
    firmware("new")
    firmware("link", 1, 1, 0)
    firmware.control(bytes.fromhex("03026400 060103 0100"))
    for n in range(3 * (QUEUE + 2)):
        firmware("push", n, 0, 0, 0, 0, 0, 0)
    assert firmware("describe") == page_bytes(description).hex()
