import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import TestKit
import Testing

@Suite("Rules of listeners")
struct RuleTests {
    static let blue = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/blue/0123456789abcdef"
    static let green = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/green/0123456789abcdef"

    struct Action: Sendable, CustomTestStringConvertible {
        var name: String
        var shapes: [ELBShapes.Action]
        /// nil: they are taken.
        var refusal: BalancingFault.Code?
        var setting = ActionSetting(kind: .application, protocol: .https)
        var testDescription: String { name }

        init(_ name: String, _ refusal: BalancingFault.Code? = nil, _ shapes: ELBShapes.Action...) {
            self.name = name
            self.refusal = refusal
            self.shapes = shapes
        }

        func onTCP() -> Action {
            var action = self
            action.name += ", over TCP"
            action.setting = ActionSetting(kind: .network, protocol: .tcp)
            return action
        }
    }

    static func forward(
        _ weights: [(String, Int?)], stickiness: ELBShapes.TargetGroupStickinessConfig? = nil, arn: String? = nil
    ) -> ELBShapes.Action {
        ELBShapes.Action(
            type: "forward", targetGroupArn: arn,
            forwardConfig: ELBShapes.ForwardActionConfig(
                targetGroups: weights.map { ELBShapes.TargetGroupTuple(targetGroupArn: $0.0, weight: $0.1) },
                targetGroupStickinessConfig: stickiness))
    }

    static func redirect(
        _ protocol: String? = nil, host: String? = nil, port: String? = nil, path: String? = nil, query: String? = nil
    ) -> ELBShapes.Action {
        ELBShapes.Action(
            type: "redirect",
            redirectConfig: ELBShapes.RedirectActionConfig(
                protocol: `protocol`, port: port, host: host, path: path, query: query, statusCode: "HTTP_301"))
    }

    static func fixed(_ status: String, type: String? = nil, body: String? = nil) -> ELBShapes.Action {
        ELBShapes.Action(
            type: "fixed-response",
            fixedResponseConfig: ELBShapes.FixedResponseActionConfig(
                messageBody: body, statusCode: status, contentType: type))
    }

    static let plain = ELBShapes.Action(type: "forward", targetGroupArn: blue)
    static let sticky = ELBShapes.TargetGroupStickinessConfig(enabled: true, durationSeconds: 60)

    static let actions = [
        Action("none", .validation), Action("forward", nil, plain), Action("forward", nil, plain).onTCP(),
        Action("forward twice", .tooManyActions, plain, plain),
        Action("forward nowhere", .validation, ELBShapes.Action(type: "forward")),
        Action(
            "forward to what is no ARN", .validation, ELBShapes.Action(type: "forward", targetGroupArn: "arn:aws:x")),
        Action("weights", nil, forward([(blue, 0), (green, 999)])),
        Action("weights that differ from the ARN", .validation, forward([(green, 1)], arn: blue)),
        Action("the same in both forms", nil, forward([(blue, nil)], arn: blue)),
        Action("a weight of 1000", .validation, forward([(blue, 1000)])),
        Action("a weight of -1", .validation, forward([(blue, -1)])),
        Action("one group twice", .validation, forward([(blue, 1), (blue, 1)])),
        Action(
            "six groups", .tooManyTargetGroups,
            forward((0..<6).map { (blue.replacing("blue", with: "blue\($0)"), 1) })),
        Action("stickiness", nil, forward([(blue, 1)], stickiness: sticky)),
        Action("stickiness", .invalidConfiguration, forward([(blue, 1)], stickiness: sticky)).onTCP(),
        Action(
            "stickiness without end", .validation,
            forward([(blue, 1)], stickiness: ELBShapes.TargetGroupStickinessConfig(enabled: true))),
        Action("redirect to another host", nil, redirect(host: "example.com")),
        Action("redirect to another host", .invalidAction, redirect(host: "example.com")).onTCP(),
        Action("redirect to itself", .invalidAction, redirect()),
        Action("redirect to HTTP", .invalidAction, redirect("HTTP", port: "80")),
        Action("redirect with keywords", nil, redirect(path: "/#{host}/#{path}", query: "#{query}&p=#{port}")),
        Action("redirect with an unknown keyword", .validation, redirect(path: "/#{user}")),
        Action("redirect with a keyword left open", .validation, redirect(path: "/#{path")),
        Action("redirect without a slash", .validation, redirect(path: "x")),
        Action("redirect with a line's end", .validation, redirect(path: "/x\r\nSet-Cookie:a")),
        Action("redirect to port 0", .validation, redirect(port: "0")),
        Action("redirect with a question mark", .validation, redirect(query: "?a")),
        Action("redirect without its parts", .validation, ELBShapes.Action(type: "redirect")),
        Action("answer", nil, fixed("503", type: "text/html", body: "<p>\n</p>")),
        Action("answer", .invalidAction, fixed("503")).onTCP(), Action("answer 302", .validation, fixed("302")),
        Action("answer 600", .validation, fixed("600")),
        Action("answer of another type", .validation, fixed("200", type: "image/png")),
        Action("a long answer", .validation, fixed("200", body: String(repeating: "a", count: 1025))),
        Action(
            "parts of another type", .validation,
            ELBShapes.Action(
                type: "forward", targetGroupArn: blue,
                fixedResponseConfig: ELBShapes.FixedResponseActionConfig(statusCode: "200"))),
        Action("authenticate", .unsupported, ELBShapes.Action(type: "authenticate-oidc", order: 1), plain),
    ]

