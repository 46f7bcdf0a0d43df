# BROKEN: a body that is 1 s late is given up and the next bytes are read as a header: asyncio.wait_for.
import asyncio
import sys


async def handle(reader, writer):
    try:
        while True:
            header = await reader.readexactly(4)
            length = int.from_bytes(header, "big")
            try:
                body = await asyncio.wait_for(reader.readexactly(length), 1.0)
            except asyncio.TimeoutError:
                writer.write(b"timeout\n")
                continue
            writer.write(b"ok %s\n" % body.swapcase())
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
