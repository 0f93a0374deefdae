"""A target for tests: says its name, its path and the headers it got; /health answers as /set?code= said last."""
import asyncio
import base64
import hashlib
import sys

name, code = sys.argv[2], int(sys.argv[3])


async def serve(reader, writer):
    global code
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.split("\r\n")
            method, target, _ = line.split(" ", 2)
            headers = {k.lower(): v.strip() for k, _, v in (l.partition(":") for l in lines if l)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, more, path = 200, "", target.partition("?")[0]
            if headers.get("upgrade") == "websocket":
                key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
                writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
                while data := await reader.read(4096):
                    writer.write(data)
                return
            if target.startswith("/set?code="):
                code = int(target.partition("=")[2])
            if target == "/health":
                status = code
            if path.startswith("/status/"):
                status = int(path.rpartition("/")[2])
            if target.startswith("/slow/"):
                await asyncio.sleep(float(target.rpartition("/")[2]))
            if target == "/login":
                more = "Set-Cookie: session=abc\r\n"
            if target == "/reset":
                writer.transport.abort()
                return
            text = f"{name}\n{method} {target} {len(body)}\n" + "".join(l + "\n" for l in lines if l)
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n{more}\r\n{text}".encode("latin-1"))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, ["0.0.0.0", *sys.argv[4:]], int(sys.argv[1]))
    print("ready", flush=True)
    async with server:
        await server.serve_forever()

asyncio.run(main())
