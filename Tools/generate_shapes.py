#!/usr/bin/env python3
"""Writes the Swift wire shapes of Amazon ECS from the service model that botocore ships.

    python3 Tools/generate_shapes.py [--output DIRECTORY]

The output is committed (Sources/Model/ECSShapes/Generated); scripts/check-generated proves that it is current.
"""

import argparse
import pathlib
import sys

from shapegen import constraints, enumerations, operations, structures
from shapegen.model import Model
from shapegen.swift import header

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = REPOSITORY / "Sources/Model/ECSShapes/Generated"


def files(model):
    """The text of every generated file, by name."""
    result = {
        "ECSOperation.swift": operations.emit_enumeration(model),
        "Requests.swift": operations.emit_requests(model),
        "Values.swift": enumerations.emit(model),
    }
    for letter in sorted({name[0] for name in model.structures}):
        names = [name for name in model.structures if name[0] == letter]
        result[f"Shapes+{letter}.swift"] = structures.emit(model, names)
        checked = [name for name in names if name in model.checked]
        if checked:
            result[f"Constraints+{letter}.swift"] = constraints.emit(model, checked)
    return {name: header(model.source) + text for name, text in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    generated = files(Model.from_botocore())
    for stale in set(path.name for path in output.glob("*.swift")) - set(generated):
        (output / stale).unlink()
    for name, text in generated.items():
        (output / name).write_text(text)
    print(f"{len(generated)} files in {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
