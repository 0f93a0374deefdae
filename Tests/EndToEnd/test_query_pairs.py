"""The recorded pairs of the Query protocol against botocore, which reads and writes the other side of the wire.

The unit tests of AWSWire read the requests and write the answers. `BERTH_RECORD_GOLDEN=1` records both anew: first this
file, then those tests.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness import query_pairs

FOLDER = Path(__file__).resolve().parent.parent / "AWSWireTests" / "Query" / "Golden"


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "wanted"), [("requests.jsonl", query_pairs.requests), ("answers.jsonl", query_pairs.answers)])
def test_the_pairs_are_what_botocore_sends(name: str, wanted: Any) -> None:
    if os.environ.get("BERTH_RECORD_GOLDEN"):
        (FOLDER / name).write_text("".join(json.dumps(pair) + "\n" for pair in wanted()))
    assert recorded(name) == wanted()


def test_botocore_reads_every_member_of_an_answer() -> None:
    answers = {answer["operation"]: answer["json"] for answer in recorded("answers.jsonl")}
    written = {pair["operation"]: pair["xml"] for pair in recorded("written.jsonl")}
    assert written.keys() == answers.keys()
    for operation, xml in written.items():
        assert query_pairs.parse(operation, xml) == answers[operation]
