"""Two load balancers before the same backends: Berth's application load balancer, and a HAProxy that is configured by hand."""

import os
import socket
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as XML
from pathlib import Path

from .servers import Berth as Server
from .signing import Signer

HAPROXY = "/usr/sbin/haproxy"
VERSION = "2015-12-01"
BACKENDS = [("127.0.0.1", 18001 + number) for number in range(4)]

BACKEND = """\
global
    nbthread 2
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 4s
frontend pages
{binds}
    http-request return status 200 content-type text/plain string {text}
"""

# What somebody writes who wants of HAProxy what an application load balancer does: checks, the client's address and a mark for
# each request in its headers, and a line about each in a log.
BY_HAND = """\
global
    log stdout len 4096 format raw local0
defaults
    mode http
    log global
    option httplog
    timeout connect 4s
    timeout client 60s
    timeout server 60s
frontend web
    bind 127.0.0.2:8080
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Port %[dst_port]
    unique-id-format %[uuid]
    unique-id-header X-Amzn-Trace-Id
    default_backend pages
backend pages
    balance roundrobin
    option httpchk GET /
{servers}
"""


class HAProxy:
    """A HAProxy of its own, with its log in a file."""

    def __init__(self, folder: Path, name: str, configuration: str) -> None:
        file = folder / f"{name}.cfg"
        file.write_text(configuration)
        # As a service's: a pipe, and somebody who writes down what comes out of it. In sessions of their own, as services and
        # Berth's HAProxy are: a kernel that schedules by sessions would else give one more than the other.
        self.log = (folder / f"{name}.log").open("wb")
        self.process = subprocess.Popen(
            [HAPROXY, "-f", str(file)], stdout=subprocess.PIPE, stderr=self.log, start_new_session=True)
        self.reader = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=self.log, start_new_session=True)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.reader.wait(30)
        self.log.close()


def backends(folder: Path) -> HAProxy:
    binds = "\n".join(f"    bind {address}:{port}" for address, port in BACKENDS)
    return HAProxy(folder, "backends", BACKEND.format(binds=binds, text="x" * 512))


class ByHand:
    name = "HAProxy by hand"
    address, port, host = "127.0.0.2", 8080, "127.0.0.2"

    def __init__(self, folder: Path) -> None:
        servers = "\n".join(
            f"    server s{number} {address}:{port} check inter 5s rise 2 fall 2"
            for number, (address, port) in enumerate(BACKENDS))
        self.haproxy = HAProxy(folder, "by-hand", BY_HAND.format(servers=servers))

    def stop(self) -> None:
        self.haproxy.stop()


class Balanced:
    """A load balancer of `berth server` with one listener and one group of targets."""

    name = "Berth"
    port = 8080

    def __init__(self, folder: Path, binary: Path) -> None:
        self.binary, self.data = binary, folder / "data"
        self.server = Server(binary, self.data)
        self.signer = Signer(self.server.endpoint, "elasticloadbalancing")
        self.socket = ""
        made = self.call("CreateLoadBalancer", {"Name": "bench", "Subnets.member.1": "subnet-1", "Subnets.member.2": "subnet-2"})
        self.balancer, self.host = made["LoadBalancerArn"], made["DNSName"]
        # The first of the range.
        self.address = "10.98.0.1"
        self.group = self.make_group("bench")
        self.call("CreateListener", {
            "LoadBalancerArn": self.balancer, "Protocol": "HTTP", "Port": str(self.port),
            "DefaultActions.member.1.Type": "forward", "DefaultActions.member.1.TargetGroupArn": self.group})

    def make_group(self, name: str) -> str:
        group = self.call("CreateTargetGroup", {
            "Name": name, "Protocol": "HTTP", "Port": "80", "VpcId": "vpc-1", "TargetType": "ip",
            "HealthCheckIntervalSeconds": "5", "HealthCheckTimeoutSeconds": "2", "HealthyThresholdCount": "2"})["TargetGroupArn"]
        self.call("ModifyTargetGroupAttributes", {
            "TargetGroupArn": group, "Attributes.member.1.Key": "deregistration_delay.timeout_seconds",
            "Attributes.member.1.Value": "1"})
        return group

    def call(self, action: str, fields: dict[str, str]) -> dict[str, str]:
        """One request, which must succeed; the texts of its answer by their names."""
        body = urllib.parse.urlencode({"Action": action, "Version": VERSION} | fields).encode()
        answer = XML.fromstring(self.server.send(action, self.signer.form(body)))
        return {each.tag.rpartition("}")[2]: each.text or "" for each in answer.iter()}

    def targets(self, action: str, places: list[tuple[str, int]]) -> None:
        fields = {"TargetGroupArn": self.group}
        for number, (address, port) in enumerate(places, 1):
            fields |= {f"Targets.member.{number}.Id": address, f"Targets.member.{number}.Port": str(port)}
        self.call(action, fields)

    def health(self, address: str, port: int) -> str:
        """The state of one target; `unused` for one that is gone."""
        return self.call("DescribeTargetHealth", {
            "TargetGroupArn": self.group, "Targets.member.1.Id": address, "Targets.member.1.Port": str(port)})["State"]

    def wait_for(self, state: str, places: list[tuple[str, int]]) -> None:
        deadline = time.monotonic() + 60
        while any(self.health(*place) != state for place in places):
            if time.monotonic() > deadline:
                raise SystemExit(f"targets are not {state}")
            time.sleep(0.02)

    def ask(self, command: str) -> str:
        """What HAProxy's newest worker answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            # Looked for once: that takes longer than the answer.
            self.socket = self.socket or self.master()
            connection.connect(self.socket)
            connection.sendall(f"@1 {command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()

    def master(self) -> str:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if words[0] == HAPROXY and "-S" in words and os.stat(f"/proc/{entry.name}/ns/net") == os.stat("/proc/self/ns/net"):
                return words[words.index("-S") + 1]
        raise SystemExit("Berth's HAProxy does not run")

    def stop(self) -> None:
        self.server.stop()
        done = subprocess.run([self.binary, "down", "--data-dir", self.data], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise SystemExit(f"berth down: {done.stdout}{done.stderr}")
