public import JSONBytes

/// Where a setting stands in a request, and whether a request uses it.
public struct SettingPath: Hashable, Sendable {
    /// Members from the request down, such as `containerDefinitions[].secrets`; `[]` after a name goes through a list.
    public let text: String
    private let steps: [Step]

    private struct Step: Hashable, Sendable {
        var name: String
        var isList: Bool
    }

    public init(_ text: String) {
        self.text = text
        steps = text.split(separator: ".").map { member in
            let isList = member.hasSuffix("[]")
            return Step(name: String(isList ? member.dropLast(2) : member), isList: isList)
        }
    }

    /// The first place at which `request` asks for something by this setting, such as `containerDefinitions[1].secrets`.
    ///
    /// - Parameter harmless: values that ask for nothing, beside what is absent, null and empty.
    public func firstUse(in request: JSONValue, harmless: [JSONValue] = []) -> String? {
        var indices: [Int] = []
        guard isUsed(steps[...], in: request, harmless, &indices) else { return nil }
        var rest = indices[...]
        return steps.map { $0.isList ? "\($0.name)[\(rest.popFirst() ?? 0)]" : $0.name }.joined(separator: ".")
    }

    /// Whether the value asks for something; `indices` are those of the lists on the way to it.
    private func isUsed(
        _ path: ArraySlice<Step>, in value: JSONValue, _ harmless: [JSONValue], _ indices: inout [Int]
    ) -> Bool {
        guard let step = path.first else { return Self.asks(value, harmless) }
        guard let inner = value[step.name] else { return false }
        guard step.isList else { return isUsed(path.dropFirst(), in: inner, harmless, &indices) }
        for (index, element) in (inner.array ?? []).enumerated() {
            indices.append(index)
            if isUsed(path.dropFirst(), in: element, harmless, &indices) { return true }
            indices.removeLast()
        }
        return false
    }

    private static func asks(_ value: JSONValue, _ harmless: [JSONValue]) -> Bool {
        switch value {
        case .null: false
        case .array(let values): !values.isEmpty
        case .object(let members): !members.isEmpty
        default: !harmless.contains(value)
        }
    }
}
