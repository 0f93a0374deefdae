"""A client that never retries: keep-alive connections that ask without a pause, and every failure counted."""

import http.client
import itertools
import threading
import time
from collections import Counter

from .host import Host


class Traffic:
    """Asks an address over and over, GET and POST by turns, until it is stopped."""

    def __init__(self, host: Host, address: str, port: int, name: str, connections: int = 4) -> None:
        self.host, self.address, self.port, self.name = host, address, port, name
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self.threads = [threading.Thread(target=self.run) for _ in range(connections)]

    def __enter__(self) -> "Traffic":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def run(self) -> None:
        with self.host.inside():
            connection: http.client.HTTPConnection | None = None
            for number in itertools.count():
                if self.stopping.is_set():
                    return
                connection = connection or http.client.HTTPConnection(self.address, self.port, timeout=10)
                try:
                    page, ends = self.ask(connection, number)
                except (OSError, http.client.HTTPException) as problem:
                    self.fail(f"{type(problem).__name__}: {problem}")
                    ends = True
                else:
                    with self.lock:
                        self.answers[page] += 1
                if ends:
                    connection.close()
                    connection = None
                # Of the machine's two processors one belongs to what is tested.
                time.sleep(0.002)

    def ask(self, connection: http.client.HTTPConnection, number: int) -> tuple[str, bool]:
        """The first line of the answer, and whether the server ends the connection with it."""
        if number % 2:
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
        with self.lock:
            return sum(self.answers.values())

    def shares(self) -> Counter[str]:
        """Answers by their first line since the last call."""
        with self.lock:
            answers, self.answers = self.answers, Counter()
        return answers
