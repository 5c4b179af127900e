#!/usr/bin/env python3
"""Proxies that stand between a client and nodes, and do what networks do:
proxy.py PORT SEED NEAR=FAR...

Each NEAR address passes connections on to FAR, both on PORT.  A line
"NEAR MODE [NUMBER]" on standard input changes how, and is answered with "ok":

    good           as it is (at first, and to end the other modes)
    cut            resets the connections there are; new ones are welcome
    refuse         the same, and takes no new ones
    delay SECONDS  passes bytes on later
    split          passes them on in small pieces
    flip BYTES     changes a bit every BYTES bytes, about
    hang           passes nothing on

Bits are left alone at the beginning of a connection: it has no checksums
before its handshake is over.
"""

import asyncio
import os
import random
import socket
import sys

CHUNK = 65536
SPARED = 4096  # bytes of each direction, at the beginning
LARGEST_PIECE = 1500


class Proxy:
    def __init__(self, near, far, port, seed):
        self.near, self.far, self.port = near, far, port
        self.random = random.Random("%s %s" % (seed, near))
        self.mode, self.number = "good", 0.0
        self.moving = asyncio.Event()
        self.moving.set()
        self.server = None
        self.writers = set()

    async def listen(self):
        self.server = await asyncio.start_server(
            self.accept, self.near, self.port, backlog=128)

    async def change(self, mode, number):
        self.mode, self.number = mode, number
        if mode in ("cut", "refuse"):
            for writer in list(self.writers):
                reset(writer)
        if mode == "refuse":
            self.server.close()
            self.server = None
        elif self.server is None:
            await self.listen()
        if mode == "hang":
            self.moving.clear()
        else:
            self.moving.set()

    async def accept(self, reader, writer):
        self.writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(
                self.far, self.port)
        except OSError:
            reset(writer)
            self.writers.discard(writer)
            return
        self.writers.add(far_writer)
        await asyncio.gather(self.pump(reader, far_writer),
                             self.pump(far_reader, writer))
        self.writers -= {writer, far_writer}

    async def pump(self, reader, writer):
        """One direction, until either side ends; that ends the other."""
        moved = 0
        try:
            writer.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := await reader.read(CHUNK):
                await self.moving.wait()
                if self.mode == "delay":
                    await asyncio.sleep(self.number)
                if self.mode == "flip" and moved > SPARED:
                    data = self.flip(data)
                moved += len(data)
                await self.send(writer, data)
            writer.close()
        except (OSError, RuntimeError):
            writer.transport.abort()

    async def send(self, writer, data):
        at = 0
        while self.mode == "split" and at < len(data):
            size = self.random.randint(1, LARGEST_PIECE)
            writer.write(data[at:at + size])
            at += size
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(data[at:])
        await writer.drain()

    def flip(self, data):
        changed = bytearray(data)
        for _ in range(int(len(data) / self.number + self.random.random())):
            changed[self.random.randrange(len(data))] ^= (
                1 << self.random.randrange(8))
        return bytes(changed)


def reset(writer):
    """Closes so that the other side is told at once."""
    end = writer.get_extra_info("socket")
    if end is not None and end.fileno() >= 0:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                       b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def main():
    port, seed = int(sys.argv[1]), sys.argv[2]
    proxies = {}
    for pair in sys.argv[3:]:
        near, far = pair.split("=")
        proxies[near] = Proxy(near, far, port, seed)
        await proxies[near].listen()
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    print("ok", flush=True)
    while line := (await commands.readline()).decode():
        near, mode, *number = line.split()
        await proxies[near].change(mode, float(number[0]) if number else 0.0)
        print("ok", flush=True)
    os._exit(0)  # whatever is under way


if __name__ == "__main__":
    asyncio.run(main())
