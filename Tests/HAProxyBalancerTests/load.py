"""Clients that keep their connections and never try again, until standard input ends; then prints what they saw.

A connection that the server announced to close is made anew; one that ends otherwise while a request is under way has failed.
"""
import asyncio
import collections
import sys

host, port, clients, method = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
seen = collections.Counter()
ended = False
body = b"x" * 2000 if method == "POST" else b""
request = f"{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def client():
    reader = writer = None
    while not ended:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(host, port)
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            text = await reader.readexactly(length)
            status = head.split(" ")[1]
            seen[status] += 1
            if status == "200":
                seen["from " + text.split(b"\n")[0].decode()] += 1
            if "connection: close" in head:
                writer.close()
                writer = None
            # Some rest, so that connections are idle too.
            await asyncio.sleep(0.002)
        except Exception as error:
            seen["failed " + type(error).__name__] += 1
            writer = None
            await asyncio.sleep(0.01)


async def main():
    global ended
    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    ended = True
    await asyncio.gather(*tasks)
    for key, count in sorted(seen.items()):
        print(f"{key}={count}")

asyncio.run(main())
