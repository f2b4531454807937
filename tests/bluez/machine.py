"""Run one command inside the virtual machine."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bluez.build import Stage

REPOSITORY = Path(__file__).resolve().parents[2]
_END = re.compile(r"== exit (\d+)")

_JOB = """\
export HOME=/root PATH={path} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export LD_LIBRARY_PATH={libraries}
cd {repository}
exec {python} tests/bluez/guest.py {daemon} {command}
"""


class Machine:
    """A machine whose Bluetooth adapter ends in a socket."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, command: Sequence[str]) -> None:
        """Boot, to run `command` in the repository's folder once there is an adapter."""
        self._stage.job.write_text(self._job(command))
        self._stage.socket.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *self._qemu(), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(100):
            if self._process.returncode is not None:
                break
            if self._stage.socket.exists():
                return
            await asyncio.sleep(0.1)
        raise SystemExit("The machine does not start: it opened no socket for its adapter.")

    async def finish(self) -> int:
        """Print what the guest says until it is off; give the command's exit code."""
        process, code = self._process, None
        if process is None or process.stdout is None:
            raise RuntimeError("not started")
        async for line in process.stdout:
            text = line.decode("utf-8", "replace").rstrip()
            if match := _END.search(text):
                code = int(match[1])
            print(f"  guest | {text}", flush=True)
        await process.wait()
        if code is None:
            raise SystemExit("The machine ended before the command did.")
        return code

    async def stop(self) -> None:
        """Switch it off, whatever it does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _job(self, command: Sequence[str]) -> str:
        daemon = self._stage.bluez / "usr/libexec/bluetooth/bluetoothd"
        beside = Path(sys.executable).parent
        return _JOB.format(
            path=f"{beside}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            libraries=":".join(map(str, self._stage.libraries)),
            repository=shlex.quote(str(REPOSITORY)),
            python=shlex.quote(sys.executable),
            daemon=shlex.quote(str(daemon)),
            command=shlex.join(command),
        )

    def _qemu(self) -> list[str]:
        stage = self._stage
        share = "local,security_model=none,multidevs=remap"
        # Software emulation, always: it is fast enough, and KVM inside a virtual machine may be
        # there and yet not work.
        return [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"),
            *("-m", "2G", "-smp", "2", "-no-reboot", "-nodefaults"),
            *("-display", "none", "-serial", "stdio"),
            *("-kernel", str(stage.vmlinuz), "-initrd", str(stage.initramfs)),
            *("-append", "console=ttyS0 quiet panic=-1 loglevel=3"),
            *("-virtfs", f"{share},path=/,mount_tag=host,readonly=on"),
            *("-virtfs", f"{share},path={stage.out},mount_tag=out"),
            *("-object", "rng-random,id=random,filename=/dev/urandom"),
            *("-device", "virtio-rng-pci,rng=random"),
            *("-chardev", f"socket,id=hci,path={stage.socket},server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=hci,name=hci"),
        ]
