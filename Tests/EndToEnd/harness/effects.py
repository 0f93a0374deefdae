"""Which members of requests have an effect, and which of them a test sees.

The truth is Berth's own two lists of what it refuses and what it accepts in vain; everything else of the service model
counts as real.
"""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore

ENVIRONMENT = "BERTH_LIST_EFFECTS"
tests = Path(__file__).parents[1]
sources = tests.parents[1] / "Sources"
UNSUPPORTED = sources / "Decisions/Validation/UnsupportedSettings.swift"
ACCEPTED = sources / "ControlPlane/Front/AcceptedSettings.swift"


def members(operation: str) -> set[str]:
    """Every member of the operation's request that holds a value: `a.b`, `list[].c`."""
    path = Path(botocore.__file__).parent / "data/ecs/2014-11-13/service-2.json.gz"
    model = json.loads(gzip.decompress(path.read_bytes()))
    shapes = model["shapes"]

    def below(shape: dict[str, Any], place: str) -> set[str]:
        found = set()
        for name, member in shape["members"].items():
            here, inner = (f"{place}.{name}" if place else name), shapes[member["shape"]]
            if inner["type"] == "list" and shapes[inner["member"]["shape"]]["type"] == "structure":
                here, inner = here + "[]", shapes[inner["member"]["shape"]]
            found |= below(inner, here) if inner["type"] == "structure" else {here}
        return found

    return below(shapes[model["operations"][operation]["input"]["shape"]], "")


def section(file: Path, name: str) -> str:
    """The text of one `static let` list of Swift."""
    text = file.read_text()
    start = re.search(rf"static let {name}\b", text)
    assert start, f"{file.name} has no list {name}"
    following = re.search(r"\n    (///|(private )?static )", text[start.end():])
    return text[start.end():start.end() + following.start()] if following else text[start.end():]


def not_real(operation: str) -> set[str]:
    """Members that Berth refuses, or accepts without effect and says so."""
    def refused(name: str) -> list[str]:
        found = re.findall(r'UnsupportedSetting\(\s*"([^"]+)"', section(UNSUPPORTED, name))
        assert found, f"nothing in {name}"
        return found

    def accepted(name: str, subject: str) -> list[str]:
        return re.findall(rf'(?:reported|refused)\(\s*\.{subject},\s*"([^"]+)"', section(ACCEPTED, name))

    if operation == "RegisterTaskDefinition":
        container = [f"containerDefinitions[].{path}" for path in refused("container")]
        return {*refused("task"), *refused("volumes"), *container, *accepted("taskDefinition", "taskDefinition")}
    launch = re.findall(r'\(\s*"(networkConfiguration[^"]+)"', section(ACCEPTED, "launch"))
    if operation == "RunTask":
        return {*launch, *accepted("task", "task")}
    if operation in ("CreateService", "UpdateService"):
        return {*launch, *accepted("service", "service")}
    raise ValueError(operation)


# Real in part: Berth does what these say for the values it does not refuse or report.
PARTLY = {
    "RegisterTaskDefinition": {
        "containerDefinitions[].logConfiguration.logDriver", "containerDefinitions[].dockerSecurityOptions[]",
        "volumes[].dockerVolumeConfiguration.driver", "requiresCompatibilities[]",
        "runtimePlatform.operatingSystemFamily",
    },
    "RunTask": set(), "CreateService": {"deploymentController.type"}, "UpdateService": set(),
}


def real(operation: str) -> set[str]:
    # What stands beside a switch that cannot be turned on means nothing without it.
    gone = {re.sub(r"\.enabled?$", "", each) for each in not_real(operation) - PARTLY[operation]}

    def is_gone(member: str) -> bool:
        return any(member == each or member.startswith((each + ".", each + "[]")) for each in gone)

    return {member for member in members(operation) if not is_gone(member)}


def seen() -> set[str]:
    """Every `Operation.member` that a test is marked with, asked of pytest itself."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(tests)],
        capture_output=True, text=True, timeout=120, env=os.environ | {ENVIRONMENT: "1"})
    line = next((line for line in done.stdout.splitlines() if line.startswith("effects: ")), "")
    assert line, done.stdout[-2000:] + done.stderr[-2000:]
    return set(json.loads(line.removeprefix("effects: ")))
