"""In the machine: a system bus, BlueZ, an adapter, and then the command.

usage: guest.py BLUETOOTHD COMMAND…
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

HERE = Path(__file__).parent
LOG = Path("/run/bluetoothd.log")


def main(daemon: str, command: list[str]) -> int:
    """Bring up what BlueZ needs, then run the command."""
    Path("/run/dbus").mkdir()
    subprocess.run(
        ["dbus-daemon", f"--config-file={HERE / 'dbus.conf'}", "--fork", "--nopidfile"], check=True
    )
    Path("/var/lib/bluetooth").mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        subprocess.Popen([daemon, "-n"], stdout=log, stderr=log)
    subprocess.Popen([sys.executable, "-S", str(HERE / "pump.py")])
    version = subprocess.run([daemon, "--version"], capture_output=True, text=True, check=True)
    asyncio.run(power_on())
    print(f"BlueZ {version.stdout.strip()}, Linux {os.uname().release}, adapter on", flush=True)
    return run(command)


def run(command: list[str]) -> int:
    """Run a command and print what it says, line by line: it is to see no terminal."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            print(line.decode(errors="replace").rstrip(), flush=True)
    return process.returncode


async def power_on() -> None:
    """Switch the adapter on through D-Bus, as a desktop would; it may take a while to appear."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    body = ["org.bluez.Adapter1", "Powered", Variant("b", True)]
    for _ in range(300):
        reply = await bus.call(
            Message(
                destination="org.bluez",
                path="/org/bluez/hci0",
                interface="org.freedesktop.DBus.Properties",
                member="Set",
                signature="ssv",
                body=body,
            )
        )
        if reply is not None and reply.message_type == MessageType.METHOD_RETURN:
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"The adapter cannot be switched on: {reply.body if reply else 'no reply'}.")


if __name__ == "__main__":
    code = 1
    try:
        code = main(sys.argv[1], sys.argv[2:])
    finally:
        if code:
            print(LOG.read_text(errors="replace") if LOG.exists() else "no bluetoothd", flush=True)
        print(f"== exit {code}", flush=True)
