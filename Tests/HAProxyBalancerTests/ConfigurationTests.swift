import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Writing HAProxy's configuration")
struct ConfigurationTests {
    /// Text that would be a directive, a word, a format or an escape if it were not written as one word.
    static let nasty = [
        "a b", "a\n    server x 1.2.3.4:5", "\"", "'", "\\", "\\\"", "#", "$HOME", "${HOME}", "%[env(HOME)]", "%", "%%",
        "{", "}",
        "a if TRUE", "\u{0}", "\r\nX: y", "é", "]", "&&", "`id`", "--", "-m", "-f /etc/passwd", "", " ", "\t", "\u{7f}",
        "||", "!",
    ]

    private func write(_ plan: BalancerPlan) throws -> ConfigurationText {
        ConfigurationWriter(files: try BalancerFiles(directory: "/d"), plan: plan, slots: [:]).write()
    }

    @Test("a word has nothing that ends it", arguments: nasty)
    func escapes(_ text: String) throws {
        guard !text.contains("\0") else {
            #expect(throws: Unwritable.self) { try Word.escaped(text) }
            return
        }
        let word = try Word.escaped(text)
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/\\")
        #expect(word == "\"\"" || word.allSatisfy(plain.contains))
        var bytes: [UInt8] = []
        var rest = word == "\"\"" ? [] : Array(word.utf8)[...]
        while let first = rest.popFirst() {
            guard first == UInt8(ascii: "\\") else {
                bytes.append(first)
                continue
            }
            #expect(rest.popFirst() == UInt8(ascii: "x"))
            bytes.append(try #require(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)))
            rest = rest.dropFirst(2)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(
        "names are made from any id and give it back",
        arguments: nasty + ["arn:aws:elasticloadbalancing:a/b-1", "a_b", "_5F"])
    func names(_ id: String) {
        #expect(Word.id(Word.name(id)[...]) == id)
        #expect(Word.name(id).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        #expect(ProxyName.listener(Names.listener(id, id)).map { [$0.balancer, $0.listener] } == [id, id])
        #expect(ProxyName.group(Names.group(id)) == id)
    }

    @Test("nothing in a plan adds a line or a word to another's", arguments: nasty)
    func cannotInject(_ text: String) throws {
        let quiet = try write(plan(of: "x"))
        let loud = try write(plan(of: text))
        guard !text.contains("\0"), !text.isEmpty else { return }
        // Names with odd characters are refused, and all else is where it was.
        let refused = loud.refusals.map(\.subject)
        #expect(refused.allSatisfy { if case .rule("header", _) = $0 { true } else { false } })
        let kept = quiet.lines.filter { !$0.contains("rheader") }.map { $0.split(separator: " ").count }
        #expect(loud.lines.filter { !$0.contains("rheader") }.map { $0.split(separator: " ").count } == kept)
    }

    private func plan(of text: String) -> BalancerPlan {
        let fixed = BalancerAction.fixed(FixedResponse(status: 200, contentType: text, body: text + "."))
        let rules = [
            RulePlan(id: "1", conditions: [.host([text]), .path([text]), .method([text])], action: fixed),
            RulePlan(id: "2", conditions: [.query([QueryPattern(key: text, value: text)])], action: fixed),
            RulePlan(id: "3", conditions: [.header(name: "X", values: [text])], action: fixed),
            RulePlan(
                id: "header", conditions: [.header(name: text, values: ["a"])], action: .forward(ForwardAction(to: "g"))
            ),
            RulePlan(
                id: "4", conditions: [.path(["/"])],
                action: .redirect(
                    RedirectAction(protocol: "HTTP", host: text, port: "80", path: "/" + text, query: text))),
        ]
        return BalancerPlan(
            loadBalancers: [
                LoadBalancerPlan(
                    id: "lb", addresses: ["127.0.0.1"],
                    listeners: [ListenerPlan(id: "l", port: 80, rules: rules, defaultAction: fixed)])
            ],
            targetGroups: [TargetGroupPlan(id: "g", check: HealthCheckPlan(path: "/" + text))])
    }

    @Test("HAProxy takes all of it as it was meant", .enabled(if: RealHAProxy.isThere), arguments: nasty)
    func isTaken(_ text: String) async throws {
        guard !text.contains("\0"), !text.isEmpty else { return }
        let directory = "/tmp/cfg-\(UUID().uuidString.prefix(8))"
        let files = try BalancerFiles(directory: directory)
        try files.prepare()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let written = ConfigurationWriter(files: files, plan: plan(of: text), slots: [:]).write()
        try files.writeMade(written.files)
        try files.write(written.text, to: files.configuration)
        #expect(try HAProxyProcess.complaint(about: files, files.configuration) == nil)
    }

    @Test("refuses what HAProxy has no words for, and writes the rest")
    func refuses() throws {
        var odd = plan(of: "x")
        odd.loadBalancers[0].listeners[0].rules = [
            RulePlan(id: "cidr", conditions: [.sourceIP(["1.2.3.4/33"])], action: .fixed(FixedResponse(status: 200))),
            RulePlan(id: "status", conditions: [], action: .fixed(FixedResponse(status: 99))),
            RulePlan(id: "none", conditions: [.path([])], action: .fixed(FixedResponse(status: 200))),
            RulePlan(id: "kind", conditions: [.path(["/"])], action: .forward(ForwardAction(to: "net"))),
        ]
        odd.targetGroups.append(TargetGroupPlan(id: "net", kind: .network))
        odd.targetGroups.append(TargetGroupPlan(id: "slow", check: HealthCheckPlan(interval: -1)))
        odd.loadBalancers.append(odd.loadBalancers[0])
        odd.loadBalancers[1].listeners[0].id = "same-port"
        #expect(
            Set(try write(odd).refusals.map(\.subject)) == [
                .rule("cidr", listener: "l"), .rule("status", listener: "l"), .rule("none", listener: "l"),
                .rule("kind", listener: "l"), .listener("same-port"), .targetGroup("slow"),
            ])
    }

    @Test("a block of IPv6 has no IPv4 address in it, and all others")
    func blocks() throws {
        let whole = try Address.blocks("::/0")
        #expect(whole.count == 96)
        #expect(whole.first == "8000::/1" && whole.last == "::fffe:0:0/96" && whole.contains("::/81"))
        #expect(
            try Address.blocks("::fff0:0:0/92") == [
                "::fff0:0:0/93", "::fff8:0:0/94", "::fffc:0:0/95", "::fffe:0:0/96",
            ])
        #expect(try Address.blocks("::ffff:0:0/96").isEmpty && Address.blocks("::ffff:10.0.0.0/104").isEmpty)
        for block in ["2001:db8::/32", "::1/128", "10.0.0.0/8", "0.0.0.0/0"] {
            #expect(try Address.blocks(block) == [block])
        }
    }

    @Test("weights are upper bounds of a dice")
    func bounds() {
        #expect(Weights.bounds([1, 1]) == [500_000, 1_000_000])
        #expect(Weights.bounds([0, 3]) == [0, 1_000_000])
        #expect(Weights.bounds([0, 0]) == [0, 0])
        #expect(Weights.bounds([5, 90, 5]) == [50_000, 950_000, 1_000_000])
        #expect(Weights.bounds([-4, 5000, 999]) == [0, 500_000, 1_000_000])
    }

    @Test("targets keep their places, and room doubles")
    func places() {
        func target(_ number: Int) -> TargetPlan { TargetPlan(address: "10.0.0.\(number)", port: 80) }
        var slots = Slots()
        slots.fit((1...16).map(target))
        #expect(slots.places.count == 16)
        slots.fit((2...17).map(target))
        #expect(slots.places.count == 16)
        #expect(slots.places[0]?.target == target(17))
        #expect(slots.places[1]?.target == target(2))
        slots.fit((1...17).map(target))
        #expect(slots.places.count == 32)
        #expect(slots.places[16]?.target == target(1))
        slots.fit([target(3), target(3)])
        #expect(slots.places.compactMap(\.?.target) == [target(3)])
    }
}
