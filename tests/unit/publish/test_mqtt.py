"""MQTT through a real broker on loopback, which comes and goes."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hipimu.errors import OutputError
from hipimu.publish import MqttPublisher, check_mqtt
from hipimu.publish.mqtt import MOST_WAITING
from tests.live_states import running_state
from tests.unit.publish.given import angles, imu, stride

aiomqtt = pytest.importorskip("aiomqtt")
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


@pytest.fixture(autouse=True)
def _broker_is_installed() -> None:
    if MOSQUITTO is None:
        missing = "no mosquitto was found"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Broker:
    """A mosquitto that can be stopped and started again on the same port."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self._settings = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", *settings]
        self._settings.write_text("\n".join(lines))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_s = time.monotonic() + 5.0
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < until_s, "the broker does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path, "allow_anonymous true")
    made.start()
    yield made
    made.stop()


class Listener:
    """Everything that comes to a broker, noted by a thread."""

    def __init__(self, port: int, **options: Any) -> None:
        self.heard: list[tuple[str, Any, bool]] = []
        self._port, self._options = port, options
        self._ready, self._over = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._listen()), daemon=True)
        self._thread.start()
        assert self._ready.wait(5.0)

    async def _listen(self) -> None:
        async with aiomqtt.Client("127.0.0.1", self._port, **self._options) as client:
            await client.subscribe("#", qos=1)
            self._ready.set()
            notes = asyncio.create_task(self._note(client))
            while not self._over.is_set():
                await asyncio.sleep(0.05)
            notes.cancel()

    async def _note(self, client: Any) -> None:
        async for message in client.messages:
            self.heard.append((str(message.topic), json.loads(message.payload), message.retain))

    def of(self, topic: str) -> list[Any]:
        return [payload for name, payload, _ in list(self.heard) if name == topic]

    def close(self) -> None:
        self._over.set()
        self._thread.join(3.0)


def until(done: Callable[[], object], seconds: float = 5.0) -> None:
    end_s = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end_s, "it does not happen"
        time.sleep(0.02)


def test_strides_and_states_arrive_under_the_run(broker: Broker) -> None:
    listener = Listener(broker.port)
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{broker.port}/lab", "tues/day")
    publisher.begin({})
    publisher.state(running_state(t_s=10.0))
    publisher.blocks([imu("pelvis", 10.0, 10)])
    publisher.angles([angles("left", 10.0, 10)])
    publisher.strides([stride(number=1, t_s=9.5), stride("right", number=2, t_s=9.9)])
    until(lambda: listener.of("lab/tues-day/state"))
    until(lambda: len(listener.of("lab/tues-day/strides")) == 2)
    publisher.close()
    until(lambda: listener.of("lab/tues-day/online") == [True, False])
    listener.close()

    told = listener.of("lab/tues-day/strides")
    assert [message["stride"] for message in told] == [1, 2]
    assert told[0]["unix_s"] == pytest.approx(time.time() - 0.5, abs=5.0)
    assert listener.of("lab/tues-day/state")[0]["pace"] == "fast"
    assert {topic for topic, _, _ in listener.heard} == {
        f"lab/tues-day/{name}" for name in ("online", "state", "strides")
    }


def test_who_comes_late_finds_the_last_state(broker: Broker) -> None:
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{broker.port}", "run")
    for number in range(3):
        publisher.state(running_state(number=number, running_strides=number))
    until(lambda: publisher._sent is not None)
    publisher.state(running_state(phase="done", ended="Your range held."))
    publisher.close()
    listener = Listener(broker.port)
    until(lambda: listener.of("hipimu/run/state"))
    listener.close()
    assert listener.of("hipimu/run/state")[-1]["ended"] == "Your range held."
    assert listener.of("hipimu/run/online")[-1] is False
    assert all(retained for _, _, retained in listener.heard)


