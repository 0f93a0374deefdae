"""The recorded pairs of CloudWatch's protocols against botocore, which reads and writes the other side of the wire.

As test_query_pairs.py: `BERTH_RECORD_GOLDEN=1` records both sides anew, first this file, then the tests of AWSWire.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness import cloudwatch_pairs

FOLDER = Path(__file__).resolve().parent.parent / "AWSWireTests" / "CBOR" / "Golden"


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("requests.jsonl", cloudwatch_pairs.requests), ("answers.jsonl", cloudwatch_pairs.answers)])
def test_the_pairs_are_what_botocore_sends(name: str, wanted: Any) -> None:
    if os.environ.get("BERTH_RECORD_GOLDEN"):
        (FOLDER / name).write_text("".join(json.dumps(pair) + "\n" for pair in wanted()))
    assert recorded(name) == wanted()


def test_botocore_reads_every_member_of_an_answer() -> None:
    answers = {answer["operation"]: answer["json"] for answer in recorded("answers.jsonl")}
    written = {pair["operation"]: pair for pair in recorded("written.jsonl")}
    assert written.keys() == answers.keys()
    for operation, pair in written.items():
        assert cloudwatch_pairs.read_cbor(operation, pair["cbor"]) == answers[operation]
        assert cloudwatch_pairs.read_xml(operation, pair["xml"]) == answers[operation]
