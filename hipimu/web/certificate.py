"""A certificate made on this computer, for those who want https nearby.

It says that a page comes from the computer that holds its key, and nothing of who that is: browsers
warn. Who compares its fingerprint with the one shown here knows that nobody sits in between.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import platformdirs
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hipimu.errors import OutputError
from hipimu.sources.durable import aside, not_written, put_in_place

_VALID: Final = timedelta(days=365)
"""Apple's systems take no more than 825 days, others 398."""
_EARLY: Final = timedelta(days=1)
"""Clocks of phones may be behind."""
_RENEWED: Final = timedelta(days=14)
"""So long before its end."""
_NAMES_KEPT: Final = 24
_LARGEST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, and where it lies with its key."""

    path: Path
    fingerprint: str
    """SHA-256, pairs of hexadecimal digits with colons between them, as browsers show it."""
    until: datetime
    names: tuple[str, ...]
    """Addresses and host names that it holds for."""


def certificate_file() -> Path:
    """Return where the certificate and its key are kept, in the user's data."""
    return Path(platformdirs.user_data_dir("hipimu", appauthor=False)) / "live-certificate.pem"


def local_certificate(
    addresses: Iterable[str], names: Iterable[str], path: Path | None = None
) -> Certificate:
    """Return the certificate of this computer; make one where there is none that fits.

    Parameters
    ----------
    addresses : iterable of str
        That it has to hold for.
    names : iterable of str
        Host names that it has to hold for.
    path : Path or None
        None: `certificate_file`.

    Returns
    -------
    Certificate
        The one of last time, so that a phone's consent lasts, unless an address is new, it ends
        soon, or others could have read its key. A new one also holds for the addresses of the one
        before, as who trains in two places comes back.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    path = path or certificate_file()
    wanted = tuple(dict.fromkeys((*addresses, *sorted(names))))
    before = _kept(path)
    if before is not None and set(wanted) <= set(before.names):
        return before
    old = before.names if before is not None else ()
    _write_secret(path, _made(tuple(dict.fromkeys((*wanted, *old)))[:_NAMES_KEPT]))
    made = _kept(path)
    if made is None:
        raise OutputError(f"{path} cannot be read back.", "Make its folder private and writable.")
    return made


def _kept(path: Path) -> Certificate | None:
    """Read what is there; None where it cannot be used, whatever the reason."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            return None
        content = path.read_bytes()[:_LARGEST_BYTES]
        key = load_pem_private_key(content, password=None)
        certificate = x509.load_pem_x509_certificate(content)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return None
    until = certificate.not_valid_after_utc
    if key.public_key() != certificate.public_key() or until - _RENEWED < datetime.now(UTC):
        return None
    fingerprint = certificate.fingerprint(SHA256()).hex(":").upper()
    return Certificate(path, fingerprint, until, tuple(str(name.value) for name in names))


def _made(names: tuple[str, ...]) -> bytes:
    """Make a key and a certificate that it signs itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    public, now = key.public_key(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hipimu live, made locally")])
    subject_key = x509.SubjectKeyIdentifier.from_public_key(public)
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.SubjectAlternativeName([_general(name) for name in names]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_SIGNS_ONLY, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (subject_key, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key), False),
    )
    builder = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + _VALID)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate


_SIGNS_ONLY: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
"""Whoever trusts it trusts this one server, and nobody that it could vouch for."""


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_secret(path: Path, content: bytes) -> None:
    """Write what nobody else may read: never for a moment."""
    written = aside(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written.unlink(missing_ok=True)
        handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)
        raise not_written(path, error) from error
    put_in_place(written, path)
