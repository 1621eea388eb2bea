"""TLS on the way to the service: whom to believe, what to say when a certificate is not good, when to refuse to go.

A file of authorities stands in place of the machine's own. It may hold the service's own certificate as well: then that
one alone is believed, which pins it. The name in the address is looked at either way.
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_EXPIRED, _TOO_EARLY = 10, 9  # X509_V_ERR_*, OpenSSL's x509_vfy.h
_UNKNOWN: Final = frozenset({18, 19, 20, 21})
_OTHER_NAME: Final = frozenset({62, 63, 64})


class NoAuthorities(Exception):
    """A file of authorities that cannot be used; the message says why."""


def context_of(ca_file: Path | None) -> ssl.SSLContext:
    """Whom to believe. Raises :class:`NoAuthorities`."""
    if ca_file is None:
        return ssl.create_default_context()
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise NoAuthorities(f"{ca_file} holds no certificates: it must be PEM") from None
    except OSError as error:
        raise NoAuthorities(f"{ca_file} cannot be read: {error.strerror}") from None
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context


def fault_of(error: BaseException, *, authority: str) -> str | None:
    """What is wrong with TLS there, where that is what an error is about. ``authority`` is how one is named here."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, ssl.SSLCertVerificationError):
            return f"its certificate is refused: {_why(below, authority)}"
        if isinstance(below, ssl.SSLError) and below.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST"}:
            return "it does not speak TLS there: is it http://, or another port?"
        inner = below.exceptions[0] if isinstance(below, BaseExceptionGroup) else None
        below = inner or below.__cause__ or below.__context__
    return None


def _why(error: ssl.SSLCertVerificationError, authority: str) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return "it has expired"
    if code == _TOO_EARLY:
        return "it is not valid yet: compare the clocks"
    if code in _OTHER_NAME:
        return "it is for another name: call the service by the name in its certificate"
    if code in _UNKNOWN:
        return f"nobody who is known here has signed it: name its authority with {authority}"
    return error.verify_message


def is_exposed(url: str) -> bool:
    """Whether what is sent to a URL can be read on the way: plain HTTP to another machine."""
    parts = urlsplit(url)
    if parts.scheme.lower() != "http":
        return False
    host = parts.hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
