"""Requests written by hand: signed for any time, or changed after signing."""

import http.client
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

from botocore import auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .berth import ControlPlane

TARGET = "AmazonEC2ContainerServiceV20141113."
Answer = tuple[int, dict[str, str], dict[str, Any]]


def post(
    control_plane: ControlPlane, operation: str, body: dict[str, Any], keys: tuple[str, str] | None,
    skew: timedelta = timedelta(), changed: bytes | None = None,
) -> Answer:
    """Sends one request, signed at now + `skew`; `changed` replaces the body after signing."""
    return sign_and_send(control_plane, operation, json.dumps(body).encode(), keys, skew, changed)


def sign_and_send(
    control_plane: ControlPlane, operation: str, body: bytes, keys: tuple[str, str] | None,
    skew: timedelta = timedelta(), changed: bytes | None = None,
) -> Answer:
    """The same for a body of any bytes."""
    request = AWSRequest("POST", control_plane.keys.endpoint + "/", data=body, headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation,
    })
    if keys:
        now = datetime.now(timezone.utc).replace(tzinfo=None) + skew
        with mock.patch.object(auth, "get_current_datetime", lambda *_, **__: now):
            SigV4Auth(Credentials(*keys), "ecs", control_plane.keys.region).add_auth(request)
    return send(control_plane, changed or body, dict(request.headers.items()))


def send(control_plane: ControlPlane, body: bytes, headers: dict[str, str]) -> Answer:
    """One POST as it stands; returns status, headers by lower-case name, and the JSON."""
    with control_plane.host.inside():
        connection = http.client.HTTPConnection("127.0.0.1", control_plane.port, timeout=10)
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, json.loads(text or b"{}")


def kind(answer: dict[str, Any]) -> str:
    """The name of the error in an answer."""
    return answer["__type"].rpartition("#")[2]


def join(control_plane: ControlPlane, token: str) -> Answer:
    """What a host sends to join as managed capacity."""
    return send(
        control_plane, json.dumps({"token": token, "capacity": "managed"}).encode(),
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Berth.JoinHost"})
