"""Makes certificates for development: `python -m deploy.certificates --out .local/certs`.

Writes an authority (ca.pem), what the door shows clients (door.pem, door.key), what the services
show each other (suite.pem, suite.key), and prints the settings that use them. The authority's own
key is not kept, so nobody can make more of them: run it again instead.

By the package `cryptography`: the program openssl is not on every machine that has Python.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTS = ("localhost", "127.0.0.1", "::1", "gateway", "processor", "cache", "envoy")
LIFETIME = timedelta(days=365)
SLACK = timedelta(hours=1)
"""Clocks differ."""

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH

VARIABLES = {
    "TLS_CERT_FILE": "door.pem",
    "TLS_KEY_FILE": "door.key",
    "MTLS_CA_FILE": "ca.pem",
    "MTLS_CERT_FILE": "suite.pem",
    "MTLS_KEY_FILE": "suite.key",
}


class Authority:
    """Signs certificates with a key that is never written down."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = named("facesvg development authority")
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        signs = x509.KeyUsage(
            *(False, False, False, False, False, True, True, False, False)  # signs certificates
        )
        builder = self._draft(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.certificate = builder.add_extension(signs, critical=True).sign(
            self._key, hashes.SHA256()
        )

    def issue(
        self, name: str, hosts: Sequence[str], usages: Sequence[x509.ObjectIdentifier]
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Return a certificate for hosts, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([as_name(host) for host in hosts])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier)
        builder = (
            self._draft(named(name), key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(issuer, critical=False)
        )
        return builder.sign(self._key, hashes.SHA256()), key

    def _draft(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - SLACK)
            .not_valid_after(self._now + LIFETIME)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )


def make(out: Path, hosts: Sequence[str] = HOSTS, now: datetime | None = None) -> dict[str, str]:
    """Write the certificates into a directory; return the settings that use them."""
    authority = Authority(now or datetime.now(UTC))
    out.mkdir(parents=True, exist_ok=True)
    write(out / "ca.pem", pem(authority.certificate))
    # The door's proves nothing to a service: only the suite's own may call.
    for name, usages in {"door": [SERVER], "suite": [SERVER, CLIENT]}.items():
        certificate, key = authority.issue(f"facesvg {name}", hosts, usages)
        write(out / f"{name}.pem", pem(certificate))
        write(out / f"{name}.key", secret(key), mode=0o600)
    return {name: str(out.resolve() / file) for name, file in VARIABLES.items()}


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that never had a wider mode than it shall have."""
    path.unlink(missing_ok=True)
    path.touch(mode=mode, exist_ok=False)
    path.write_bytes(data)


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def secret(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as text, not encrypted: servers start without anyone there."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def named(name: str) -> x509.Name:
    """Return a subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def as_name(host: str) -> x509.GeneralName:
    """Return an address or a name, as certificates tell them apart."""
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def main() -> None:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.certificates",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="the directory to write")
    parser.add_argument("--hosts", nargs="+", default=HOSTS, help="names and addresses to serve")
    chosen = parser.parse_args()
    for name, path in make(chosen.out, chosen.hosts).items():
        print(f"{name}={path}")


if __name__ == "__main__":
    main()
