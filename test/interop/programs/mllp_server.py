"""An MLLP server of the hl7 package: it acknowledges every message, until it is ended."""

import asyncio
import sys

from hl7.mllp import start_hl7_server


async def serve_one(reader, writer):
    while not writer.is_closing():
        try:
            message = await reader.readmessage()
        except asyncio.IncompleteReadError:
            break
        writer.writemessage(message.create_ack())
        await writer.drain()
    writer.close()


async def main():
    started = start_hl7_server(
        serve_one, host="127.0.0.1", port=int(sys.argv[1]), encoding="utf-8"
    )
    async with await started as server:
        await server.serve_forever()


asyncio.run(main())
