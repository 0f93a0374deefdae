"""Structures with their reading and writing."""

from .swift import member_name


def emit(model, names):
    return (f"public import JSONBytes\n{times(model, names)}\nextension {model.namespace} {{\n"
            + "\n".join(structure(model, name) for name in names) + "}\n")


def times(model, names):
    """The import that timestamps need, where there are any."""
    kinds = {model.swift_type(member["shape"]) for name in names if not model.is_document(name)
             for member in model.shapes[name]["members"].values()}
    return "public import ShapeRules\n" if any("Timestamp" in kind for kind in kinds) else ""


def structure(model, name):
    if model.is_document(name):
        return f"    /// `{name}`: any JSON.\n    public typealias {name} = JSONValue\n"
    members = [(member, model.swift_type(value["shape"])) for member, value in model.shapes[name]["members"].items()]
    required = model.shapes[name].get("required", [])
    note = f" Required: {', '.join(required)}." if required and len(required) < 6 else ""
    lines = [f"    /// `{name}` as it travels.{note}",
             f"    public struct {name}: Hashable, Sendable, JSONReadable, JSONWritable {{"]
    lines += [f"        public var {member_name(member)}: {kind}?" for member, kind in members]
    lines += [""] if members else []
    lines += initialiser(members) + [""] + reading(members) + [""] + writing(members) + ["    }", ""]
    return "\n".join(lines)


def initialiser(members):
    if not members:
        return ["        public init() {}"]
    lines = ["        public init("]
    lines += [f"            {member_name(member)}: {kind}? = nil{',' if index + 1 < len(members) else ''}"
              for index, (member, kind) in enumerate(members)]
    lines += ["        ) {"]
    lines += [f"            self.{member_name(member)} = {member_name(member)}" for member, _ in members]
    return lines + ["        }"]


def reading(members):
    lines = ["        public init(json reader: inout JSONReader) throws(JSONError) {",
             "            self.init()",
             "            try reader.beginObject()"]
    if members:
        lines += ["            while let name = try reader.nextKey() {", "                switch name {"]
        lines += [f'                case "{member}": self.{member_name(member)} = try reader.{reader(kind)}()'
                  for member, kind in members]
        lines += ["                default: try reader.skipValue()", "                }", "            }"]
    else:
        lines += ["            while try reader.nextKey() != nil { try reader.skipValue() }"]
    return lines + ["        }"]


def reader(kind):
    return "optionalInteger32" if kind == "Int" else "optional"


def writing(members):
    lines = ["        public func write(json writer: inout JSONWriter) {", "            writer.beginObject()"]
    lines += [f'            writer.member("{member}", {member_name(member)})' for member, _ in members]
    return lines + ["            writer.endObject()", "        }"]
