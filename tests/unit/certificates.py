"""Certificates for tests: an authority, and what it signs."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Pair:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(
        cls,
        name: str,
        *,
        by: "Pair | None" = None,
        authority: bool = False,
        names: tuple[str, ...] = ("127.0.0.1", "localhost"),
        ends_in: dt.timedelta = HOUR,
    ) -> Self:
        """A pair that is signed by another one, or by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder(
                by.certificate.subject if by else subject, subject, key.public_key(), x509.random_serial_number()
            )
            .not_valid_before(now - 2 * HOUR)
            .not_valid_after(now + ends_in)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if by is not None:
            above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
            builder = builder.add_extension(above, critical=False)
        if authority:
            usage = dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                 "encipher_only", "decipher_only"), False,
            )  # fmt: skip
            builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
        return cls(key, builder.sign(by.key if by else key, hashes.SHA256()))

    def write(self, file: Path, *, key: Path | None = None) -> Path:
        """The certificate in ``file``, the key there as well or in ``key``."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = self.certificate.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            key.write_bytes(private)
        file.write_bytes(public if key is not None else private + public)
        return file

    def write_public(self, file: Path) -> Path:
        """The certificate alone."""
        file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return file


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
