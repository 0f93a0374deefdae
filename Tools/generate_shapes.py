#!/usr/bin/env python3
"""Writes the Swift wire shapes of Amazon ECS from the service model that botocore ships.

    python3 Tools/generate_shapes.py [--root DIRECTORY]

The output is committed (Generated in the target and in its tests); scripts/check-generated proves that it is current.
"""

import argparse
import pathlib

from shapegen import constraints, enumerations, operations, request_model, samples, structures
from shapegen.model import Model
from shapegen.swift import header

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SOURCES = pathlib.Path("Sources/Model/ECSShapes/Generated")
MODEL = pathlib.Path("Sources/Testing/APIModel/Generated")
TESTS = pathlib.Path("Tests/ECSShapesTests/Generated")


def files(model):
    """The text of every generated file, by its path in the repository."""
    result = {
        SOURCES / "ECSOperation.swift": operations.emit_enumeration(model),
        SOURCES / "Requests.swift": operations.emit_requests(model),
        SOURCES / "Values.swift": enumerations.emit(model),
        MODEL / "ServiceModelText.swift": request_model.emit(model),
        TESTS / "ShapeSamples.swift": samples.emit(model),
    }
    for letter in sorted({name[0] for name in model.structures}):
        names = [name for name in model.structures if name[0] == letter]
        result[SOURCES / f"Shapes+{letter}.swift"] = structures.emit(model, names)
        checked = [name for name in names if name in model.checked]
        if checked:
            result[SOURCES / f"Constraints+{letter}.swift"] = constraints.emit(model, checked)
    return {path: header(model.source) + text for path, text in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=REPOSITORY, help="where to write instead")
    root = parser.parse_args().root
    generated = files(Model.from_botocore())
    for folder in (SOURCES, MODEL, TESTS):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for path in (root / folder).glob("*.swift"):
            if path.relative_to(root) not in generated:
                path.unlink()
    for path, text in generated.items():
        (root / path).write_text(text)
    print(f"{len(generated)} files written")


if __name__ == "__main__":
    main()
