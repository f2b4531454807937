"""What a device sends is what is decoded, in any batches; garbage is refused, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipimu.data import FloatArray, Readings
from hipimu.protocol import Decoder, Device, Protocol, Sent, chosen, conversation, known
from hipimu.protocol.schema import key_of
from hipimu.units import GRAVITY_M_S2

SPOKEN = [p for p in known().values() if p.refusal is None and p.kind == "imu"]
ALL = [p for p in known().values() if p.refusal is None]
FINEST_S = 2e-6
FEW = settings(max_examples=15)


def moving(t_s: FloatArray) -> Mapping[str, FloatArray]:
    """A smooth motion within every sensor's range."""
    turn = np.stack([3 * np.sin(5 * t_s), 2 * np.cos(4 * t_s), np.sin(t_s)], axis=1)
    felt = np.stack([5 * np.sin(3 * t_s), 4 * np.cos(2 * t_s), GRAVITY_M_S2 + 0 * t_s], axis=1)
    return {"acc_m_s2": felt, "gyr_rad_s": turn, "mag_ut": felt}


def started(protocol: Protocol, choices: Mapping[str, float] | None = None) -> Device:
    """A device that was told to measure, as the radio tells it."""
    device = Device(protocol, moving)
    talk = conversation(protocol, choices)
    answers = [device.write(c.characteristic, c.payload) for c in (*talk.configure, *talk.start)]
    wanted = [c for c in (*talk.configure, *talk.start) if c.reply_characteristic is not None]
    replies = [reply for answer in answers for reply in answer.replies]
    assert len(replies) == len(wanted)
    for command, (characteristic, payload) in zip(wanted, replies, strict=True):
        assert characteristic == command.reply_characteristic
        assert payload.startswith(command.reply_begins)
    assert not talk.start or answers[-1].streaming
    device.replies = replies  # type: ignore[attr-defined]
    return device


def sent_by(device: Device, seconds: float) -> list[Sent]:
    replies = getattr(device, "replies", [])
    start = [Sent(0.0, characteristic, payload) for characteristic, payload in replies]
    return start + device.packets(10.0, 10.0 + seconds)


def received(decoder: Decoder, packets: list[Sent], shares: list[float]) -> list[Readings]:
    bounds = sorted({0, len(packets), *(int(share * len(packets)) for share in shares)})
    readings: list[Readings] = []
    for low, high in pairwise(bounds):
        for packet_run in _runs(packets[low:high]):
            payloads = [p.payload for p in packet_run]
            times = [p.due_s for p in packet_run]
            decoded = decoder.push(packet_run[0].characteristic, payloads, times)
            assert decoded.refused == ()
            readings += decoded.readings
    return readings


def _runs(packets: list[Sent]) -> list[list[Sent]]:
    runs: list[list[Sent]] = []
    for packet in packets:
        if not runs or runs[-1][-1].characteristic != packet.characteristic:
            runs.append([])
        runs[-1].append(packet)
    return runs


def together(readings: list[Readings]) -> dict[str, np.ndarray]:
    parts: dict[str, list[np.ndarray]] = {}
    for r in readings:
        for name, values in r.signals.items():
            parts.setdefault(f"{r.layout} {name}", []).append(values)
        for name in ("ticks", "counter", "packet", "arrival_s"):
            value = getattr(r, name)
            if value is not None:
                parts.setdefault(f"{r.layout} {name}", []).append(value)
    return {name: np.concatenate(values) for name, values in parts.items()}


@pytest.mark.parametrize("protocol", SPOKEN, ids=lambda p: p.id)
def test_what_is_sent_is_decoded(protocol: Protocol) -> None:
    decoder = Decoder(protocol, "pelvis")
    readings = received(decoder, sent_by(started(protocol), 4.0), [])
    got = together(readings)
    rate_hz = chosen(protocol, None)["rate_hz"]
    found = set()
    for layout in {r.layout for r in readings}:
        for name, most in (("acc_m_s2", 0.05), ("gyr_rad_s", 0.01)):
            values = got.get(f"{layout} {name}")
            if values is None:
                continue
            found.add(name)
            t_s = 10.0 + np.arange(len(values)) / rate_hz
            assert len(values) >= 3.0 * rate_hz
            np.testing.assert_allclose(values, moving(t_s)[name], atol=most)
            timing = decoder.timing(layout)
            steps_s = np.diff(got[f"{layout} ticks"]) % timing.wrap * timing.tick_s
            coarse_s = protocol.clock.tick_s if protocol.clock else 0.0
            np.testing.assert_allclose(steps_s, 1 / rate_hz, atol=coarse_s + FINEST_S)
    assert "acc_m_s2" in found
    assert decoder.lost in (None, 0)
    assert decoder.duplicates == 0


