#!/usr/bin/env python3
"""Writes SigV4 test vectors: requests as botocore signs and sends them, at a fixed time with fixed keys.

    python3 Tools/generate_sigv4_vectors.py > Tests/AWSWireTests/SigV4Vectors.swift
"""

import datetime
import json
import unittest.mock

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
from urllib.parse import urlsplit

NOW = datetime.datetime(2026, 2, 28, 23, 59, 58, tzinfo=datetime.timezone.utc)
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjE//+token=="
TARGET = "AmazonEC2ContainerServiceV20141113.RunTask"

# name, method, url, params, headers, body, whether with a session token
REQUESTS = [
    ("a JSON 1.1 call", "POST", "http://127.0.0.1:4566/", None,
     {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET}, b'{"taskDefinition":"web:1"}', False),
    ("a session token", "POST", "http://localhost:4566/", None, {"X-Amz-Target": TARGET}, b"{}", True),
    ("the default port", "POST", "http://ecs.us-east-1.example.com:80/", None, {}, b"{}", False),
    ("no body", "POST", "http://127.0.0.1:4566/", None, {}, b"", False),
    ("a body beyond ASCII", "POST", "http://127.0.0.1:4566/", None, {}, '{"family":"größe-日本-🚢"}'.encode(), False),
    ("an agent's websocket", "GET",
     "http://127.0.0.1:51000/ws?agentHash=8a6b1b2c&agentVersion=1.96.0&clusterArn=default"
     "&containerInstanceArn=arn%3Aaws%3Aecs%3Aus-east-1%3A123456789012%3Acontainer-instance%2Fdefault%2F0123"
     "&dockerVersion=DockerVersion%3A%2020.10.24%2Bdfsg1&protocolVersion=2&sendCredentials=true&seqNum=1",
     None, {"Upgrade": "websocket", "Connection": "Upgrade"}, b"", True),
    ("a query out of order", "GET", "http://127.0.0.1:4566/?b=2&a=2&a=10&a=1&ab=0&A=z", None, {}, b"", False),
    ("a query of special characters", "GET", "http://127.0.0.1:4566/",
     {"space": "a b", "plus": "a+b", "slash": "a/b", "tilde": "~-_.", "percent": "100%", "equals": "a=b&c",
      "empty": "", "größe": "日本"}, {}, b"", False),
    ("names without values", "GET", "http://127.0.0.1:4566/?empty=&other=", None, {}, b"", False),
    ("a path of several segments", "GET", "http://127.0.0.1:4566/v1/tasks/", None, {}, b"", False),
    ("a path with dots and double slashes", "GET", "http://127.0.0.1:4566//a/./b/../c//d", None, {}, b"", False),
    ("a path that is already encoded", "GET", "http://127.0.0.1:4566/a%20b/%C3%B6/x~y:z", None, {}, b"", False),
    ("spaces in a header", "POST", "http://127.0.0.1:4566/", None,
     {"X-Custom": "  several   spaces\tand tabs  ", "X-Empty": ""}, b"{}", False),
    ("a given payload hash", "POST", "http://127.0.0.1:4566/", None,
     {"X-Amz-Content-SHA256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}, b"{}", False),
    ("headers that are not signed", "POST", "http://127.0.0.1:4566/", None,
     {"User-Agent": "test/1", "Expect": "100-continue", "X-Amzn-Trace-Id": "Root=1"}, b"{}", False),
]


def vector(name, prepared, body):
    url = urlsplit(prepared.url)
    headers = [[key, value if isinstance(value, str) else value.decode()] for key, value in prepared.headers.items()]
    if not any(key.lower() == "host" for key, _ in headers):
        # What http.client sends: the port unless it is the scheme's.
        headers.append(["Host", url.hostname if url.port in (None, 80) else f"{url.hostname}:{url.port}"])
    return {"name": name, "method": prepared.method, "path": url.path, "query": url.query, "headers": headers,
            "body": body.decode()}


def signed(name, method, url, params, headers, body, with_token):
    credentials = botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY, TOKEN if with_token else None)
    request = botocore.awsrequest.AWSRequest(method=method, url=url, params=params, headers=headers, data=body)
    botocore.auth.SigV4Auth(credentials, "ecs", "us-east-1").add_auth(request)
    return vector(name, request.prepare(), body)


def from_client():
    """What a real client sends for RunTask, caught before it leaves."""
    session = botocore.session.Session(profile=None)
    session.set_credentials(ACCESS_KEY, SECRET_KEY, TOKEN)
    client = session.create_client("ecs", region_name="us-east-1", endpoint_url="http://127.0.0.1:4566")
    caught = []

    def catch(request, **_):
        caught.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, unittest.mock.Mock(stream=lambda: [b"{}"]))

    client.meta.events.register("before-send.ecs.RunTask", catch)
    with unittest.mock.patch("uuid.uuid4", return_value="6f7c1b1e-0000-4000-8000-000000000000"):
        client.run_task(taskDefinition="web:1", count=2, launchType="FARGATE")
    request = caught[0]
    request.headers["User-Agent"] = "Boto3"
    return vector("a call by a client of botocore", request, request.body)


def main():
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        vectors = [signed(*request) for request in REQUESTS] + [from_client()]
    print("// Generated by Tools/generate_sigv4_vectors.py; do not edit.")
    print(f"// Source: requests as botocore {botocore.__version__} signs and sends them at 2026-02-28T23:59:58Z")
    print("// swift-format-ignore-file\n")
    print("/// One JSON object a line: a request as it travels, with its signature.")
    print('let sigV4Vectors = #"""')
    for item in vectors:
        print("    " + json.dumps(item))
    print('    """#')


if __name__ == "__main__":
    main()
