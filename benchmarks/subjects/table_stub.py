"""A DynamoDB that answers at once and always the same, so that what is measured is the function: `table_stub.py`.

It prints its port and serves until its standard input ends.
"""

import asyncio
import json
import re
import sys
import zlib
from typing import Final

CAPACITY: Final[dict[str, object]] = {"ConsumedCapacity": {"TableName": "profiles", "CapacityUnits": 1}}
ITEM: Final[dict[str, object]] = {
    "uri": {"S": "https://www.linkedin.com/in/arjaynacion"},
    "full_name": {"S": "Arjay Nacion"},
    "headline": {"S": "Before it was changed"},
    "company": {"S": "Otto"},
    "attributes": {"S": '{"skills":["python","aws"],"followers":1200}'},
    "version": {"N": "7"},
    "revision": {"S": "0123456789abcdef0123456789abcdef"},
    "updated_at": {"S": "2026-01-01T00:00:00.000Z"},
    "updated_by": {"S": "7lead0enricher0client0id00"},
}


def answer(body: dict[str, object]) -> bytes:
    data = json.dumps(body).encode()
    head = f"Content-Type: application/x-amz-json-1.0\r\nx-amz-crc32: {zlib.crc32(data)}\r\nContent-Length: {len(data)}"
    return f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + data


ANSWERS: Final = {b"GetItem": answer({"Item": ITEM, **CAPACITY}), b"PutItem": answer(CAPACITY)}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            [length] = re.findall(rb"(?i)content-length: *(\d+)", head)
            [operation] = re.findall(rb"(?i)x-amz-target: *DynamoDB_20120810\.(\w+)", head)
            await reader.readexactly(int(length))
            writer.write(ANSWERS[operation])
    except (asyncio.IncompleteReadError, ConnectionResetError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
