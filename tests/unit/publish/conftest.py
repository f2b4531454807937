"""Nothing that is published here leaves this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

LOOPBACK = """
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
MachineAddresses = {127.0.0.1}
ListenAddress = 127.0.0.1
[lab]
KnownPeers = {127.0.0.1}
[log]
level = -3
"""


@pytest.fixture(scope="session", autouse=True)
def _lsl_on_loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Liblsl reads its settings once, at its first use in the process."""
    settings = tmp_path_factory.mktemp("lsl") / "lsl_api.cfg"
    settings.write_text(LOOPBACK)
    before = os.environ.get("LSLAPICFG")
    os.environ["LSLAPICFG"] = str(settings)
    yield
    if before is None:
        del os.environ["LSLAPICFG"]
    else:
        os.environ["LSLAPICFG"] = before
