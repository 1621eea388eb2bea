"""The service's certificate: loaded at the start, and again when its file is replaced, as those who renew it do."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)
_LOOK_EVERY_S: Final = 60.0


class BadCertificate(Exception):
    """Certificate and key cannot be used; the message says why."""


class Certificate:
    """What the service shows of itself. ``key`` absent: it stands in the file of the certificate."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        self._files = (certificate, key or certificate)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._loaded = self._times()
        self._load(self.context)

    def _times(self) -> tuple[int, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in self._files)
        except OSError as error:
            raise BadCertificate(f"{error.filename} cannot be read: {error.strerror}") from None

    def _load(self, context: ssl.SSLContext) -> None:
        certificate, key = self._files
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except ssl.SSLError as error:
            what = "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "are no PEM, or encrypted"
            raise BadCertificate(f"the certificate {certificate} and the key {key} {what}") from None
        except (OSError, ValueError) as error:
            raise BadCertificate(f"{certificate} or {key} cannot be read: {error}") from None

    def reload(self) -> bool:
        """Show what stands in the files now, where they were replaced; raises :class:`BadCertificate`."""
        times = self._times()
        if times == self._loaded:
            return False
        # Tried apart: half of a renewal must not take the place of what is good.
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self._load(self.context)
        self._loaded = times
        return True

    async def follow(self) -> None:
        """Look for ever whether the files were replaced."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                if await asyncio.to_thread(self.reload):
                    log.info("certificate was replaced", file=str(self._files[0]))
            except BadCertificate as error:
                log.warning("certificate cannot be replaced, the old one is shown on", error=str(error))


def _no_password() -> str:
    """Nobody is there to be asked for one."""
    return ""
