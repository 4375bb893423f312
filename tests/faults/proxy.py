"""A TCP proxy that makes a network bad: slow, thin, in slices, silent, or reset in the middle."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

PIECE = 64 * 1024
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: on, no time; closing then is a reset."""


@dataclass
class Weather:
    """What befalls the bytes, in both directions; it may change at any time."""

    latency: float = 0.0
    """Seconds that each piece waits."""
    slice_bytes: int = PIECE
    """The largest piece that is passed on at once."""
    bytes_per_second: float = float("inf")


class Proxy:
    """Listens on `port` (0 is any) and leads to `upstream`, a TCP port of this machine."""

    def __init__(self, upstream: int, port: int = 0) -> None:
        self.weather = Weather()
        self.port = port
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections lead through it now."""
        return len(self._writers) // 2

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def mute(self) -> None:
        """Pass nothing on, and end no connection."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def clear(self) -> None:
        """Let the sun shine."""
        self.weather = Weather()
        self._loop.call_soon_threadsafe(self._passing.set)

    def reset(self) -> None:
        """Reset every connection."""
        self._loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        for writer in self._writers:
            held: socket.socket = writer.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        self._passing.set()
        server.close()
        self._reset()
        await asyncio.gather(
            *(task for task in asyncio.all_tasks() if task is not asyncio.current_task()),
            return_exceptions=True,
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            writer.close()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._writers -= both

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(self.weather.slice_bytes):
                weather = self.weather
                await asyncio.sleep(weather.latency + len(piece) / weather.bytes_per_second)
                await self._passing.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()
