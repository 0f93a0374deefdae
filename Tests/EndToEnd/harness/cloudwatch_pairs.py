"""Requests and answers of CloudWatch with all their members, and what botocore makes of them in CBOR and as forms."""

import sys
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

from harness import query_pairs

sys.path.append(str(Path(__file__).resolve().parents[3] / "Tools"))
from shapegen import services  # noqa: E402


def model() -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("cloudwatch", "service-2"))


def operations() -> list[botocore.model.OperationModel]:
    return [model().operation_model(name) for name in services.METRICS.operations]


def whole_seconds(value: Any) -> Any:
    """botocore sends times in CBOR without their fractions."""
    if isinstance(value, dict):
        return {name: whole_seconds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole_seconds(inner) for inner in value]
    return int(value) if isinstance(value, float) and value > 1e9 else value


def requests() -> list[dict[str, Any]]:
    """Each operation's request, full and empty, as JSON, as CBOR in hexadecimal and as a form."""
    pairs = []
    for operation in operations():
        full = whole_seconds(query_pairs.sample(operation.input_shape))
        for value in (full, {}):
            cbor = botocore.serialize.RpcV2CBORSerializer().serialize_to_request(value, operation)
            assert cbor["url_path"] == f"/service/GraniteServiceVersion20100801/operation/{operation.name}"
            pairs.append({"operation": operation.name, "json": value, "cbor": cbor["body"].hex(),
                          "form": query_pairs.form(value, operation)})
    return pairs


def answers() -> list[dict[str, Any]]:
    return [{"operation": operation.name, "json": query_pairs.sample(operation.output_shape)}
            for operation in operations() if operation.output_shape]


def read_cbor(operation: str, cbor: str) -> Any:
    """What botocore reads, in the form of `answers`."""
    answer = {"status_code": 200, "headers": {}, "body": bytes.fromhex(cbor)}
    parsed = botocore.parsers.RpcV2CBORParser().parse(answer, model().operation_model(operation).output_shape)
    parsed.pop("ResponseMetadata")
    return query_pairs.plain(parsed)


def read_xml(operation: str, xml: str) -> Any:
    answer = {"status_code": 200, "headers": {}, "body": xml.encode()}
    parsed = botocore.parsers.QueryParser().parse(answer, model().operation_model(operation).output_shape)
    assert parsed.pop("ResponseMetadata")["RequestId"] == "the-request"
    return query_pairs.plain(parsed)
