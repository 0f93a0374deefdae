"""boto3 clients whose calls are made from inside a host's namespace."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from .host import Host

if TYPE_CHECKING:
    from .berth import Keys


class Client:
    """A boto3 client; every call, waiter and page is made from inside the host. One thread at a time."""

    def __init__(self, host: Host, client: Any) -> None:
        self.host, self.client = host, client

    @property
    def exceptions(self) -> Any:
        return self.client.exceptions

    @property
    def meta(self) -> Any:
        return self.client.meta

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)

        def inside(*arguments: Any, **named: Any) -> Any:
            with self.host.inside():
                return call(*arguments, **named)

        return inside

    def wait_until(self, waiter: str, seconds: float = 60, **named: Any) -> None:
        """boto3's own waiter, asking once a second."""
        with self.host.inside():
            self.client.get_waiter(waiter).wait(**named, WaiterConfig={"Delay": 1, "MaxAttempts": int(seconds)})

    def pages(self, operation: str, **named: Any) -> list[Any]:
        with self.host.inside():
            return list(self.client.get_paginator(operation).paginate(**named))


def make_client(host: Host, keys: "Keys", service: str, **changes: Any) -> Client:
    session = boto3.session.Session(
        aws_access_key_id=changes.get("access_key", keys.access_key),
        aws_secret_access_key=changes.get("secret_key", keys.secret_key),
        region_name=keys.region,
    )
    client = session.client(
        service,
        endpoint_url=changes.get("endpoint", keys.endpoint),
        verify=changes.get("verify", keys.authority),
        config=Config(
            retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20, proxies={},
        ),
    )
    return Client(host, client)
