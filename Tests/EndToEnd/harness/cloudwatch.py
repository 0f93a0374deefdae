"""Clients of CloudWatch by protocol, and alarms that are made for tests."""

from typing import Any

import botocore.session
from botocore.config import Config

from .api import Client
from .berth import ControlPlane


def speaking(control_plane: ControlPlane, protocol: str) -> Client:
    """A client that speaks one of the service's protocols, which botocore itself would choose from."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2")
    model["metadata"]["protocol"], model["metadata"]["protocols"] = protocol, [protocol]
    keys = control_plane.keys
    client = session.create_client(
        "cloudwatch", region_name=keys.region, endpoint_url=keys.endpoint, aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20, proxies={}))
    return Client(control_plane.host, client)


def alarm_on(name: str, metric: str = "errors", **changes: Any) -> dict[str, Any]:
    """An alarm on the sum of a metric of the namespace `Test`, of one period of ten seconds."""
    return {"AlarmName": name, "Namespace": "Test", "MetricName": metric, "Statistic": "Sum", "Period": 10,
            "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"} | changes
