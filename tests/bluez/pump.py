"""In the machine: carries HCI packets between the kernel and the socket outside.

The kernel's side (hci_vhci) wants one whole packet in each write; the port is a stream. The sizes
are those of the Core Specification, volume 4, part E, section 5.4. Started with -S: it has to be
quick, and imports nothing that is not built in.
"""

from __future__ import annotations

import os
import select
from pathlib import Path

_CREATE_CONTROLLER = b"\xff\x00"
_VENDOR = 0xFF
_PORTS = Path("/dev")


def packet_length(data: bytes) -> int | None:
    """Tell how long the packet at the beginning is; None while its header is not whole."""
    header = {1: 4, 2: 5, 4: 3, 5: 5}[data[0]]
    if len(data) < header:
        return None
    match data[0]:
        case 1:
            return header + data[3]
        case 4:
            return header + data[2]
        case 2:
            return header + int.from_bytes(data[3:5], "little")
        case _:
            return header + (int.from_bytes(data[3:5], "little") & 0x3FFF)


def write_packets(kernel: int, stream: bytes) -> bytes:
    """Hand the whole packets of a stream to the kernel; give what is left."""
    while stream and (length := packet_length(stream)) is not None and length <= len(stream):
        os.write(kernel, stream[:length])
        stream = stream[length:]
    return stream


def main() -> None:
    """Carry packets until the machine is off."""
    kernel = os.open("/dev/vhci", os.O_RDWR)
    os.write(kernel, _CREATE_CONTROLLER)
    port = os.open(min(_PORTS.glob("vport*")), os.O_RDWR)
    stream = b""
    while True:
        ready, _, _ = select.select([kernel, port], [], [])
        if kernel in ready and (packet := os.read(kernel, 4096))[0] != _VENDOR:
            os.write(port, packet)
        if port in ready:
            stream = write_packets(kernel, stream + os.read(port, 65536))


if __name__ == "__main__":
    main()
