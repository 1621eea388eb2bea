"""Who a device is, by the certificate that it shows."""

from __future__ import annotations

import hashlib


def fingerprint(certificate: bytes) -> str:
    """``SHA256:AB:CD:...`` of a certificate (DER), as ``openssl x509 -noout -fingerprint -sha256`` prints it."""
    return f"SHA256:{hashlib.sha256(certificate).digest().hex(':').upper()}"
