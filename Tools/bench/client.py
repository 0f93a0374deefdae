"""A lean HTTP client for load: requests made beforehand, sockets without blocking, answers read only as far as needed.

The same for every server. It keeps a connection while the server does, and opens another when it does not.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Load:
    """What one run saw."""

    seconds: float = 0.0
    answers: int = 0
    errors: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    # Processor time of this client over the time that passed: near 1 the client is what was measured.
    client_share: float = 0.0

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0


class Connection:
    """One connection with at most one request under way."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.port, self.selector = port, selector
        self.socket: socket.socket | None = None
        self.began = 0.0
        self.begin_answer()

    def begin_answer(self) -> None:
        self.parts: list[bytes] = []
        self.received, self.wanted = 0, None
        self.status, self.closes = b"", False

    def send(self, request: bytes) -> None:
        self.begin_answer()
        self.began = time.perf_counter()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(request)

    def read(self) -> bool:
        """Reads what is there; whether the answer is complete."""
        assert self.socket is not None
        data = self.socket.recv(1 << 18)
        if not data:
            self.closes = True
            return self.wanted is None and bool(self.status)
        self.parts.append(data)
        self.received += len(data)
        if not self.status:
            head, found, rest = b"".join(self.parts).partition(b"\r\n\r\n")
            if not found:
                return False
            self.status = head[9:12]
            lower = head.lower()
            self.closes = b"connection: close" in lower or (
                head.startswith(b"HTTP/1.0") and b"connection: keep-alive" not in lower)
            at = lower.find(b"content-length:")
            if at >= 0:
                self.wanted = int(lower[at + 15:lower.find(b"\r\n", at) if lower.find(b"\r\n", at) > 0 else None])
            self.received = len(rest)
        return self.wanted is not None and self.received >= self.wanted

    def close(self) -> None:
        if self.socket is not None:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Sends for so long, with that many connections, each waiting for its answer; ends early without requests."""
    load = Load()
    selector = selectors.DefaultSelector()
    all_connections = [Connection(port, selector) for _ in range(connections)]
    start, processor = time.perf_counter(), time.process_time()
    end = start + seconds
    busy = 0
    for connection in all_connections:
        if (request := next(requests, None)) is not None:
            connection.send(request)
            busy += 1
    while busy:
        for key, _ in selector.select(30):
            connection = key.data
            if not connection.read():
                if connection.closes and connection.status != b"200":
                    load.errors.append(b"connection ended")
                    connection.close()
                    busy -= 1
                continue
            now = time.perf_counter()
            load.answers += 1
            load.latencies.append(now - connection.began)
            if connection.status != b"200":
                load.errors.append(b"".join(connection.parts)[:500])
            if connection.closes:
                connection.close()
            if now < end and (request := next(requests, None)) is not None:
                connection.send(request)
            else:
                busy -= 1
    load.seconds = time.perf_counter() - start
    load.client_share = (time.process_time() - processor) / load.seconds
    for connection in all_connections:
        connection.close()
    selector.close()
    return load