    @Test("have actions that are taken or refused", arguments: actions)
    func action(row: Action) throws {
        switch Result(catching: { try [RuleAction](checking: row.shapes, for: row.setting) }) {
        case .success(let actions):
            #expect(row.refusal == nil)
            // What is shown is taken again, and means the same.
            let again = try [RuleAction](checking: actions.map(\.shape), for: row.setting)
            #expect(again == actions)
        case .failure(let error): #expect((error as? BalancingFault)?.code == row.refusal)
        }
    }

    struct Condition: Sendable, CustomTestStringConvertible {
        var name: String
        var shapes: [ELBShapes.RuleCondition]
        var refusal: BalancingFault.Code?
        var testDescription: String { name }

        init(_ name: String, _ refusal: BalancingFault.Code? = nil, _ shapes: ELBShapes.RuleCondition...) {
            self.name = name
            self.refusal = refusal
            self.shapes = shapes
        }
    }

    static func host(_ values: String...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(
            field: "host-header", hostHeaderConfig: ELBShapes.HostHeaderConditionConfig(values: values))
    }

    static func path(_ values: String...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(field: "path-pattern", values: values)
    }

    static func header(_ name: String?, _ values: String...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(
            field: "http-header",
            httpHeaderConfig: ELBShapes.HttpHeaderConditionConfig(httpHeaderName: name, values: values))
    }

    static func query(_ pairs: (String?, String?)...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(
            field: "query-string",
            queryStringConfig: ELBShapes.QueryStringConditionConfig(
                values: pairs.map { ELBShapes.QueryStringKeyValuePair(key: $0.0, value: $0.1) }))
    }

    static func method(_ values: String...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(
            field: "http-request-method",
            httpRequestMethodConfig: ELBShapes.HttpRequestMethodConditionConfig(values: values))
    }

    static func source(_ values: String...) -> ELBShapes.RuleCondition {
        ELBShapes.RuleCondition(
            field: "source-ip", sourceIpConfig: ELBShapes.SourceIpConditionConfig(values: values))
    }

