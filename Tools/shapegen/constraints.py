"""The rules of the model as checks: required members, values, ranges, lengths, patterns."""

from .swift import lower_first, member_name


def emit(model, names):
    return "public import ShapeRules\n\n" + "\n".join(conformance(model, name) for name in names)


def conformance(model, name):
    shape = model.shapes[name]
    required = set(shape.get("required", []))
    lines = []
    for member, value in shape["members"].items():
        if member in required:
            lines.append(f'checker.require("{member}", {member_name(member)})')
        lines += checks(model, member, value["shape"])
    body = "\n".join(f"        {line}" for line in lines)
    body = f"{{\n{body}\n    }}" if lines else "{}"
    return f"extension {model.namespace}.{name}: ConstrainedShape {{\n    public func check(_ checker: inout ShapeChecker) {body}\n}}\n"


def checks(model, member, name):
    """The checks of one member, if present."""
    shape = model.shapes[name]
    if model.is_document(name) or not model.is_constrained(name):
        return []
    value = f'"{member}", {member_name(member)}'
    if shape["type"] == "structure":
        return [f"checker.inside({value})"]
    if shape["type"] == "list":
        return list_checks(model, value, name)
    return scalar_checks(model, value, name)


def list_checks(model, value, name):
    lines = []
    element = model.shapes[name]["member"]["shape"]
    low, high = model.bounds(name)
    if (low, high) != (None, None):
        lines.append(f"checker.count({value}, {bound(low)}, {bound(high)})")
    if not model.is_constrained(element) or model.is_document(element):
        return lines
    kind = model.shapes[element]["type"]
    if kind == "structure":
        return lines + [f"checker.inside({value})"]
    if kind != "string":
        raise SystemExit(f"{name}: no check for a list of {kind}")
    return lines + scalar_checks(model, value, element)


def scalar_checks(model, value, name):
    shape = model.shapes[name]
    low, high = model.bounds(name)
    lines = []
    if "enum" in shape:
        lines.append(f"oneOf({value}, {model.namespace}.Values.{lower_first(name)})")
    if (low, high) != (None, None):
        if shape["type"] == "double":
            lines.append(f"range({value}, {real(low)}, {real(high)})")
        else:
            check = "length" if shape["type"] == "string" else "range"
            lines.append(f"{check}({value}, {bound(low)}, {bound(high)})")
    if name in model.patterned:
        lines.append(f"pattern({value}, {model.namespace}.Patterns.{lower_first(name)})")
    return [f"checker.{line}" for line in lines]


def bound(number):
    if number is None:
        return "nil"
    if number != int(number):
        raise SystemExit(f"a bound that is not whole: {number}")
    return f"{int(number):_}" if abs(number) >= 100000 else str(int(number))


def real(number):
    return "nil" if number is None else repr(float(number))

