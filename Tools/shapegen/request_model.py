"""The requests of the service model as data: for tools and tests that make requests instead of reading them."""

import json

SCALARS = ("string", "integer", "long", "double", "boolean", "timestamp")


def emit(model, name):
    text = json.dumps({"operations": operations(model), "shapes": shapes(model)}, separators=(",", ":"), sort_keys=True)
    lines = ["/// Operations with their requests and answers, and every shape that those reach, as JSON.",
             f"let {name} = #\"\"\"", "    " + text, "    \"\"\"#", ""]
    return "\n".join(lines)


def operations(model):
    return {name: {"request": operation["input"]["shape"],
                   "errors": sorted(error["shape"] for error in operation.get("errors", []))}
            | ({"answer": operation["output"]["shape"]} if "output" in operation else {})
            for name, operation in model.operations.items()}


def shapes(model):
    todo = [operation[end] for operation in operations(model).values() for end in ("request", "answer") if end in operation]
    found = {}
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = shape(model, name)
            todo += [*found[name].get("members", {}).values(), *filter(None, [found[name].get("of")])]
    return found


def shape(model, name):
    """One shape: its kind, and what is inside or what bounds it."""
    raw = model.shapes[name]
    kind = raw["type"]
    if model.is_document(name):
        return {"kind": "document"}
    if kind == "structure":
        return {"kind": kind, "members": {member: inner["shape"] for member, inner in raw["members"].items()},
                "required": raw.get("required", [])}
    if kind in ("list", "map"):
        result = {"kind": kind, "of": raw["member" if kind == "list" else "value"]["shape"]}
    elif kind == "blob":
        # In JSON it is text.
        return {"kind": "string"}
    elif kind in SCALARS:
        result = {"kind": kind}
        if "enum" in raw:
            result["values"] = raw["enum"]
    else:
        raise SystemExit(f"{name}: {kind} is unknown")
    low, high = model.bounds(name)
    return result | {key: value for key, value in (("min", low), ("max", high)) if value is not None}
