"""A client that never retries: keep-alive connections, GET and POST by turns, and every failure counted."""

import http.client
import itertools
import os
import threading
import time
from collections import Counter

from .host import Host

# `BERTH_TRAFFIC=full` (scripts/bench traffic) asks for what the design promises; else the machine is shared with other tests.
FULL = os.environ.get("BERTH_TRAFFIC") == "full"
# Requests a second, and how long they go on at least.
RATE = 1000 if FULL else 300
SECONDS = 60 if FULL else 8


class Traffic:
    """Asks an address at a steady rate until it is stopped.

    A client whose answer is late sends its next request at once, so the rate holds as long as the answers come.
    """

    def __init__(
        self, host: Host, address: str, port: int, name: str, connections: int = 16, rate: int = RATE
    ) -> None:
        self.host, self.address, self.port, self.name = host, address, port, name
        self.pause = connections / rate
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.began = time.monotonic()
        self.total = 0
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self.threads = [
            threading.Thread(target=self.run, args=[number / connections]) for number in range(connections)]

    def __enter__(self) -> "Traffic":
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        seconds = time.monotonic() - self.began
        print(
            f"\n{self.total:,} answers in {seconds:.0f} s ({self.total / seconds:,.0f} a second) on {len(self.threads)} "
            f"connections, {len(self.failures)} failures")

    def run(self, share: float) -> None:
        """`share` of the pause comes first, so that not all ask at once."""
        due = time.monotonic() + share * self.pause
        with self.host.inside():
            connection: http.client.HTTPConnection | None = None
            for number in itertools.count():
                if self.stopping.wait(max(0.0, due - time.monotonic())):
                    break
                due = max(due + self.pause, time.monotonic() - 1)
                connection = connection or http.client.HTTPConnection(self.address, self.port, timeout=15)
                try:
                    page, ends = self.ask(connection, number)
                except (OSError, http.client.HTTPException) as problem:
                    self.fail(f"{type(problem).__name__}: {problem}")
                    ends = True
                else:
                    with self.lock:
                        self.answers[page] += 1
                        self.total += 1
                if ends:
                    connection.close()
                    connection = None
            if connection:
                connection.close()

    def ask(self, connection: http.client.HTTPConnection, number: int) -> tuple[str, bool]:
        """The first line of the answer, and whether the server ends the connection with it."""
        if number % 4:
            connection.request("GET", "/", headers={"Host": self.name})
            wanted = ""
        else:
            wanted = f"body-{number}"
            connection.request("POST", "/cgi-bin/echo", body=wanted, headers={"Host": self.name})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200 or wanted not in text:
            self.fail(f"{answer.status} {text[:100]}")
        return text.split("\n")[0], answer.will_close

    def fail(self, what: str) -> None:
        with self.lock:
            self.failures.append(f"{time.strftime('%H:%M:%S')} {what}")

    @property
    def count(self) -> int:
        """Answers since the last call of `shares`."""
        with self.lock:
            return sum(self.answers.values())

    def shares(self) -> Counter[str]:
        """Answers by their first line since the last call."""
        with self.lock:
            answers, self.answers = self.answers, Counter()
        return answers

    def has_lasted(self) -> bool:
        """Whether it went on for as long as it shall, at nearly the rate that was asked for."""
        seconds = time.monotonic() - self.began
        if seconds < SECONDS:
            return False
        assert not FULL or self.total >= 0.95 * RATE * seconds, f"{self.total} answers in {seconds:.0f} s"
        return True
