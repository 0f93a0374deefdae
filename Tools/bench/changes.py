"""How soon a change of targets has its effect, health aside."""

import selectors
import socket
import threading
import time
from dataclasses import dataclass, field

from .balancers import Balanced

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
STAYS, GOES = ("127.0.0.1", 18101), ("127.0.0.1", 18102)


@dataclass
class Change:
    """Seconds from the moment that the request was sent; the answer comes when the change is on disk."""

    # Until HAProxy would send traffic, and from the first good check to the first connection.
    came: float
    # Until the last new connection.
    went: float


@dataclass
class Seen:
    """When connections came, by the clock of this process."""

    checks: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)


class Targets:
    """Two targets in a thread of their own: one that stays and one that comes and goes."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.selector = selectors.DefaultSelector()
        for place in (STAYS, GOES):
            listener = socket.create_server(place, backlog=512)
            self.selector.register(listener, selectors.EVENT_READ, place == GOES)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select():
                connection, _ = key.fileobj.accept()  # type: ignore[union-attr]
                came = time.monotonic()
                with connection:
                    connection.settimeout(1)
                    try:
                        request = connection.recv(4096)
                        connection.sendall(PAGE)
                    except OSError:
                        continue
                if key.data:
                    isCheck = b"ELB-HealthChecker" in request
                    (self.seen.checks if isCheck else self.seen.requests).append(came)


class Clients:
    """Opens connections to the load balancer without a rest."""

    def __init__(self, berth: Balanced) -> None:
        self.berth = berth
        self.stopping = threading.Event()
        self.errors = 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> "Clients":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(10)

    def run(self) -> None:
        request = f"GET / HTTP/1.1\r\nHost: {self.berth.host}\r\nConnection: close\r\n\r\n".encode()
        while not self.stopping.is_set():
            try:
                with socket.create_connection((self.berth.address, self.berth.port), timeout=5) as connection:
                    connection.sendall(request)
                    self.errors += not connection.recv(64).startswith(b"HTTP/1.1 200")
            except OSError:
                self.errors += 1
            # About a thousand a second.
            time.sleep(0.0005)


def measure(berth: Balanced, count: int) -> list[Change]:
    """Registers and deregisters a target so often, under traffic that may not fail."""
    targets = Targets()
    berth.group = berth.make_group("changes")
    berth.port += 1
    berth.call("CreateListener", {
        "LoadBalancerArn": berth.balancer, "Protocol": "HTTP", "Port": str(berth.port),
        "DefaultActions.member.1.Type": "forward", "DefaultActions.member.1.TargetGroupArn": berth.group})
    berth.targets("RegisterTargets", [STAYS])
    berth.wait_for("healthy", [STAYS])
    with Clients(berth) as clients:
        changes = [Change(come(berth, targets), go(berth, targets)) for _ in range(count)]
    if clients.errors:
        raise SystemExit(f"{clients.errors} requests failed while targets changed")
    return changes


def come(berth: Balanced, targets: Targets) -> float:
    targets.seen = seen = Seen()
    began = time.monotonic()
    berth.targets("RegisterTargets", [GOES])
    while not is_ready(berth):
        time.sleep(0.001)
    ready = time.monotonic()
    wait(lambda: bool(seen.requests))
    return ready - began + seen.requests[0] - next(at for at in seen.checks if at > began)


def is_ready(berth: Balanced) -> bool:
    """Whether HAProxy has the target in a place that waits for nothing but its first check."""
    for line in berth.ask("show servers state").splitlines():
        words = line.split(" ")
        # Server, address, state as set by commands (0: none), port.
        if len(words) > 18 and words[3].startswith("s") and words[4] == GOES[0] and words[18] == str(GOES[1]):
            return int(words[6]) & 0x23 == 0
    return False


def go(berth: Balanced, targets: Targets) -> float:
    # Its second check, so that nothing of its arrival is under way any more.
    time.sleep(0.5)
    targets.seen = seen = Seen()
    began = time.monotonic()
    berth.targets("DeregisterTargets", [GOES])
    berth.wait_for("unused", [GOES])
    return max([at - began for at in seen.requests if at > began] or [0.0])


def wait(condition: object) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit("a target gets no traffic")
        time.sleep(0.001)
