import Domain
import Testing
import Validation

@Suite("Attributes of the caller's own")
struct AttributeTests {
    static let good: [Attribute] = [
        Attribute(name: "stack", value: "production"), Attribute(name: "a-b_c/d\\e.f"),
        Attribute(name: "x", value: "a b"),
        Attribute(name: "x", value: "-_.@/\\:"), Attribute(name: String(repeating: "n", count: 128)),
        Attribute(name: "x", value: String(repeating: "v", count: 128)), Attribute(name: "ecsx"),
    ]

    @Test("are accepted as AWS describes them", arguments: good)
    func accepts(attribute: Attribute) {
        #expect(throws: Never.self) { try attribute.checkCustom() }
    }

    static let bad: [(Attribute, String)] = [
        (Attribute(name: ""), "Invalid attribute name ''"), (Attribute(name: "a b"), "'a b'"),
        (Attribute(name: "ä"), "'ä'"), (Attribute(name: String(repeating: "n", count: 129)), "name"),
        (Attribute(name: "ecs.os-type"), "ecs.os-type"), (Attribute(name: "com.amazonaws.x"), "com.amazonaws.x"),
        (Attribute(name: "x", value: ""), "'x'"), (Attribute(name: "x", value: " a"), "' a'"),
        (Attribute(name: "x", value: "a "), "'a '"), (Attribute(name: "x", value: "a#"), "'a#'"),
        (Attribute(name: "x", value: String(repeating: "v", count: 129)), "'x'"),
    ]

    @Test("are refused otherwise, naming what is wrong", arguments: bad)
    func refuses(attribute: Attribute, says: String) {
        let fault = #expect(throws: ValidationFault.self) { try attribute.checkCustom() }
        #expect(fault?.code == .invalidParameter)
        #expect(fault?.message.contains(says) == true, "\(fault?.message ?? "")")
    }
}
