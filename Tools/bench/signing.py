"""Requests signed with SigV4, as the bytes that travel."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timezone

TARGET = "AmazonEC2ContainerServiceV20141113."


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, and with which key it is spoken to."""

    port: int
    access_key: str
    secret_key: str
    region: str = "us-east-1"


class Signer:
    """Signs with one key; the derived key is kept, since a pool of requests shares it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        now = datetime.now(timezone.utc)
        self.date, self.day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        self.scope = f"{self.day}/{endpoint.region}/ecs/aws4_request"
        key = f"AWS4{endpoint.secret_key}".encode()
        for part in (self.day, endpoint.region, "ecs", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key

    def request(self, operation: str, body: bytes) -> bytes:
        """A whole HTTP request, good for the five minutes around now."""
        host, target = f"127.0.0.1:{self.endpoint.port}", TARGET + operation
        headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": self.date,
                   "x-amz-target": target}
        names = ";".join(headers)
        canonical = "\n".join(["POST", "/", "", *(f"{name}:{value}" for name, value in headers.items()), "", names,
                               hashlib.sha256(body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", self.date, self.scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self.key, text.encode(), "sha256").hexdigest()
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (f"POST / HTTP/1.1\r\n{head}Authorization: AWS4-HMAC-SHA256 Credential={self.endpoint.access_key}/"
                f"{self.scope}, SignedHeaders={names}, Signature={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
                ).encode() + body
