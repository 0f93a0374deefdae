import ECSShapes
import JSONBytes
import ShapeRules

/// A request of Berth's own operations: a few members, read where they are needed.
struct BerthRequest: JSONReadable, ConstrainedShape, Sendable {
    private let members: JSONValue

    init(json reader: inout JSONReader) throws(JSONError) { members = try JSONValue(json: &reader) }

    func check(_ checker: inout ShapeChecker) {}

    subscript(name: String) -> JSONValue? { members[name] }
}
