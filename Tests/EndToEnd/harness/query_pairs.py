"""Requests and answers with all their members, and what botocore makes of them on the Query protocol's wire."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

# What forms and XML have their own meaning for, and what is not ASCII.
TEXT = 'a&b<c>"d\' é%41+=;.\t\r\n日𝄞 '


def model() -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("elbv2", "service-2"))


def sample(shape: Any, number: int = 1) -> Any:
    """A value with all members; scalars of one structure differ."""
    if shape.type_name == "structure":
        return {name: sample(member, index + 1) for index, (name, member) in enumerate(shape.members.items())}
    if shape.type_name == "list":
        return [sample(shape.member, number), sample(shape.member, number + 1)]
    if shape.type_name == "map":
        return {f"k&{number}": sample(shape.value, number), TEXT: sample(shape.value, number + 1)}
    scalars = {"string": f"{TEXT}{number}", "integer": number, "long": 2**40 + number, "double": number + 0.5,
               "boolean": number % 2 == 0, "timestamp": 1700000000.125 + number}
    return scalars[shape.type_name]


def requests() -> list[dict[str, Any]]:
    """Each operation's request, full and empty, as JSON and as the form that botocore sends for it."""
    service, pairs = model(), []
    for name in service.operation_names:
        operation = service.operation_model(name)
        lists = {member: [] for member, shape in operation.input_shape.members.items() if shape.type_name == "list"}
        for value in (sample(operation.input_shape), {}, lists):
            pairs.append({"operation": name, "json": value, "form": form(value, operation)})
    return pairs


def form(value: Any, operation: Any) -> str:
    body = botocore.serialize.QuerySerializer().serialize_to_request(value, operation)["body"]
    return urlencode(body)


def answers() -> list[dict[str, Any]]:
    service = model()
    return [{"operation": name, "json": sample(service.operation_model(name).output_shape)}
            for name in service.operation_names]


def parse(operation: str, xml: str) -> Any:
    """What botocore reads, in the form of `answers`."""
    shape = model().operation_model(operation).output_shape
    answer = {"status_code": 200, "headers": {}, "body": xml.encode()}
    parsed = botocore.parsers.QueryParser().parse(answer, shape)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == "the-request"
    return plain(parsed)


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value
