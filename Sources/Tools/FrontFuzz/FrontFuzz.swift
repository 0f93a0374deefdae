import APIModel
import Front
import Identifiers
import JSONBytes

/// Feeds made and damaged requests to every handler, over a control plane in memory, and watches the answers.
///
/// A trap ends the process; everything else that is wrong with an answer is collected. Each round starts from a new
/// world that depends on seed and round alone, so a finding is made again by running its round.
package struct FrontFuzz: Sendable {
    /// Requests of a round: enough that they build on each other, few enough that a finding is made again in seconds.
    package static let roundLength = 2_000

    package struct Finding: Sendable, CustomStringConvertible {
        package var round: Int
        package var operation: String
        package var request: [UInt8]
        package var what: String

        package var description: String {
            "round \(round): \(what)\n  \(operation) \(String(decoding: request.prefix(2_000), as: UTF8.self))"
        }
    }

    package struct Report: Sendable {
        package var executions = 0
        /// How often each fault was the answer; `ok` for none.
        package var answers: [String: Int] = [:]
        /// How often each operation succeeded.
        package var successes: [String: Int] = [:]
        package var findings: [Finding] = []

        package init() {}
    }

    private let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// Runs `count` requests of a round and adds to the report.
    package func run(round: Int, count: Int = roundLength, into report: inout Report) async throws {
        var random = SeededGenerator(seed: seed &+ UInt64(round) &* 0x9E37_79B9)
        let world = try await FuzzWorld(seed: random.next())
        var maker = RequestMaker()
        for _ in 0..<count {
            let (operation, body, encoding) = Self.request(&maker, &random)
            let answer = await world.send(operation, body, encoding: encoding)
            let verdict = Self.judge(answer, isXML: FuzzForm.isForm(operation))
            report.executions += 1
            report.answers[verdict.code, default: 0] += 1
            if verdict.code == "ok" { report.successes[operation, default: 0] += 1 }
            if let json = verdict.json, verdict.code == "ok" { maker.learn(json) }
            if let what = verdict.finding {
                report.findings.append(Finding(round: round, operation: operation, request: body, what: what))
            }
            if random.oneIn(50) { world.pass(.seconds(Int.random(in: 0...90, using: &random))) }
        }
    }

    /// Operations of Berth that take what anybody sends; their requests are not in the model.
    private static let own = ["Berth.CreateJoinToken", "Berth.JoinHost", "Berth.Status", "Berth.Restore"]
    private static let ownRequests: [JSONValue] = [
        [:], ["token": "a", "capacity": "managed"], ["path": "/x"], ["lifetimeSeconds": 1],
        ["token": "a", "capacity": "own"],
    ]

    private static let operations = ServiceModel.all.flatMap { model in
        model.operations.map { (model, $0) }
    }

    private static func request(
        _ maker: inout RequestMaker, _ random: inout SeededGenerator
    ) -> (operation: String, body: [UInt8], encoding: String?) {
        var operation: String
        var body: [UInt8]
        if random.oneIn(60) {
            operation = own.randomElement(using: &random) ?? ""
            body = (ownRequests.randomElement(using: &random) ?? [:]).jsonBytes()
        } else {
            // As many of each service as its share of the operations.
            let (model, chosen) = operations[Int.random(in: 0..<operations.count, using: &random)]
            operation = chosen.name
            let made = maker.request(for: chosen, of: model, &random)
            body = FuzzForm.isForm(operation) ? FuzzForm.bytes(operation, made) : made.jsonBytes()
        }
        if random.oneIn(4) { body = mutated(body, &random) }
        if random.oneIn(200) { operation = String(decoding: mutated(Array(operation.utf8), &random), as: UTF8.self) }
        return (operation, body, random.oneIn(300) ? "gzip" : nil)
    }

    /// What an answer says, and what is wrong with it.
    private static func judge(
        _ answer: HTTPAnswer, isXML: Bool
    ) -> (code: String, json: JSONValue?, finding: String?) {
        if isXML, answer.body.first == UInt8(ascii: "<") { return judge(xml: answer) }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(jsonBytes: answer.body)
        } catch {
            return ("?", nil, "the answer is no JSON: \(error)")
        }
        if answer.status == 200 {
            return (
                "ok", json,
                hasNull(json) ? "the answer has a null: \(String(decoding: answer.body, as: UTF8.self))" : nil
            )
        }
        guard let code = json["__type"]?.string, !code.isEmpty, let message = json["message"]?.string, !message.isEmpty
        else { return ("?", json, "a fault without name or message: \(String(decoding: answer.body, as: UTF8.self))") }
        return (code, json, answer.status >= 500 ? "\(answer.status) \(code): \(message)" : nil)
    }

    /// The texts of an answer in XML are learned by the names of their elements.
    private static func judge(xml answer: HTTPAnswer) -> (code: String, json: JSONValue?, finding: String?) {
        let text = String(decoding: answer.body, as: UTF8.self)
        guard let found = FuzzForm.texts(text) else { return ("?", nil, "the answer is no XML: \(text)") }
        if answer.status == 200 { return ("ok", .array(found.map { [$0.name: .string($0.text)] }), nil) }
        guard let code = found.first(where: { $0.name == "Code" })?.text, !code.isEmpty,
            let message = found.first(where: { $0.name == "Message" })?.text, !message.isEmpty
        else { return ("?", nil, "a fault without name or message: \(text)") }
        return (code, nil, answer.status >= 500 ? "\(answer.status) \(code): \(message)" : nil)
    }

    private static func hasNull(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .array(let values): values.contains(where: hasNull)
        case .object(let members): members.values.contains(where: hasNull)
        default: false
        }
    }
}
