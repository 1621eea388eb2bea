"""A machine that uses an array: one iSCSI session (RFC 7143) with a name of its own, as a program for a namespace.

    initiator.py PORTAL NAME TARGET LUN read | write TEXT | hold

``read`` prints the beginning of the first block, ``write`` writes it, ``hold`` says "in" and stays logged in until its
input ends. Who is not let in ends with status 3. It does only what the lab's array needs: one login without digests,
one command at a time, data of one block with the command.
"""

import socket
import sys
from dataclasses import dataclass

NOT_LET_IN = 3
_HEADER = 48
_BLOCK = 512
_TRIES = 5
_LOGIN, _COMMAND = 0x43, 0x01
_DATA_IN, _RESPONSE = 0x25, 0x21
_TEST_UNIT_READY, _READ_10, _WRITE_10 = bytes(6), bytes([0x28, *bytes(7), 1, 0]), bytes([0x2A, *bytes(7), 1, 0])


class NotLetIn(Exception):
    """The array refused the login."""


@dataclass
class Session:
    """A session that is logged in."""

    line: socket.socket
    number: int = 1
    expected: int = 0
    command: int = 1

    def log_in(self, name: str, target: str) -> None:
        said = {"InitiatorName": name, "TargetName": target, "SessionType": "Normal", "AuthMethod": "None"}
        said |= {"HeaderDigest": "None", "DataDigest": "None", "InitialR2T": "No", "ImmediateData": "Yes"}
        keys = b"".join(f"{key}={value}\0".encode() for key, value in said.items())
        session = b"\x80\x00\x00\x00\x00\x01\x00\x00"
        # Transit from operational negotiation to the full feature phase, at once.
        self._send(bytes([_LOGIN, 0x87, 0, 0]), session, self.number, connection=1, data=keys)
        try:
            header, _ = self._receive()
        except ConnectionError as error:  # an array that knows no such target may hang up
            raise NotLetIn(str(error)) from error
        if header[36] or header[37]:
            raise NotLetIn(f"status {header[36]:02x}{header[37]:02x}")

    def scsi(self, lun: int, command: bytes, *, data: bytes = b"", length: int = 0) -> bytes:
        """Run one SCSI command; what it reads. A check condition (the first is a unit attention) is tried again."""
        for _ in range(_TRIES):
            status, found = self._once(lun, command, data=data, length=length)
            if status == 0:
                return found
        raise ConnectionError(f"LUN {lun} answers with status {status}")

    def _once(self, lun: int, command: bytes, *, data: bytes, length: int) -> tuple[int, bytes]:
        self.number += 1
        flags = 0x80 | (0x40 if length else 0) | (0x20 if data else 0)
        place = lun.to_bytes(2, "big") + bytes(6)
        total = (length or len(data)).to_bytes(4, "big")
        self._send(bytes([_COMMAND, flags, 0, 0]), place, self.number, total=total, data=data, command=command)
        self.command += 1
        found = b""
        while True:
            header, part = self._receive()
            if header[0] & 0x3F == _DATA_IN:
                found += part
                if header[1] & 1:
                    return header[3], found
            elif header[0] & 0x3F == _RESPONSE:
                return header[3], found

    def _send(
        self,
        opcode: bytes,
        place: bytes,
        number: int,
        *,
        total: bytes = b"",
        connection: int = 0,
        data: bytes = b"",
        command: bytes = b"",
    ) -> None:
        header = opcode + b"\0" + len(data).to_bytes(3, "big") + place + number.to_bytes(4, "big")
        header += total or connection.to_bytes(2, "big") + bytes(2)
        header += self.command.to_bytes(4, "big") + self.expected.to_bytes(4, "big") + command
        self.line.sendall(header.ljust(_HEADER, b"\0") + data + bytes(-len(data) % 4))

    def _receive(self) -> tuple[bytes, bytes]:
        header = self._exactly(_HEADER)
        length = int.from_bytes(header[5:8], "big")
        self.expected = int.from_bytes(header[24:28], "big") + 1
        return header, self._exactly(length + -length % 4)[:length]

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = self.line.recv(length - len(data))
            if not part:
                raise ConnectionError("the array ended the session")
            data += part
        return data


def main(*words: str) -> int:
    """Log in and do what is asked."""
    portal, name, target, lun, what, *text = words
    host, _, port = portal.partition(":")
    with socket.create_connection((host, int(port)), 5) as line:
        session = Session(line)
        try:
            session.log_in(name, target)
        except NotLetIn as error:
            sys.stderr.write(f"{error}\n")
            return NOT_LET_IN
        if what != "hold":
            session.scsi(int(lun), _TEST_UNIT_READY)
        if what == "write":
            session.scsi(int(lun), _WRITE_10, data=text[0].encode().ljust(_BLOCK, b"\0"))
        elif what == "read":
            sys.stdout.write(session.scsi(int(lun), _READ_10, length=_BLOCK).rstrip(b"\0").decode())
        else:
            sys.stdout.write("in\n")
            sys.stdout.flush()
            sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
