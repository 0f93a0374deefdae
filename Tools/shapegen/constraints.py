"""The rules of the model as checks: required members, values, ranges, lengths, patterns."""

import re

from .swift import identifier, lower_first, string


def emit(model, names):
    return "\n".join(conformance(model, name) for name in names)


def conformance(model, name):
    shape = model.shapes[name]
    required = set(shape.get("required", []))
    lines = []
    for member, value in shape["members"].items():
        if member in required:
            lines.append(f'checker.require("{member}", {identifier(member)})')
        lines += checks(model, member, value["shape"])
    body = "\n".join(f"        {line}" for line in lines)
    body = f"{{\n{body}\n    }}" if lines else "{}"
    return f"extension ECSShapes.{name}: ConstrainedShape {{\n    public func check(_ checker: inout ShapeChecker) {body}\n}}\n"


def checks(model, member, name):
    """The checks of one member, if present."""
    shape = model.shapes[name]
    if model.is_document(name) or not model.is_constrained(name):
        return []
    value = f'"{member}", {identifier(member)}'
    if shape["type"] == "structure":
        return [f"checker.inside({value})"]
    if shape["type"] == "list":
        return list_checks(model, value, name)
    return scalar_checks(model, "", value, name)


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
    return lines + scalar_checks(model, "each ", value, element)


def scalar_checks(model, scope, value, name):
    shape = model.shapes[name]
    low, high = model.bounds(name)
    lines = []
    if "enum" in shape:
        lines.append(f"oneOf({value}, ECSShapes.Values.{lower_first(name)})")
    if (low, high) != (None, None):
        if shape["type"] == "double":
            lines.append(f"range({value}, {real(low)}, {real(high)})")
        else:
            check = "length" if shape["type"] == "string" else "range"
            lines.append(f"{check}({value}, {bound(low)}, {bound(high)})")
    if "pattern" in shape:
        lines.append(f"pattern({value}, {pattern(shape['pattern'])})")
    return [f"checker.{line}" for line in lines]


def bound(number):
    if number is None:
        return "nil"
    if number != int(number):
        raise SystemExit(f"a bound that is not whole: {number}")
    return f"{int(number):_}" if abs(number) >= 100000 else str(int(number))


def real(number):
    return "nil" if number is None else repr(float(number))


CATEGORIES = {r"\p{L}": ".letters", r"\p{Z}": ".separators", r"\p{N}": ".numbers"}


def pattern(source):
    """A pattern that is one repeated character class, as the scalars that it allows; others are refused."""
    match = re.fullmatch(r"\(?\[(.*)\]([*+])\)?", source)
    if not match:
        raise SystemExit(f"no translation for the pattern {source}")
    classes, ranges, text = [], [], match[1]
    while text:
        token = re.match(r"\\p\{[A-Z]\}|\\.|.", text)[0]
        text = text[len(token):]
        if token in CATEGORIES:
            classes.append(CATEGORIES[token])
            continue
        low = token[-1]
        high = low
        if text.startswith("-") and len(text) > 1:
            high = text[1]
            text = text[2:]
        ranges.append(f'{string(low)}...{string(high)}')
    return (f"ScalarPattern({string(source)}, ranges: [{', '.join(ranges)}], classes: [{', '.join(classes)}])")
