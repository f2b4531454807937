"""Records until it is killed, and says on standard output how much it has acknowledged."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hipimu.sources.journal import JournalWriter
from tests.unit.sources.journal.examples import METADATA, SENSORS, packet


def main() -> None:
    writer = JournalWriter(Path(sys.argv[1]), METADATA, sync_interval_s=0.05)
    told = 0
    while True:
        for _ in range(7):
            number = writer.appended
            writer.append(packet(number, sensor=SENSORS[number % 3]))
        time.sleep(0.002)
        if writer.synced > told:
            told = writer.synced
            print(told, flush=True)


if __name__ == "__main__":
    main()