@pytest.mark.parametrize("protocol", SPOKEN, ids=lambda p: p.id)
@FEW
@given(shares=st.lists(st.floats(0, 1), max_size=12))
def test_batches_change_nothing(protocol: Protocol, shares: list[float]) -> None:
    packets = sent_by(started(protocol), 1.0)
    whole = together(received(Decoder(protocol, "pelvis"), packets, []))
    cut = together(received(Decoder(protocol, "pelvis"), packets, shares))
    assert whole.keys() == cut.keys()
    for name, values in whole.items():
        np.testing.assert_array_equal(cut[name], values)


@pytest.mark.parametrize("protocol", SPOKEN, ids=lambda p: p.id)
def test_every_choice_is_understood_and_decoded(protocol: Protocol) -> None:
    for name, setting in protocol.settings.items():
        for choice in setting.choices:
            choices = {name: choice}
            decoder = Decoder(protocol, "pelvis", choices)
            got = together(received(decoder, sent_by(started(protocol, choices), 2.0), []))
            key = next(k for k in got if k.endswith("acc_m_s2"))
            t_s = 10.0 + np.arange(len(got[key])) / decoder.rate_hz
            assert len(t_s), f"{name} = {key_of(choice)} gives nothing"
            np.testing.assert_allclose(got[key], moving(t_s)["acc_m_s2"], atol=0.05)


@pytest.mark.parametrize("protocol", ALL, ids=lambda p: p.id)
@FEW
@given(payloads=st.lists(st.binary(max_size=300), min_size=1, max_size=8), data=st.data())
def test_garbage_is_refused_and_nothing_else(
    protocol: Protocol, payloads: list[bytes], data: st.DataObject
) -> None:
    decoder = Decoder(protocol, "pelvis")
    alias = data.draw(st.sampled_from(sorted(protocol.characteristics)))
    begins = [bytes.fromhex(layout.begins) for layout in protocol.layouts.values()]
    prefix = data.draw(st.sampled_from([b"", *begins]))
    for payload in payloads:
        decoded = decoder.push(alias, [prefix + payload, payload], [0.0, 0.0])
        for readings in decoded.readings:
            assert all(len(v) == len(readings.arrival_s) for v in readings.signals.values())


@pytest.mark.parametrize(
    "protocol", [p for p in SPOKEN if p.counter or p.clock], ids=lambda p: p.id
)
@FEW
@given(
    repeated=st.sets(st.integers(0, 39), max_size=10),
    missing=st.sets(st.integers(1, 38), max_size=10),
)
def test_twice_is_once_and_missing_is_counted(
    protocol: Protocol, repeated: set[int], missing: set[int]
) -> None:
    device = started(protocol)
    replies = [Sent(0.0, c, p) for c, p in getattr(device, "replies", [])]
    packets = device.packets(10.0, 30.0)[:40]
    if protocol.framing is not None and protocol.framing.codec == "two_part":
        pytest.skip("its parts are no packets of their own")
    several = len({p.characteristic for p in packets}) > 1 or len(protocol.layouts) > 1
    damaged = [
        p for i, p in enumerate(packets) if i not in missing for _ in range(1 + (i in repeated))
    ]
    plain, decoder = Decoder(protocol, "pelvis"), Decoder(protocol, "pelvis")
    kept = [p for i, p in enumerate(packets) if i not in missing]
    once = together(received(plain, replies + kept, []))
    twice = together(received(decoder, replies + damaged, []))
    for name in (n for n in once if "signals" in n or n.endswith(("acc_m_s2", "gyr_rad_s"))):
        np.testing.assert_array_equal(twice[name], once[name])
    assert decoder.duplicates == len(repeated - missing)
    if decoder.lost is not None and not several:
        assert decoder.lost == len(missing)
