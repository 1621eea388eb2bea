"""Cipher suite 17 for pyghmi's server, which has only suite 3: SHA-256 in the login and for integrity.

Per the specification (IPMI v2.0 with errata 7, sections 13.20 to 13.32): the same messages with HMAC-SHA256, integrity
codes cut to 128 bits, and constants of twenty bytes for the keys all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import Any, Final

from pyghmi.ipmi.private import constants
from pyghmi.ipmi.private.serversession import ServerSession

_CODE_BYTES: Final = 16
_ALGORITHMS: Final = bytes((0, 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0))
"""RAKP-HMAC-SHA256, HMAC-SHA256-128, AES-CBC-128."""


def _code(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


class Suite17Session(ServerSession):  # type: ignore[misc]  # the library has no types
    """A session by suite 17. Fields that pyghmi sets bear its names."""

    kg: bytes

    def create_open_session_response(self, request: bytes) -> bytearray:
        """The proposal is taken."""
        self.currhashlib, self.currhashlen = hashlib.sha256, _CODE_BYTES
        self.clientsessionid, self.managedsessionid = request[4:8], os.urandom(4)
        self.privlevel = 4
        head = bytes((request[0], 0, self.privlevel, 0))
        return bytearray(head + bytes(self.clientsessionid) + self.managedsessionid + _ALGORITHMS)

    def _got_rakp1(self, data: bytearray) -> None:
        self.Rm, self.rolem, self.username = bytes(data[8:24]), data[24], bytes(data[28:])
        self.maxpriv = self.rolem & 0b111
        password = self.authdata.get(self.username.decode())
        if password is None:
            return
        self.kuid = password.encode()
        self.kg = self.kg or self.kuid
        self.uuiddata, self.Rc = self.uuid.bytes, os.urandom(16)
        who = struct.pack("2B", self.rolem, len(self.username)) + self.username
        said = bytes(self.clientsessionid) + self.managedsessionid + self.Rm + self.Rc + self.uuiddata + who
        head = bytes((data[0], 0, 0, 0)) + bytes(self.clientsessionid)
        message = bytearray(head + self.Rc + self.uuiddata + _code(self.kuid, said))
        self.send_payload(message, constants.payload_types["rakp2"], retry=False)

    def _got_rakp3(self, data: bytearray) -> None:
        who = struct.pack("2B", self.rolem, len(self.username)) + self.username
        if bytes(data[8:]) != _code(self.kuid, self.Rc + bytes(self.clientsessionid) + who) or data[1]:
            return
        self.sik = _code(self.kg, self.Rm + self.Rc + who)
        self.k1, self.k2 = _code(self.sik, b"\x01" * 20), _code(self.sik, b"\x02" * 20)
        self.aeskey = self.k2[:16]
        self.localsid = struct.unpack("<I", self.managedsessionid)[0]
        self.ipmicallback = self.handle_client_request
        self._send_rakp4(data[0], 0)

    def _send_rakp4(self, tagvalue: int, statuscode: int) -> None:
        proof = _code(self.sik, self.Rm + self.managedsessionid + self.uuiddata)[:_CODE_BYTES]
        message = bytearray(bytes((tagvalue, statuscode, 0, 0)) + bytes(self.clientsessionid) + proof)
        self.send_payload(message, constants.payload_types["rakp4"], retry=False)
        self.confalgo, self.integrityalgo, self.sequencenumber = "aes", "sha256", 1
        self.sessionid = struct.unpack("<I", bytes(self.clientsessionid))[0]


def begin(server: Any, data: bytes, sockaddr: Any) -> None:
    """Begin a session of ``server`` with whoever proposed this suite."""
    Suite17Session(server.authdata, server.kg, sockaddr, server.serversocket, data[16:], server.uuid, bmc=server)
