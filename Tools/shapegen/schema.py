"""What is inside what, as data: the Query protocol names members by paths and writes them as XML, so it needs no more."""

from .swift import lower_first, string


def emit(model):
    for name, shape in model.shapes.items():
        places = [shape, shape.get("member", {}), *shape.get("members", {}).values()]
        if shape.get("flattened") or any("locationName" in place for place in places):
            raise SystemExit(f"{name}: names of its own on the wire are not emitted")
    lines = ["public import ShapeRules", "", f"extension {model.operation_type}: QueryOperation {{",
             f"    public static let version = {string(model.version)}",
             f"    public static let xmlNamespace = {string(model.xml_namespace)}",
             "    public static let schema = WireSchema("]
    for kind in ("structure", "list", "map"):
        lines += table(model, kind)
    lines[-1] = lines[-1].rstrip(",") + ")"
    for part in ("input", "output"):
        optional = "" if part == "input" else "?"
        lines += ["", f"    public var {'request' if part == 'input' else 'response'}Shape: String{optional} {{",
                  "        switch self {"]
        for name, operation in model.operations.items():
            if operation.get("output", {}).get("resultWrapper", name + "Result") != name + "Result":
                raise SystemExit(f"{name}: a result of another name is not emitted")
            lines += [f"        case .{lower_first(name)}: {string(operation[part]['shape']) if part in operation else 'nil'}"]
        lines += ["        }", "    }"]
    return "\n".join(lines + ["}", ""])


def table(model, kind):
    lines = [f"        {kind}s: ["]
    for name, shape in sorted(model.shapes.items()):
        if shape["type"] == kind and not shape.get("exception"):
            lines.append(f"            {string(name)}: {inside(model, shape)},")
    return lines + ["        ],"]


def inside(model, shape):
    if shape["type"] == "structure":
        members = [f"{string(name)}: {kind(model, member['shape'])}" for name, member in shape["members"].items()]
        return f"[{', '.join(members) or ':'}]"
    return kind(model, shape["member" if shape["type"] == "list" else "value"]["shape"])


def kind(model, name):
    """A shape by its name, a scalar by its type, which begins with a small letter."""
    of = model.shapes[name]["type"]
    return string(name if of in ("structure", "list", "map") else of)
