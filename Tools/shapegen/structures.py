"""Structures with their reading and writing."""

from .swift import identifier


def emit(model, names):
    return ("public import JSONBytes\n\nextension ECSShapes {\n"
            + "\n".join(structure(model, name) for name in names) + "}\n")


def structure(model, name):
    if model.is_document(name):
        return f"    /// `{name}`: any JSON.\n    public typealias {name} = JSONValue\n"
    members = [(member, model.swift_type(value["shape"])) for member, value in model.shapes[name]["members"].items()]
    required = model.shapes[name].get("required", [])
    note = f" Required: {', '.join(required)}." if required and len(required) < 6 else ""
    lines = [f"    /// `{name}` as it travels.{note}",
             f"    public struct {name}: Hashable, Sendable, JSONReadable, JSONWritable {{"]
    lines += [f"        public var {identifier(member)}: {kind}?" for member, kind in members]
    lines += [""] if members else []
    lines += initialiser(members) + [""] + reading(members) + [""] + writing(members) + ["    }", ""]
    return "\n".join(lines)


def initialiser(members):
    if not members:
        return ["        public init() {}"]
    lines = ["        public init("]
    lines += [f"            {identifier(member)}: {kind}? = nil{',' if index + 1 < len(members) else ''}"
              for index, (member, kind) in enumerate(members)]
    lines += ["        ) {"]
    lines += [f"            self.{identifier(member)} = {identifier(member)}" for member, _ in members]
    return lines + ["        }"]


def reading(members):
    lines = ["        public init(json reader: inout JSONReader) throws(JSONError) {",
             "            self.init()",
             "            try reader.beginObject()"]
    if members:
        lines += ["            while let name = try reader.nextKey() {", "                switch name {"]
        lines += [f'                case "{member}": self.{identifier(member)} = try reader.{reader(kind)}()'
                  for member, kind in members]
        lines += ["                default: try reader.skipValue()", "                }", "            }"]
    else:
        lines += ["            while try reader.nextKey() != nil { try reader.skipValue() }"]
    return lines + ["        }"]


def reader(kind):
    return "optionalInteger32" if kind == "Int" else "optional"


def writing(members):
    lines = ["        public func write(json writer: inout JSONWriter) {", "            writer.beginObject()"]
    lines += [f'            writer.member("{member}", {identifier(member)})' for member, _ in members]
    return lines + ["            writer.endObject()", "        }"]
