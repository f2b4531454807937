"""Lab Streaming Layer over loopback: what an inlet gets is what the run gave."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from hipimu.data import SEGMENTS
from hipimu.errors import OutputError
from hipimu.publish import LslPublisher, check_lsl
from hipimu.publish.lsl import MOST_WAITING, _calm
from tests.live_states import running_state
from tests.unit.publish.given import RATE_HZ, angles, imu, stride

RATES = dict.fromkeys(SEGMENTS, RATE_HZ)


@pytest.fixture(scope="module")
def lsl() -> Any:
    return pytest.importorskip("pylsl")


@pytest.fixture(autouse=True)
def _quickly_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hipimu.publish.clock._MEASURED_S", 0.2)


@contextmanager
def published(name: str) -> Iterator[LslPublisher]:
    publisher = LslPublisher(name)
    publisher.begin(RATES)
    try:
        yield publisher
    finally:
        publisher.close()


def settled(publisher: LslPublisher, started_s: float) -> None:
    """Tell the time for as long as it is measured, as a run does."""
    for _ in range(6):
        publisher.state(running_state(t_s=time.monotonic() - started_s))
        time.sleep(0.05)


def opened(lsl: Any, name: str, kind: str) -> Any:
    found = lsl.resolve_bypred(f"name='hipimu {kind}' and source_id='hipimu-{kind}-{name}'", 1, 5.0)
    assert found, f"{kind} is not found"
    inlet = lsl.StreamInlet(found[0])
    inlet.open_stream(timeout=5.0)
    return inlet


def pulled(inlet: Any, count: int) -> tuple[Any, Any]:
    """Wait for so many samples."""
    values: list[Any] = []
    times: list[float] = []
    until_s = time.monotonic() + 5.0
    while len(times) < count:
        assert time.monotonic() < until_s, f"{len(times)} samples of {count} came"
        chunk, stamps = inlet.pull_chunk(timeout=0.2)
        values += list(chunk)
        times += list(stamps)
    return np.array(values), np.array(times)


def labels(inlet: Any) -> list[str]:
    channel = inlet.info(timeout=5.0).desc().child("channels").child("channel")
    found = []
    while not channel.empty():
        found.append(channel.child_value("label"))
        assert channel.child_value("unit")
        assert channel.child_value("type")
        channel = channel.next_sibling("channel")
    return found


def test_three_streams_with_times_values_and_meta_data(lsl: Any) -> None:
    started_s = time.monotonic()
    with published("three") as publisher:
        settled(publisher, started_s)
        streams = {kind: opened(lsl, "three", kind) for kind in ("samples", "angles", "strides")}
        info = {kind: inlet.info(timeout=5.0) for kind, inlet in streams.items()}
        assert [info[kind].type() for kind in info] == ["IMU", "MoCap", "Strides"]
        assert [info[kind].nominal_srate() for kind in info] == [RATE_HZ, RATE_HZ, 0.0]
        assert [info[kind].channel_count() for kind in info] == [18, 11, 6]
        acquisition = info["samples"].desc().child("acquisition")
        assert acquisition.child_value("software") == "hipimu"
        assert acquisition.child_value("recording") == "three"
        assert acquisition.child_value("mode") == "virtual"
        assert labels(streams["samples"])[:4] == [
            "pelvis_acc_x",
            "pelvis_acc_y",
            "pelvis_acc_z",
            "pelvis_gyr_x",
        ]
        assert labels(streams["strides"])[0] == "side"

        now_s = time.monotonic() - started_s
        publisher.blocks([imu(segment, now_s, 51) for segment in SEGMENTS])
        publisher.angles([angles("left", now_s, 20), angles("right", now_s, 20)])
        publisher.strides([stride("right", t_s=now_s)])
        offset_s = lsl.local_clock() - (time.monotonic() - started_s)

        values, times = pulled(streams["samples"], 50)
        np.testing.assert_allclose(values[:, 0], times - offset_s, atol=0.05)
        np.testing.assert_allclose(np.diff(times), 1 / RATE_HZ, atol=1e-6)
        assert values[:, 7].tolist() == [1.0] * 50
        values, times = pulled(streams["angles"], 20)
        np.testing.assert_allclose(values[:, [0, 4]], [[30.0, 40.0]] * 20, rtol=1e-6)
        assert times[0] == pytest.approx(now_s + offset_s, abs=0.02)
        values, times = pulled(streams["strides"], 1)
        assert values[0, :2].tolist() == [1.0, 50.0]
        assert times[0] == pytest.approx(now_s + offset_s, abs=0.02)


def test_what_came_before_the_clock_was_known_is_sent_later(
    lsl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    with published("early") as publisher:
        monkeypatch.setattr(publisher, "_send", sent.extend)
        publisher.strides([stride(number=i) for i in range(3)])
        time.sleep(0.3)
        publisher.strides([stride(number=3)])
        assert sent == []
        settled(publisher, time.monotonic())
        time.sleep(0.3)
        assert [item.stride for item in sent] == [0, 1, 2, 3]
        assert publisher.trouble == ""
        assert publisher.dropped == 0


def test_a_silent_sensor_does_not_hold_up_the_others(lsl: Any) -> None:
    started_s = time.monotonic()
    with published("silent") as publisher:
        settled(publisher, started_s)
        inlet = opened(lsl, "silent", "samples")
        publisher.blocks([imu(segment, 0.0, 100) for segment in SEGMENTS])
        publisher.blocks([imu("pelvis", 1.0, 500), imu("thigh_left", 1.0, 500)])
        values, _ = pulled(inlet, 500)
        assert np.isnan(values[300:, 12:]).all()
        assert np.isfinite(values[300:, :12]).all()


def test_a_run_never_waits(lsl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, release = Event(), Event()

    def send(items: Any) -> None:
        stuck.set()
        release.wait()

    publisher = LslPublisher("stuck")
    monkeypatch.setattr(publisher, "_send", send)
    publisher.begin(RATES)
    settled(publisher, time.monotonic())
    assert stuck.wait(2.0)
    begun_s = time.monotonic()
    for second in range(50):
        publisher.state(running_state(t_s=float(second)))
        publisher.blocks([imu("pelvis", second, 10)] * 200)
    publisher.close()
    assert time.monotonic() - begun_s < 2.0
    assert publisher.dropped == 50 * 200 - MOST_WAITING
    release.set()


def test_what_fails_is_told_and_ends_only_the_streams(
    lsl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = LslPublisher("fails")
    monkeypatch.setattr(publisher, "_send", lambda items: 1 / 0)
    publisher.begin(RATES)
    settled(publisher, time.monotonic())
    publisher.strides([stride()])
    time.sleep(0.3)
    assert "division by zero" in publisher.trouble
    publisher.strides([stride()])
    publisher.close()


@pytest.mark.parametrize("own", ["[lab]\nKnownPeers = {10.0.0.1}", "[log]\nlevel = 4", None])
def test_liblsl_is_calm_and_settings_are_kept(
    own: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lsl:
        given = ""

        def set_config_content(self, text: str) -> None:
            self.given = text

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LSLAPICFG", str(tmp_path / "mine.cfg"))
    if own is not None:
        (tmp_path / "mine.cfg").write_text(own)
    lsl = Lsl()
    _calm(lsl)
    if own is not None and "[log]" in own:
        assert lsl.given == ""
    else:
        assert (own or "") in lsl.given
        assert "level = -2" in lsl.given


def test_without_pylsl_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(OutputError, match=r"hipimu\[lsl\]"):
        check_lsl()
    with pytest.raises(OutputError, match=r"hipimu\[lsl\]"):
        LslPublisher("none")
