#!/usr/bin/env python3
"""Writes the Swift wire shapes of the AWS services that Berth serves from the service models that botocore ships.

    python3 Tools/generate_shapes.py [--root DIRECTORY]

The output is committed (Generated in the targets and in their tests); scripts/check-generated proves that it is current.
"""

import argparse
import pathlib

from shapegen import constraints, enumerations, operations, request_model, samples, schema, services, structures
from shapegen.model import Model
from shapegen.swift import header

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
REQUEST_MODELS = pathlib.Path("Sources/Testing/APIModel/Generated")
# The APIs whose requests tools make, as data, and the names of those.
MODELLED = {
    services.ECS: "serviceModelText", services.EVENTS: "eventsModelText", services.METRICS: "cloudWatchModelText",
    services.LOGS: "logsModelText", services.SCALING: "scalingModelText",
    services.LOAD_BALANCING: "balancingModelText", services.CERTIFICATES: "certificatesModelText"}


def sources(model):
    return pathlib.Path("Sources/Model") / model.namespace / "Generated"


def tests(model):
    return pathlib.Path("Tests") / f"{model.namespace}Tests" / "Generated"


def files(model):
    """The text of every generated file of one service, by its path in the repository."""
    folder = sources(model)
    result = {
        folder / f"{model.operation_type}.swift": operations.emit_enumeration(model),
        folder / "Requests.swift": operations.emit_requests(model),
        folder / "Values.swift": enumerations.emit(model),
        tests(model) / "ShapeSamples.swift": samples.emit(model),
    }
    if model.service in MODELLED:
        name = MODELLED[model.service]
        result[REQUEST_MODELS / f"{name[0].upper()}{name[1:]}.swift"] = request_model.emit(model, name)
    if model.is_query:
        result[folder / "Schema.swift"] = schema.emit(model)
    for letter in sorted({name[0] for name in model.structures}):
        names = [name for name in model.structures if name[0] == letter]
        result[folder / f"Shapes+{letter}.swift"] = structures.emit(model, names)
        checked = [name for name in names if name in model.checked]
        if checked:
            result[folder / f"Constraints+{letter}.swift"] = constraints.emit(model, checked)
    return {path: header(model.source) + text for path, text in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=REPOSITORY, help="where to write instead")
    root = parser.parse_args().root
    models = [Model.from_botocore(service) for service in services.ALL]
    generated = {path: text for model in models for path, text in files(model).items()}
    for folder in {path.parent for path in generated}:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for path in (root / folder).glob("*.swift"):
            if path.relative_to(root) not in generated:
                path.unlink()
    for path, text in generated.items():
        (root / path).write_text(text)
    print(f"{len(generated)} files written")


if __name__ == "__main__":
    main()
