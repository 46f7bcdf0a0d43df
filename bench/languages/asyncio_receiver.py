# asyncio_receiver.py WAY PORT: readexactly(4), then readexactly(n). WAY: value or echo.
import asyncio
import sys


async def main():
    way, port = sys.argv[1], int(sys.argv[2])

    async def serve(reader, writer):
        frames = received = 0
        try:
            while True:
                head = await reader.readexactly(4)
                frame = await reader.readexactly(int.from_bytes(head, 'big'))
                frames += 1
                received += len(frame)
                if way == 'echo':
                    writer.write(head + frame)
                    await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        writer.close()
        print(frames, received, flush=True)

    server = await asyncio.start_server(serve, '127.0.0.1', port)
    print('READY', flush=True)
    await server.serve_forever()


asyncio.run(main())