def test_states_are_two_a_second_at_most(broker: Broker) -> None:
    listener = Listener(broker.port)
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{broker.port}", "run")
    for number in range(80):
        publisher.state(running_state(number=number))
        time.sleep(0.02)
    publisher.close()
    listener.close()
    assert 2 <= len(listener.of("hipimu/run/state")) <= 6


def test_samples_only_where_asked_for_and_so_many(broker: Broker) -> None:
    listener = Listener(broker.port)
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{broker.port}?samples=10", "run")
    publisher.state(running_state())
    for tenth in range(20):
        publisher.blocks([imu("pelvis", tenth / 10 + 0.003, 10)])
    until(lambda: len(listener.of("hipimu/run/samples")) == 20)
    publisher.close()
    listener.close()
    times = [t_s for message in listener.of("hipimu/run/samples") for t_s in message["t_s"]]
    assert times == pytest.approx([tenth / 10 + 0.003 for tenth in range(20)])


def test_a_broker_that_goes_and_comes_back(broker: Broker) -> None:
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{broker.port}", "run")
    publisher.state(running_state())
    until(lambda: publisher._sent is not None)
    broker.stop()
    begun_s = time.monotonic()
    publisher.strides([stride(number=i) for i in range(5)])
    for number in range(1000):
        publisher.state(running_state(number=number))
    assert time.monotonic() - begun_s < 0.5
    until(lambda: publisher.trouble)
    assert f"mqtt://127.0.0.1:{broker.port}/hipimu cannot be reached" in publisher.trouble
    broker.start()
    listener = Listener(broker.port)
    until(lambda: len(listener.of("hipimu/run/strides")) >= 5, seconds=10.0)
    until(lambda: not publisher.trouble)
    publisher.close()
    listener.close()
    assert [m["stride"] for m in listener.of("hipimu/run/strides")][-5:] == [0, 1, 2, 3, 4]


def test_without_a_broker_the_oldest_go_and_the_end_does_not_wait() -> None:
    publisher = MqttPublisher(f"mqtt://127.0.0.1:{free_port()}", "run")
    for _ in range(3):
        publisher.strides([stride(number=i) for i in range(MOST_WAITING)])
    assert publisher.dropped >= MOST_WAITING
    until(lambda: publisher.trouble)
    begun_s = time.monotonic()
    publisher.close()
    assert time.monotonic() - begun_s < 1.5


def test_user_and_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("anna:secret\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    broker = Broker(tmp_path, "allow_anonymous false", f"password_file {passwords}", "user root")
    broker.start()
    wrong = MqttPublisher(f"mqtt://anna:wrong-one@127.0.0.1:{broker.port}", "run")
    until(lambda: wrong.trouble)
    assert "wrong-one" not in wrong.trouble
    wrong.close()
    right = MqttPublisher(f"mqtt://anna:secret@127.0.0.1:{broker.port}", "run")
    right.state(running_state())
    until(lambda: right._sent is not None)
    assert right.trouble == ""
    right.close()
    broker.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for loopback, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


# Paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
def test_encrypted_only_with_whom_is_trusted(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    broker = Broker(
        tmp_path, "allow_anonymous true", f"certfile {cert}", f"keyfile {key}", "user root"
    )
    broker.start()
    stranger = MqttPublisher(f"mqtts://127.0.0.1:{broker.port}", "run")
    until(lambda: stranger.trouble)
    assert "certificate" in stranger.trouble.lower()
    stranger.close()
    gc.collect()
    trusted = MqttPublisher(f"mqtts://127.0.0.1:{broker.port}?ca={cert}", "run")
    trusted.state(running_state())
    until(lambda: trusted._sent is not None)
    trusted.close()
    broker.stop()


def test_without_aiomqtt_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    with pytest.raises(OutputError, match=r"hipimu\[mqtt\]"):
        check_mqtt("mqtt://localhost")
    with pytest.raises(OutputError, match="begin with mqtt"):
        check_mqtt("localhost")
