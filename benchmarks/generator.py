"""The load generator: a process that implements the required part of Home Assistant's protocol and sends events."""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import random
import struct
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from benchmarks.servers import ROOT

SESSION = ROOT / "tests" / "data" / "home-assistant-2024.3-session.jsonl"


_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def recorded_changes() -> list[str]:
    """The recorded state changes as JSON texts, with marks where entity, state and time go."""
    texts = []
    for line in SESSION.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)["msg"]
        event = message.get("event", {})
        change = event.get("data", {})
        if event.get("event_type") != "state_changed" or not (change["old_state"] and change["new_state"]):
            continue
        change["entity_id"] = change["new_state"]["entity_id"] = change["old_state"]["entity_id"] = "@ENTITY@"
        change["new_state"]["state"] = "@STATE@"
        change["new_state"]["last_updated"] = event["time_fired"] = "@TIME@"
        event["context"]["id"] = change["new_state"]["context"]["id"] = "@CONTEXT@"
        texts.append(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    return texts


def weather_change(text: str) -> str:
    """The change as one of a weather entity: with it, every event takes its weather (or not: WEATHER_SOURCE=off)."""
    message = json.loads(text)
    new = message["event"]["data"]["new_state"]
    new["attributes"] = {"temperature": 7.5, "temperature_unit": "°C", "humidity": 81}
    new["attributes"] |= {"pressure": 1017.4, "pressure_unit": "hPa"}
    new["attributes"] |= {"wind_speed": 14.8, "wind_speed_unit": "km/h", "wind_bearing": 236.0}
    new["state"] = "partlycloudy"
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).replace("@ENTITY@", "weather.home")


def wire_frame(payload: bytes) -> bytes:
    """One unmasked WebSocket text frame (RFC 6455, 5.2)."""
    if len(payload) < 126:
        return struct.pack("!BB", 0x81, len(payload)) + payload
    if len(payload) < 65_536:
        return struct.pack("!BBH", 0x81, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x81, 127, len(payload)) + payload


def prepared_frames(events: int, entities: int, coalesce: int) -> list[bytes]:
    """Frames of `coalesce` events each (an array when more than one), ready for the wire."""
    rng, templates = random.Random(1), recorded_changes()
    start = datetime.now(UTC) - timedelta(microseconds=events * 50)
    frames, waiting = [], []
    for n in range(events):
        entity = min(int(rng.paretovariate(0.6)), entities)
        text = templates[entity % len(templates)] if n else weather_change(templates[0])
        text = text.replace("@ENTITY@", f"sensor.entity_{entity}").replace("@STATE@", f"{n % 1000 / 10}")
        text = text.replace("@TIME@", (start + timedelta(microseconds=n * 50)).isoformat())
        waiting.append(text.replace("@CONTEXT@", f"01HG{n:022d}"))
        if len(waiting) == coalesce or n == events - 1:
            body = waiting[0] if coalesce == 1 else f"[{','.join(waiting)}]"
            frames.append(wire_frame(body.encode()))
            waiting = []
    return frames


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return (opcode, payload) of one masked client frame."""
    first, second = await reader.readexactly(2)
    length = second & 127
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    return first & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Generator:
    """Answers the commands of websocket-ingestion, then sends all frames."""

    def __init__(self, frames: list[bytes], rate: float, coalesce: int, began: Synchronized[float]) -> None:
        self._frames, self._rate, self._coalesce, self._began = frames, rate, coalesce, began
        self._poured = False

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        keys = [line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")]
        if not keys:  # a question over HTTP, such as for signs of life
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        (key,) = keys
        accept = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + _MAGIC).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

        def say(message: dict[str, Any]) -> None:
            writer.write(wire_frame(json.dumps(message).encode()))

        say({"type": "auth_required", "ha_version": "2024.3.3"})
        pouring: asyncio.Task[None] | None = None
        while True:
            try:
                opcode, payload = await read_frame(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            if opcode == 9:
                writer.write(struct.pack("!BB", 0x8A, len(payload)) + payload)
            if opcode != 1:
                continue
            message = json.loads(payload)
            if message["type"] == "auth":
                say({"type": "auth_ok", "ha_version": "2024.3.3"})
                continue
            is_list = message["type"].endswith(("/list", "get_states"))
            say({"id": message["id"], "type": "result", "success": True, "result": [] if is_list else None})
            if message["type"] == "get_states" and not self._poured:
                self._poured = True
                pouring = asyncio.create_task(self._pour(writer))
        if pouring:
            pouring.cancel()

    async def _pour(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        self._began.value = begin = time.time()
        step = 100 if not self._rate else max(1, int(self._rate / self._coalesce / 50))
        for at in range(0, len(self._frames), step):
            writer.write(b"".join(self._frames[at : at + step]))
            await writer.drain()
            if self._rate:
                await asyncio.sleep(max(0.0, begin + (at + step) * self._coalesce / self._rate - time.time()))


def generate(port: int, options: argparse.Namespace, began: Synchronized[float], ready: Any) -> None:
    """Run the generator process."""
    frames = prepared_frames(options.events, options.entities, options.coalesce)
    ready.set()
    asyncio.run(Generator(frames, options.rate, options.coalesce, began).serve(port))
