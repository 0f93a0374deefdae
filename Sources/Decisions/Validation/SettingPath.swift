public import JSONBytes

/// Where a setting stands in a request, and whether a request uses it.
public struct SettingPath: Hashable, Sendable {
    /// Members from the request down, such as `containerDefinitions[].secrets`; `[]` after a name goes through a list.
    public let text: String

    public init(_ text: String) { self.text = text }

    /// The first place at which `request` asks for something by this setting, such as `containerDefinitions[1].secrets`.
    ///
    /// - Parameter harmless: values that ask for nothing, beside what is absent, null and empty.
    public func firstUse(in request: JSONValue, harmless: [JSONValue] = []) -> String? {
        Self.firstUse(text.split(separator: ".")[...], in: request, at: "", harmless)
    }

    private static func firstUse(
        _ path: ArraySlice<Substring>, in value: JSONValue, at place: String, _ harmless: [JSONValue]
    ) -> String? {
        guard let member = path.first else { return asks(value, harmless) ? place : nil }
        let isList = member.hasSuffix("[]")
        let name = String(isList ? member.dropLast(2) : member)
        guard let inner = value[name] else { return nil }
        let here = place.isEmpty ? name : "\(place).\(name)"
        guard isList else { return firstUse(path.dropFirst(), in: inner, at: here, harmless) }
        for (index, element) in (inner.array ?? []).enumerated() {
            if let found = firstUse(path.dropFirst(), in: element, at: "\(here)[\(index)]", harmless) { return found }
        }
        return nil
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
