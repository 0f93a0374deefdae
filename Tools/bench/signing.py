"""Requests signed with SigV4, as the bytes that travel."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

TARGET = "AmazonEC2ContainerServiceV20141113."


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, and with which key it is spoken to."""

    port: int
    access_key: str
    secret_key: str
    region: str = "us-east-1"


class Signer:
    """Signs with one key for one service, for the five minutes around the moment of signing."""

    def __init__(self, endpoint: Endpoint, service: str = "ecs") -> None:
        self.endpoint, self.service = endpoint, service

    @lru_cache(maxsize=2)
    def key(self, day: str) -> bytes:
        """The derived key; kept, since a pool of requests shares it."""
        key = f"AWS4{self.endpoint.secret_key}".encode()
        for part in (day, self.endpoint.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key

    def request(self, operation: str, body: bytes) -> bytes:
        """A whole HTTP request in JSON 1.1."""
        return self.signed(body, {"content-type": "application/x-amz-json-1.1"}, {"x-amz-target": TARGET + operation})

    def form(self, body: bytes) -> bytes:
        """The same as a form of the Query protocol."""
        return self.signed(body, {"content-type": "application/x-www-form-urlencoded"}, {})

    def signed(self, body: bytes, first: dict[str, str], last: dict[str, str]) -> bytes:
        date = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{date[:8]}/{self.endpoint.region}/{self.service}/aws4_request"
        headers = first | {"host": f"127.0.0.1:{self.endpoint.port}", "x-amz-date": date} | last
        names = ";".join(headers)
        canonical = "\n".join(["POST", "/", "", *(f"{name}:{value}" for name, value in headers.items()), "", names,
                               hashlib.sha256(body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self.key(date[:8]), text.encode(), "sha256").hexdigest()
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (f"POST / HTTP/1.1\r\n{head}Authorization: AWS4-HMAC-SHA256 Credential={self.endpoint.access_key}/"
                f"{scope}, SignedHeaders={names}, Signature={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
                ).encode() + body