    static let conditions = [
        Condition("none", .validation), Condition("a host", nil, host("*.example.com")),
        Condition("a host with a slash", .validation, host("a/b")), Condition("an empty host", .validation, host("")),
        Condition("no value", .validation, host()),
        Condition("a long host", .validation, host(String(repeating: "a", count: 129))),
        Condition("a path", nil, path("/img/*")), Condition("a path with a space", .validation, path("/a b")),
        Condition("a path with a line's end", .validation, path("/a\nb")),
        Condition("a header", nil, header("X-Version", "2?", "*beta*")),
        Condition("a header without a name", .validation, header(nil, "a")),
        Condition("a header with a bad name", .validation, header("X Y", "a")),
        Condition("the header Host", .validation, header("Host", "a")),
        Condition("a query", nil, query(("v", "1"), (nil, "*x*"))),
        Condition("a query without a value", .validation, query(("v", nil))),
        Condition("a method", nil, method("GET", "M-SEARCH")), Condition("a small method", .validation, method("get")),
        Condition("an address", nil, source("192.0.2.0/24", "10.0.0.1/32")),
        Condition("an address alone", .validation, source("192.0.2.1")),
        Condition("a long prefix", .validation, source("192.0.2.0/33")),
        Condition("an address with a leading zero", .validation, source("192.0.02.0/24")),
        Condition("two hosts in two conditions", .validation, host("a"), host("b")),
        Condition("two headers in two conditions", nil, header("A", "a"), header("B", "b")),
        Condition("six values", .validation, path("/1", "/2", "/3"), header("A", "4", "5", "6")),
        Condition("six wildcards", nil, path("/******")), Condition("seven wildcards", .validation, path("/???????")),
        Condition("an unknown field", .validation, ELBShapes.RuleCondition(field: "cookie", values: ["a"])),
        Condition(
            "values in both places", .validation,
            ELBShapes.RuleCondition(
                field: "host-header", values: ["a"],
                hostHeaderConfig: ELBShapes.HostHeaderConditionConfig(values: ["b"]))),
        Condition(
            "parts of another field", .validation,
            ELBShapes.RuleCondition(
                field: "path-pattern", values: ["/"],
                hostHeaderConfig: ELBShapes.HostHeaderConditionConfig(values: ["b"]))),
        Condition(
            "a regular expression", .unsupported,
            ELBShapes.RuleCondition(
                field: "path-pattern",
                pathPatternConfig: ELBShapes.PathPatternConditionConfig(regexValues: ["^/a$"]))),
    ]

    @Test("have conditions that are taken or refused", arguments: conditions)
    func condition(row: Condition) {
        switch Result(catching: { try [RuleCondition](checking: row.shapes) }) {
        case .success(let conditions):
            #expect(row.refusal == nil)
            #expect(conditions.count == row.shapes.count && conditions.map(\.shape.field) == row.shapes.map(\.field))
        case .failure(let error): #expect((error as? BalancingFault)?.code == row.refusal)
        }
    }

    @Test("take no text that would end a line of the data plane's configuration", arguments: [1, 2, 3] as [UInt64])
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab/.*?-_\n\r\0 \"'\\#{}%é\u{7f}".unicodeScalars)
        for _ in 0..<2000 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                        alphabet[Int.random(in: alphabet.indices, using: &generator)]
                    }))
            let shapes = [
                Self.host(text), Self.path(text), Self.header("A", text), Self.header(text, "a"),
                Self.query((text, text)), Self.method(text), Self.source(text),
            ]
            let isPlain = text.unicodeScalars.allSatisfy { (32...126).contains($0.value) }
            for shape in shapes {
                let isTaken = (try? [RuleCondition](checking: [shape])) != nil
                #expect(!isTaken || isPlain, "\(text.debugDescription) in \(shape.field ?? "")")
            }
            let redirects = [
                Self.redirect(host: text), Self.redirect(path: text), Self.redirect(query: text),
                Self.redirect(text), Self.redirect(port: text),
            ]
            for redirect in redirects {
                let setting = ActionSetting(kind: .application, protocol: .http)
                let isTaken = (try? [RuleAction](checking: [redirect], for: setting)) != nil
                #expect(!isTaken || isPlain && !text.contains(" "), "\(text.debugDescription) in a redirect")
            }
        }
    }
}
