"""The operations and which shapes they take and give."""

from .swift import identifier, lower_first


def emit_enumeration(model):
    lines = ["/// Every operation of the ECS API, by its name on the wire.",
             "public enum ECSOperation: String, CaseIterable, Hashable, Sendable {"]
    lines += [f'    case {identifier(lower_first(name))} = "{name}"' for name in model.operations]
    lines += ["",
              "    /// What precedes an operation's name in `X-Amz-Target`, without the dot.",
              f'    public static let targetPrefix = "{model.target_prefix}"',
              "",
              "    /// Whether the service model says that the operation changes nothing.",
              "    public var isReadOnly: Bool {",
              "        switch self {"]
    readers = [name for name, operation in model.operations.items() if operation.get("readonly")]
    lines += ["        case"] + [
        f"            .{lower_first(name)}{',' if index + 1 < len(readers) else ':'}" for index, name in enumerate(readers)]
    lines += ["            true", "        default: false", "        }", "    }", "}", ""]
    return "\n".join(lines)


def emit_requests(model):
    blocks = []
    for name, operation in model.operations.items():
        blocks.append("\n".join([
            f"extension ECSShapes.{operation['input']['shape']}: ECSRequest {{",
            f"    public typealias Response = ECSShapes.{operation['output']['shape']}",
            f"    public static var operation: ECSOperation {{ .{lower_first(name)} }}",
            "}", ""]))
    return "\n".join(blocks)
