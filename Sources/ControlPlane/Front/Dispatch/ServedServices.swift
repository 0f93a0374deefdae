import ECSShapes
import EventsShapes
import ShapeRules

/// The AWS services that are served at this one address, told apart by what requests ask for.
enum ServedServices {
    private static let all: [any ServiceOperation.Type] = [ECSOperation.self, EventsOperation.self]

    /// The service whose operation the header `X-Amz-Target` names; ECS when it names none that is known.
    static func service(of target: String?) -> any ServiceOperation.Type {
        guard let target else { return ECSOperation.self }
        return all.first { target.hasPrefix($0.targetPrefix + ".") } ?? ECSOperation.self
    }
}

extension ServiceOperation {
    static func has(_ name: String) -> Bool { Self(rawValue: name) != nil }
}
