"""Where an MQTT broker is, from one address."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from hipimu.errors import OutputError

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_FORM: Final = "Give it as mqtt://HOST or mqtts://USER:PASSWORD@HOST:PORT/PREFIX."
_MOST_SAMPLES_HZ = 200.0


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker, and where in its tree of topics a run goes."""

    host: str
    port: int
    prefix: str = "hipimu"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: Path | None = None
    """Certificate that the broker's is signed by; None: those that the system trusts."""
    samples_hz: float = 0.0
    """How many samples a second go out; 0: none."""

    @property
    def shown(self) -> str:
        """The address for people, without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}/{self.prefix}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Return how to encrypt and whom to trust; None where nothing is encrypted."""
        if not self.tls:
            return None
        return ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))


def read_address(text: str) -> BrokerAddress:
    """Read an address such as ``mqtts://user:password@host:8883/prefix?samples=10&ca=FILE``.

    Parameters
    ----------
    text : str
        Reserved characters in user and password are percent-encoded.

    Returns
    -------
    BrokerAddress

    Raises
    ------
    OutputError
        When it is none; the message never holds the password.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused("it is not of the form of an address") from error
    if parts.scheme not in _PORTS:
        raise _refused("it does not begin with mqtt:// or mqtts://")
    if not parts.hostname:
        raise _refused("it names no host")
    options = _options(parts.query)
    return BrokerAddress(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        prefix=_prefix(parts.path),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "mqtts",
        ca=_ca(options, tls=parts.scheme == "mqtts"),
        samples_hz=_samples_hz(options),
    )


def topic_part(name: str) -> str:
    """Make a name one level of a topic: what has a meaning there becomes ``-``."""
    kept = "".join("-" if sign in "/+#" or not sign.isprintable() else sign for sign in name)
    return kept.lstrip("$") or "run"


def _refused(why: str) -> OutputError:
    return OutputError(f"The address of the MQTT broker cannot be used: {why}.", _FORM)


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - {"samples", "ca"})
    if unknown:
        raise _refused(f"it has the option {unknown[0]!r}, and only samples and ca are known")
    return options


def _prefix(path: str) -> str:
    prefix = unquote(path).strip("/")
    if any(sign in "+#\x00" for sign in prefix) or prefix.startswith("$"):
        raise _refused("its prefix holds a character that has a meaning in topics")
    return prefix or "hipimu"


def _ca(options: dict[str, str], *, tls: bool) -> Path | None:
    if "ca" not in options:
        return None
    path = Path(options["ca"])
    if not tls:
        raise _refused("ca= needs mqtts://")
    if not path.is_file():
        raise _refused(f"there is no certificate {path}")
    return path


def _samples_hz(options: dict[str, str]) -> float:
    try:
        rate_hz = float(options.get("samples", "0"))
    except ValueError as error:
        raise _refused("samples= is no number") from error
    if not 0.0 <= rate_hz <= _MOST_SAMPLES_HZ:
        raise _refused(f"samples= is not from 0 to {_MOST_SAMPLES_HZ:.0f}")
    return rate_hz
