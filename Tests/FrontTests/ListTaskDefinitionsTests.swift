import JSONBytes
import TestKit
import Testing

@testable import Front

@Suite("Lists of task definitions")
struct ListTaskDefinitionsTests {
    /// Twelve revisions of `a`, two of `ab` of which the first is inactive, and an inactive `z`.
    static func world() async throws -> FrontHarness {
        let front = try await FrontHarness()
        for family in Array(repeating: "a", count: 12) + ["ab", "ab", "z"] { try await register(family, front) }
        for reference in ["ab:1", "z:1"] {
            try await front.call("DeregisterTaskDefinition", ["taskDefinition": .string(reference)])
        }
        return front
    }

    static func register(_ family: String, _ front: FrontHarness) async throws {
        let reply = try await front.call(
            "RegisterTaskDefinition",
            [
                "family": .string(family),
                "containerDefinitions": [["name": "app", "image": "demo", "memory": 64]],
            ])
        try #require(reply.status == 200, "\(reply.json)")
    }

    /// All pages, as `family:revision`; `between` runs after the first.
    static func pages(
        _ front: FrontHarness, _ request: [String: JSONValue], of operation: String = "ListTaskDefinitions",
        between: () async throws -> Void = {}
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var token: JSONValue?
        repeat {
            var request = request
            request["nextToken"] = token
            let reply = try await front.call(operation, .object(request)).json
            let names = (reply["taskDefinitionArns"] ?? reply["families"])?.array ?? []
            pages.append(names.map { $0.string?.split(separator: "/").last.map(String.init) ?? "" })
            token = reply["nextToken"]
            if pages.count == 1 { try await between() }
        } while token != nil
        return pages
    }

    @Test("are by family, then by number, and the other way round")
    func order() async throws {
        let front = try await Self.world()
        let expected = (1...12).map { "a:\($0)" } + ["ab:2"]
        #expect(try await Self.pages(front, [:]) == [expected])
        #expect(try await Self.pages(front, ["sort": "DESC"]) == [expected.reversed()])
        #expect(try await Self.pages(front, ["status": "INACTIVE"]) == [["ab:1", "z:1"]])
    }

    @Test("take the prefix for a whole family's name, those of families for a prefix")
    func prefix() async throws {
        let front = try await Self.world()
        #expect(try await Self.pages(front, ["familyPrefix": "ab"]) == [["ab:2"]])
        #expect(try await Self.pages(front, ["familyPrefix": "a"])[0].count == 12)
        #expect(try await Self.pages(front, ["familyPrefix": "nope"]) == [[]])
        let families = { (request: [String: JSONValue]) async throws in
            try await Self.pages(front, request, of: "ListTaskDefinitionFamilies")
        }
        #expect(try await families([:]) == [["a", "ab", "z"]])
        #expect(try await families(["familyPrefix": "a"]) == [["a", "ab"]])
        #expect(try await families(["status": "ACTIVE"]) == [["a", "ab"]])
        #expect(try await families(["status": "INACTIVE"]) == [["z"]])
        #expect(try await families(["maxResults": 2]) == [["a", "ab"], ["z"]])
    }

    @Test("show each revision once, whatever comes and goes between two pages", arguments: ["ASC", "DESC"])
    func paging(sort: JSONValue) async throws {
        let front = try await Self.world()
        let request: [String: JSONValue] = ["familyPrefix": "a", "maxResults": 5, "sort": sort]
        let last: JSONValue = sort == "ASC" ? "a:5" : "a:8"
        let pages = try await Self.pages(front, request) {
            // The revision that the token names goes; a new one comes.
            try await front.call("DeregisterTaskDefinition", ["taskDefinition": last])
            try await Self.register("a", front)
        }
        #expect(pages.map(\.count) == (sort == "ASC" ? [5, 5, 3] : [5, 5, 2]))
        let all = pages.flatMap { $0 }
        #expect(Set(all).count == all.count)
    }

    @Test(
        "refuse a page and a token that they do not have",
        arguments: ["ListTaskDefinitions", "ListTaskDefinitionFamilies"])
    func refusals(operation: String) async throws {
        let front = try await FrontHarness()
        for request: JSONValue in [["maxResults": 0], ["maxResults": 101], ["nextToken": "x"], ["status": "GONE"]] {
            #expect(try await front.call(operation, request).code == "InvalidParameterException")
        }
    }
}
