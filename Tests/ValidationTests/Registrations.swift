import Domain
import ECSShapes
import JSONBytes
import Testing

@testable import Validation

/// A registration that is refused, and the words of the refusal.
struct Refused: CustomTestStringConvertible, Sendable {
    var name: String
    /// Members of the request beside `family`.
    var request: String
    var message: String
    var code: ValidationFault.Code

    init(_ name: String, _ request: String, _ message: String, code: ValidationFault.Code = .client) {
        self.name = name
        self.request = request
        self.message = message
        self.code = code
    }

    var testDescription: String { name }

    func verify(_ expected: ValidationFault.Code? = nil) throws {
        let request = try Registration.decoded(request)
        do throws(ValidationFault) {
            let accepted = try TaskDefinition(validating: request)
            Issue.record("accepted: \(accepted)")
        } catch {
            #expect(error == ValidationFault(expected ?? code, message))
        }
    }
}

/// Builds the members of registrations.
enum Registration {
    static func decoded(_ members: String) throws -> ECSShapes.RegisterTaskDefinitionRequest {
        var reader = JSONReader(Array(#"{"family":"web",\#(members)}"#.utf8))
        return try ECSShapes.RegisterTaskDefinitionRequest(json: &reader)
    }

    static func accepted(_ members: String) throws -> TaskDefinition {
        try TaskDefinition(validating: try decoded(members))
    }

    /// A container named `name` with an image and memory, and `members`.
    static func container(_ members: String = "", name: String = "a") -> String {
        #"{"name":"\#(name)","image":"i","memory":64\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    static func containers(_ containers: String...) -> String {
        #""containerDefinitions":[\#(containers.joined(separator: ","))]"#
    }

    /// A task of one container.
    static func one(_ container: String, task: String = "") -> String {
        (task.isEmpty ? "" : task + ",") + containers(self.container(container))
    }

    /// A task for managed capacity.
    static func fargate(
        _ container: String = "", size: String = #""cpu":"256","memory":"512""#, task: String = ""
    ) -> String {
        let rest = (task.isEmpty ? "" : task + ",") + (size.isEmpty ? "" : size + ",")
        return #""requiresCompatibilities":["FARGATE"],"networkMode":"awsvpc",\#(rest)"#
            + containers(self.container(container))
    }
}
