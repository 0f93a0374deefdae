"""A host that exists only as far as the agent protocol goes: it joins, registers and connects, and runs nothing.

Tests make its reports with boto3, as any agent could. Much cheaper than a real host where no container is needed.
"""

import base64
import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .api import Client
from .berth import ControlPlane
from .waiting import wait_for
from .wire import kind, send

ATTRIBUTES = [
    "ecs.capability.task-eni", "ecs.capability.task-cpu-mem-limit", "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19", "com.amazonaws.ecs.capability.docker-remote-api.1.21",
]


class ScriptedAgent:
    """A container instance of a cluster, with a key of its own and an open ACS socket."""

    def __init__(
        self, control_plane: ControlPlane, cluster: str, cpu: int = 4096, memory: int = 8192, **more: str
    ) -> None:
        """`more` are further members of JoinHost, such as `capacityProvider`."""
        self.control_plane, self.cluster = control_plane, cluster
        joined = call_unsigned(control_plane, "JoinHost", {
            "token": control_plane.token(), "capacity": "own", "cluster": cluster} | more)
        self.key, self.secret = joined["accessKeyId"], joined["secretAccessKey"]
        self.ecs: Client = control_plane.client("ecs", access_key=self.key, secret_key=self.secret)
        registered = self.ecs.register_container_instance(
            cluster=cluster,
            totalResources=[
                {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
                {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
            ],
            attributes=[{"name": name} for name in ATTRIBUTES] + [{"name": "ecs.os-type", "value": "linux"}])
        self.arn = registered["containerInstance"]["containerInstanceArn"]
        self.socket = self.connect()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        wait_for("the instance is connected", self.is_connected, 10)

    def is_connected(self) -> bool:
        found = self.control_plane.client("ecs").describe_container_instances(
            cluster=self.cluster, containerInstances=[self.arn])
        return found["containerInstances"][0]["agentConnected"]

    def connect(self) -> socket.socket:
        """Opens the ACS socket as an agent does: an upgrade request signed by the host's key."""
        query = urlencode({
            "agentHash": "test", "agentVersion": "1.0.0", "clusterArn": self.cluster, "containerInstanceArn": self.arn,
            "dockerVersion": "none", "protocolVersion": "2", "sendCredentials": "false", "seqNum": "1",
        }, quote_via=quote)
        keys = self.control_plane.keys
        request = AWSRequest("GET", f"{keys.endpoint}/ws?{query}")
        SigV4Auth(Credentials(self.key, self.secret), "ecs", keys.region).add_auth(request)
        headers = dict(request.headers.items()) | {
            "Host": keys.endpoint.partition("//")[2], "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        text = f"GET /ws?{query} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with self.control_plane.host.inside():
            connection = socket.create_connection(("127.0.0.1", self.control_plane.port), timeout=10)
        connection.sendall(text.encode() + b"\r\n")
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        connection.settimeout(None)
        return connection

    def read(self) -> None:
        """Takes whatever the gateway says and answers nothing; ends when the socket does."""
        with contextlib.suppress(OSError):
            while self.socket.recv(65536):
                pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.reader.join(5)


def call_unsigned(control_plane: ControlPlane, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """An operation of Berth's own that needs no key."""
    status, _, answer = send(control_plane, json.dumps(request).encode(), {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Berth.{operation}"})
    assert status == 200, f"{operation}: {kind(answer)} {answer}"
    return answer


@contextlib.contextmanager
def scripted_agents(
    control_plane: ControlPlane, cluster: str, count: int, **more: str
) -> Iterator[list[ScriptedAgent]]:
    agents: list[ScriptedAgent] = []
    try:
        for _ in range(count):
            agents.append(ScriptedAgent(control_plane, cluster, **more))
        yield agents
    finally:
        for agent in agents:
            agent.close()
