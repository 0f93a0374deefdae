"""Two that keep services running, each started as its users start it, on one machine."""

import http.client
import json
import shutil
import socket
import subprocess
import tarfile
import time
from io import BytesIO
from pathlib import Path
from typing import Protocol

from .servers import Berth as Server

IMAGE = "docker.io/library/recovery:1"
CLUSTER = "default"


class Orchestrator(Protocol):
    def serve(self, argument: str, **how: object) -> str:
        """Starts a service of one task that sleeps for `argument` seconds; returns its name."""

    def running(self, service: str) -> set[str]:
        """The ids of the service's tasks that it says are running."""

    def stop(self) -> None: ...


def root_file_system() -> bytes:
    """A tar with busybox and nothing else."""
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        busybox = shutil.which("busybox")
        if busybox is None:
            raise SystemExit("Missing: busybox. Run scripts/setup.")
        tar.add(busybox, "bin/busybox")
        link = tarfile.TarInfo("bin/sleep")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)
    return buffer.getvalue()


class Swarm:
    """A Docker engine with folders of its own, as a swarm of one node."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.socket = folder, folder / "docker.sock"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/dockerd", "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
                 "--pidfile", str(folder / "pid"), "--host", f"unix://{self.socket}", "--iptables=false", "--bridge=none"],
                stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"dockerd does not answer:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        repository, _, tag = IMAGE.rpartition(":")
        self.call("POST", f"/images/create?fromSrc=-&repo={repository}&tag={tag}", root_file_system(), "application/x-tar")
        self.call("POST", "/swarm/init", {"ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"})

    def answers(self) -> bool:
        try:
            return self.call("GET", "/_ping") == b"OK"
        except OSError:
            return False

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> bytes:
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"Docker: {method} {path} answered {answer.status} {text[:500]!r}")
        return text

    def archive(self) -> Path:
        """The image as `docker save` writes it."""
        file = self.folder / "image.tar"
        file.write_bytes(self.call("GET", f"/images/{IMAGE}/get"))
        return file

    def serve(self, argument: str, **how: object) -> str:
        name = f"sleep-{argument}"
        self.call("POST", "/services/create", {
            "Name": name,
            "TaskTemplate": {
                "ContainerSpec": {"Image": IMAGE, "Command": ["/bin/sleep", argument]},
                "Networks": [{"Target": "host"}],
                "RestartPolicy": {"Condition": "any", "Delay": 0}},
            "Mode": {"Replicated": {"Replicas": 1}}})
        return name

    def running(self, service: str) -> set[str]:
        tasks = json.loads(self.call("GET", f'/tasks?filters={{"service":["{service}"],"desired-state":["running"]}}'))
        return {task["ID"] for task in tasks if task["Status"]["State"] == "running"}

    def stop(self) -> None:
        for service in json.loads(self.call("GET", "/services")):
            self.call("DELETE", f"/services/{service['ID']}")
        deadline = time.monotonic() + 60
        while json.loads(self.call("GET", "/containers/json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.process.terminate()
        self.process.wait(30)
        # The engine leaves the host's network namespace mounted.
        for line in Path("/proc/self/mounts").read_text().splitlines():
            if (place := line.split()[1]).startswith(f"{self.folder}/"):
                subprocess.run(["umount", place], check=True)


class Berth:
    """`berth up --instance`: a control plane, managed capacity and a container instance."""

    def __init__(self, folder: Path, binary: Path, archive: Path) -> None:
        folder.mkdir()
        self.binary, self.data = binary, folder / "data"
        self.server = Server(binary, self.data, "up", "--instance", "--node-address", "127.0.0.1")
        # Its containerd may still be starting.
        deadline = time.monotonic() + 60
        while (done := self.tool("image", "import", str(archive))).returncode != 0:
            if time.monotonic() > deadline:
                raise SystemExit(f"berth image import: {done.stdout}{done.stderr}")
            time.sleep(0.5)

    def tool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.binary), *arguments, "--data-dir", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def serve(self, argument: str, **how: object) -> str:
        """`network` is the network mode: `awsvpc` on managed capacity, another on the container instance."""
        name = f"sleep-{argument}"
        managed = how["network"] == "awsvpc"
        container = {"name": "sleep", "image": IMAGE, "command": ["/bin/sleep", argument], "memory": 64}
        sizes = {"cpu": "256", "memory": "512"} if managed else {}
        self.server.call("RegisterTaskDefinition", {
            "family": name, "networkMode": how["network"], "containerDefinitions": [container], **sizes})
        network = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [self.server.subnet]}}} if managed else {}
        self.server.call("CreateService", {
            "cluster": CLUSTER, "serviceName": name, "taskDefinition": name, "desiredCount": 1,
            "launchType": "FARGATE" if managed else "EC2", **network})
        return name

    def running(self, service: str) -> set[str]:
        arns = self.server.call("ListTasks", {"cluster": CLUSTER, "serviceName": service})["taskArns"]
        if not arns:
            return set()
        tasks = self.server.call("DescribeTasks", {"cluster": CLUSTER, "tasks": arns})["tasks"]
        return {task["taskArn"] for task in tasks if task["lastStatus"] == "RUNNING"}

    def stop(self) -> None:
        self.server.stop()
        if (done := self.tool("down")).returncode != 0:
            raise SystemExit(f"berth down: {done.stdout}{done.stderr}")
