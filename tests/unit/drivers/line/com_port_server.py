"""A console server that speaks RFC 2217, in a few lines: one port, whose far end is the test."""

import asyncio
import contextlib

from drivers.line.negotiation import Negotiation

IAC, WILL, WONT, DO, DONT, SB, SE = 255, 251, 252, 253, 254, 250, 240
COM_PORT = 44


class ComPortServer:
    """What a client did to the port, and what the port says."""

    def __init__(self, *, speaks=True, speeds=(9600, 19200, 65535, 115200)):
        self.speaks = speaks
        self.speeds = speeds
        self.speed = 9600
        self.controls = []
        self.came = bytearray()
        self.something = asyncio.Event()
        self.writer = None
        self.connections = 0
        self.serving = set()

    async def serve(self, reader, writer):
        self.serving.add(asyncio.current_task())
        self.writer = writer
        self.connections += 1
        side = Negotiation()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                self.commands(data)
                text, _ = side.take(data)
                self.came += text
                while side.told:
                    self.told(side.told.pop(0))
                self.something.set()
        writer.close()

    def commands(self, data):
        for option in (COM_PORT, 0):
            if bytes((IAC, WILL, option)) in data:
                agrees = self.speaks or option != COM_PORT
                self.writer.write(bytes((IAC, DO if agrees else DONT, option)))

    def told(self, told):
        if told[0] != COM_PORT:
            return
        if told[1] == 1:
            wanted = int.from_bytes(told[2:], "big")
            self.speed = wanted if wanted in self.speeds else self.speed
            self.answer(101, self.speed.to_bytes(4, "big"))
        elif told[1] == 5:
            self.controls.append(told[2])
            self.answer(105, told[2:3])

    def answer(self, word, value):
        self.writer.write(bytes((IAC, SB, COM_PORT, word)) + value.replace(b"\xff", b"\xff\xff") + bytes((IAC, SE)))

    async def until(self, check):
        while not check():
            self.something.clear()
            await self.something.wait()


@contextlib.asynccontextmanager
async def com_port_server(**how):
    made = ComPortServer(**how)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    try:
        yield made, f"rfc2217://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*made.serving)
