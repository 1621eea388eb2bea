"""What telnet (RFC 854) says beside the characters, and nothing that the far end offers is taken up but those.

The far end may echo (RFC 857) and go without "go ahead" (RFC 858), as all do, and it may want bytes as they are (RFC
856), as console servers do; every other option is refused but those that we offered ourselves. A line end is sent as
the key that a terminal sends: CR, with the NUL that telnet puts behind it unless bytes go as they are.
"""

from __future__ import annotations

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_BINARY, _ECHO, _NO_GO_AHEAD = 0, 1, 3


class Negotiation:
    """Takes telnet's commands out of what came, and says what is answered to them. State is kept between chunks."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self._agreed: set[tuple[int, int]] = set()
        self._offered: dict[int, bool | None] = {}
        self.sends_binary = False
        """Whether the far end wants bytes as they are."""
        self.told: list[bytes] = []
        """What the far end told of options (the inside of their subnegotiations); whoever reads it takes it out."""

    def offer(self, option: int) -> bytes:
        """What offers the far end an option of ours; :meth:`is_taken` has what it said."""
        self._offered.setdefault(option, None)
        self._agreed.add((_WILL, option))
        return bytes((_IAC, _WILL, option))

    def offer_binary(self) -> bytes:
        """What asks for bytes as they are, in both directions."""
        self._agreed.add((_DO, _BINARY))
        return self.offer(_BINARY) + bytes((_IAC, _DO, _BINARY))

    def is_taken(self, option: int) -> bool | None:
        """Whether the far end took an offer up; None as long as it did not say."""
        return self._offered.get(option)

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """The characters in ``data``, and the answer to the commands in it."""
        if _IAC not in data and not self._begun:
            return data.replace(b"\r\0", b"\r"), b""
        data = bytes(self._begun) + data
        self._begun.clear()
        text, answer = bytearray(), bytearray()
        position = 0
        while position < len(data):
            if data[position] != _IAC:
                end = data.find(_IAC, position)
                end = len(data) if end < 0 else end
                text += data[position:end]
                position = end
                continue
            length = _length(data, position)
            if length == 0:
                self._begun += data[position:]
                break
            self._command(data[position : position + length], text, answer)
            position += length
        return bytes(text).replace(b"\r\0", b"\r"), bytes(answer)

    def _command(self, command: bytes, text: bytearray, answer: bytearray) -> None:
        if command[1] == _IAC:
            text.append(_IAC)
        elif command[1] in (_WILL, _DO):
            answer += self._reply(command[1], command[2])
        elif command[1] == _DONT and command[2] in self._offered:
            self._offered[command[2]] = False
        elif command[1] == _SB:
            self.told.append(command[2:-2].replace(b"\xff\xff", b"\xff"))

    def _reply(self, verb: int, option: int) -> bytes:
        """What we say to an offer or a wish; nothing where that was said before, or both sides would never end."""
        if verb == _WILL:
            word = _DO if option in (_BINARY, _ECHO, _NO_GO_AHEAD) else _DONT
        else:
            if option in self._offered:
                self._offered[option] = True
            word = _WILL if option in (_BINARY, _NO_GO_AHEAD, *self._offered) else _WONT
            self.sends_binary = self.sends_binary or option == _BINARY
        if (word, option) in self._agreed:
            return b""
        self._agreed.add((word, option))
        return bytes((_IAC, word, option))


def _length(data: bytes, start: int) -> int:
    """How long the command at ``start`` is; 0 where it is not all there yet."""
    if start + 1 >= len(data):
        return 0
    verb = data[start + 1]
    if verb == _SB:
        end = start + 2
        while (end := data.find(_IAC, end)) >= 0 and data[end + 1 : end + 2] == bytes((_IAC,)):
            end += 2  # a byte of 255, doubled
        return 0 if end < 0 or end + 1 >= len(data) else end + 2 - start
    length = 3 if verb in (_WILL, _WONT, _DO, _DONT) else 2
    return length if start + length <= len(data) else 0


def escaped(data: bytes, *, binary: bool) -> bytes:
    """``data`` as it is sent: each line end as CR, with a NUL behind it where it is not ``binary``, and 255 doubled.

    Not CR LF: a console server hands that through to its line, where it is two line ends.
    """
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain.replace(b"\n", b"\r" if binary else b"\r\0").replace(b"\xff", b"\xff\xff")
