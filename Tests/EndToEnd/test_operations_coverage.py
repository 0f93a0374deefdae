"""Every operation of the service model is called by some test with boto3, with what botocore has for it."""

import ast
import re
from pathlib import Path

import pytest
from botocore.session import get_session

from harness.cloudwatch_pairs import services

tests = Path(__file__).parent
session = get_session()
client = session.create_client("ecs", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
METHODS = client.meta.method_to_api_mapping


class Calls:
    """What the tests and their harness call: methods by name, and what they ask `pages`, `wait_until` and `refused` for."""

    def __init__(self) -> None:
        self.methods: set[str] = set()
        self.pages: set[str] = set()
        self.waiters: set[str] = set()
        self.refused: set[str] = set()
        for file in tests.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute):
                    self.methods.add(node.attr)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        {"pages": self.pages, "wait_until": self.waiters, "refused": self.refused}.get(node.func.attr, set()).add(first.value)


@pytest.fixture(scope="module")
def calls() -> Calls:
    return Calls()


def test_every_operation_is_called(calls: Calls) -> None:
    assert len(METHODS) == 77, "the model has changed"
    missing = set(METHODS) - calls.methods - calls.pages
    assert not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_operation_on_rules_of_events_is_called(calls: Calls) -> None:
    events = session.create_client("events", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    golden = (tests.parent / "FrontTests" / "Golden").glob("AWSEvents.*.txt")
    built = {file.name.split(".")[1] for file in golden}
    methods = {method for method, operation in events.meta.method_to_api_mapping.items() if operation in built}
    missing = methods - calls.methods - calls.pages
    assert len(methods) == 17 and not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_operation_on_metrics_and_alarms_is_called(calls: Calls) -> None:
    cloudwatch = session.create_client("cloudwatch", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    built = set(services.METRICS.operations)
    methods = {method for method, operation in cloudwatch.meta.method_to_api_mapping.items() if operation in built}
    missing = methods - calls.methods - calls.pages
    assert len(methods) == 16 and not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_operation_on_logs_is_called(calls: Calls) -> None:
    logs = session.create_client("logs", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    golden = (tests.parent / "FrontTests" / "Golden").glob("Logs_20140328.*.txt")
    built = {file.name.split(".")[1] for file in golden}
    methods = {method for method, operation in logs.meta.method_to_api_mapping.items() if operation in built}
    missing = methods - calls.methods - calls.pages
    assert len(methods) == 18 and not missing, f"no test calls: {', '.join(sorted(missing))}"


# What answers that it is not built.
OF_TRUST_STORES_AND_POOLS = {
    "AddTrustStoreRevocations", "CreateTrustStore", "DeleteSharedTrustStoreAssociation", "DeleteTrustStore",
    "DescribeTrustStoreAssociations", "DescribeTrustStoreRevocations", "DescribeTrustStores", "GetResourcePolicy",
    "GetTrustStoreCaCertificatesBundle", "GetTrustStoreRevocationContent", "ModifyCapacityReservation", "ModifyIpPools",
    "ModifyTrustStore", "RemoveTrustStoreRevocations"}


def test_every_operation_on_load_balancers_is_called(calls: Calls) -> None:
    elb = session.create_client("elbv2", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    mapping = elb.meta.method_to_api_mapping
    methods = {method for method, operation in mapping.items() if operation not in OF_TRUST_STORES_AND_POOLS}
    missing = methods - calls.methods - calls.pages
    assert len(methods) == 37 and not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_operation_on_certificates_is_called(calls: Calls) -> None:
    acm = session.create_client("acm", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    front = tests.parents[1] / "Sources" / "ControlPlane" / "Front" / "Certificates" / "CertificateOperations.swift"
    built = set(re.findall(r"Operation\((\w+)\(store", front.read_text()))
    methods = {method for method, operation in acm.meta.method_to_api_mapping.items() if operation in built}
    missing = methods - calls.methods - calls.pages
    assert len(methods) == 8 and not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_operation_of_scaling_is_called(calls: Calls) -> None:
    scaling = session.create_client(
        "application-autoscaling", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    methods = set(scaling.meta.method_to_api_mapping)
    missing = methods - calls.methods - calls.pages - calls.refused
    assert len(methods) == 14 and not missing, f"no test calls: {', '.join(sorted(missing))}"


def test_every_paginator_is_used(calls: Calls) -> None:
    missing = {method for method in METHODS if client.can_paginate(method)} - calls.pages
    assert not missing, f"no test pages through: {', '.join(sorted(missing))}"


def test_every_waiter_is_used(calls: Calls) -> None:
    missing = set(client.waiter_names) - calls.waiters
    assert not missing, f"no test waits by: {', '.join(sorted(missing))}"
