"""The two servers, each started as its users start it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .signing import Endpoint, Signer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """A process that answers on a port of its own."""

    name = ""
    subnet = ""
    _signer: Signer | None = None

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.port = port
        with log.open("wb") as output:
            began = time.perf_counter()
            # As a service's: a kernel that schedules by sessions gives it a share of its own.
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        self.first_answer = self.wait(began)

    def wait(self, began: float) -> float:
        """Seconds from the start of the process to its first answer."""
        while time.perf_counter() - began < 60:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                    connection.sendall(self.probe())
                    if connection.recv(12).startswith(b"HTTP/1.1 200"):
                        return time.perf_counter() - began
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode}")
            time.sleep(0.002)
        raise SystemExit(f"{self.name} did not answer within a minute")

    def probe(self) -> bytes:
        raise NotImplementedError

    @property
    def endpoint(self) -> Endpoint:
        raise NotImplementedError

    def call(self, operation: str, body: dict[str, object]) -> dict[str, object]:
        """One request outside the measurement, which must succeed."""
        if self._signer is None:
            self._signer = Signer(self.endpoint)
        return json.loads(self.send(operation, self._signer.request(operation, json.dumps(body).encode())))

    def send(self, operation: str, request: bytes) -> bytes:
        head, _, payload = request.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/", payload, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {operation} answered {answer.status} {text[:500]!r}")
        return text

    @property
    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Berth(Server):
    """`berth server`, or another command: signatures verified, every write on disk before it is answered."""

    name = "berth"
    # Tasks get addresses of the installation's own range, whatever subnet they name.
    subnet = "subnet-1"

    def __init__(self, binary: Path, data: Path, *command: str) -> None:
        port = free_port()
        self.data = data
        super().__init__(
            [str(binary), *(command or ["server"]), "--data-dir", str(data), "--port", str(port)], port,
            data.parent / "berth.log")

    def probe(self) -> bytes:
        return b"GET /_berth/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    @property
    def endpoint(self) -> Endpoint:
        deadline = time.monotonic() + 10
        while True:
            try:
                keys = json.loads((self.data / "client.json").read_text())
                return Endpoint(self.port, keys["accessKeyID"], keys["secretAccessKey"], keys["region"])
            except (OSError, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


class Moto(Server):
    """`moto_server`: state in memory, signatures not looked at."""

    name = "moto_server"
    # moto makes an interface for each task in a subnet that must exist; its accounts begin with default ones.
    _subnet = ""

    def __init__(self, program: Path, folder: Path) -> None:
        port = free_port()
        os.environ["MOTO_CALL_RESET_API"] = "false"
        super().__init__([str(program), "-H", "127.0.0.1", "-p", str(port)], port, folder / "moto.log")

    def probe(self) -> bytes:
        return b"GET /moto-api/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.port, "AKIAIOSFODNN7EXAMPLE", "secret")

    @property
    def subnet(self) -> str:
        if not self._subnet:
            headers = {"Content-Type": "application/x-www-form-urlencoded",
                       "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/ec2/"
                       "aws4_request, SignedHeaders=host, Signature=0"}
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("POST", "/", "Action=DescribeSubnets&Version=2016-11-15", headers)
            self._subnet = connection.getresponse().read().decode().split("<subnetId>")[1].split("<")[0]
            connection.close()
        return self._subnet
