"""A service whose certificate nobody vouches for is not talked to, however its address is written."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agents.client import ServiceClient
from pointsman.client import Client
from pointsman.endpoint import Endpoint

pytestmark = pytest.mark.unit


def write_certificate(file: Path) -> None:
    """A key and a certificate of 127.0.0.1 that is signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """Where somebody else listens."""
    write_certificate(tmp_path / "own.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem")

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
async def test_nobody_talks_to_it(address: str, scheme: str) -> None:
    async with Client(Endpoint(f"{scheme}://{address}", "token")) as client:
        with pytest.raises(Exception, match="certificate"):
            await client.get("nodes", "sw1")
    agent = ServiceClient(f"{scheme}://{address}")
    with pytest.raises(Exception, match="certificate"):
        await agent.send_reports("edge-1", b"{}")
    await agent.close()
