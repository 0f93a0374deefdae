"""The operations and which shapes they take and give."""

from .swift import identifier, lower_first, string, wrapped


def emit_enumeration(model):
    lines = [f"/// Every operation of {model.service.title} that is served, by its name on the wire.",
             f"public enum {model.operation_type}: String, CaseIterable, Hashable, Sendable {{"]
    lines += [f'    case {identifier(lower_first(name))} = "{name}"' for name in model.operations]
    lines += ["",
              "    /// What precedes an operation's name in `X-Amz-Target`, without the dot.",
              f'    public static let targetPrefix = "{model.target_prefix}"',
              "",
              "    /// The service's name in the scope of a signature.",
              f'    public static let signingName = "{model.signing_name}"',
              "",
              *unserved(model),
              "    /// Whether the service model says that the operation changes nothing."]
    return "\n".join(lines + read_only(model) + ["}", ""])


def unserved(model):
    if not model.unserved:
        return []
    return ["    /// Operations of the service that are not served.",
            "    public static let unserved: Set<String> = [",
            wrapped([string(name) for name in model.unserved], " " * 8),
            "    ]", ""]


def read_only(model):
    readers = [name for name, operation in model.operations.items() if operation.get("readonly")]
    if not readers:
        return ["    public var isReadOnly: Bool { false }"]
    lines = ["    public var isReadOnly: Bool {", "        switch self {", "        case"] + [
        f"            .{lower_first(name)}{',' if index + 1 < len(readers) else ':'}" for index, name in enumerate(readers)]
    return lines + ["            true", "        default: false", "        }", "    }"]


def emit_requests(model):
    some_answer_nothing = any("output" not in operation for operation in model.operations.values())
    blocks = ["public import ShapeRules\n"] if some_answer_nothing else []
    for name, operation in model.operations.items():
        response = f"{model.namespace}.{operation['output']['shape']}" if "output" in operation else "EmptyResponse"
        blocks.append("\n".join([
            f"extension {model.namespace}.{operation['input']['shape']}: {model.service.prefix}Request {{",
            f"    public typealias Response = {response}",
            f"    public static var operation: {model.operation_type} {{ .{lower_first(name)} }}",
            "}", ""]))
    return "\n".join(blocks)
