"""One JSON sample of every structure with all its members, for the test that reads and writes them."""

import json


def emit(model):
    lines = [f"import {model.namespace}", "import TestKit", "",
             "/// Every structure with all members of its own; structures inside are empty.",
             "let shapeSamples: [ShapeSample] = ["]
    for name in model.structures:
        if not model.is_document(name):
            text = json.dumps(members(model, name), separators=(",", ":"))
            lines.append(f'    ShapeSample("{name}", {model.namespace}.{name}.self, #"{text}"#),')
    return "\n".join(lines + ["]", ""])


def members(model, name):
    return {member: value(model, shape["shape"], index + 1)
            for index, (member, shape) in enumerate(model.shapes[name]["members"].items())}


def value(model, name, number):
    """A value of the shape; the number makes scalars of one structure differ."""
    shape = model.shapes[name]
    kind = shape["type"]
    if kind == "structure":
        return {}
    if kind == "list":
        return [value(model, shape["member"]["shape"], number)]
    if kind == "map":
        return {f"k{number}": value(model, shape["value"]["shape"], number)}
    return {"string": f"s{number}", "blob": f"b{number}", "integer": number, "long": 2 ** 40 + number, "double": number + 0.5,
            "boolean": True, "timestamp": 1700000000.125 + number}[kind]
