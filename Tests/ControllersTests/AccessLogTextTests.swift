import Balancer
import Identifiers
import StateStore
import TestKit
import Testing

@testable import Controllers

import struct Domain.ListenerRecord
import struct Domain.ListenerRuleRecord
import struct Domain.RuleAction

@Suite("Lines of access logs")
struct AccessLogTextTests {
    private static let balancer = LoadBalancerID(scope: .test, kind: .application, name: "front", suffix: "0b")
    private static let group = TargetGroupID(scope: .test, name: "web", suffix: "0a")
    private static let listener = ListenerID(loadBalancer: balancer, suffix: "0c")
    private static let rule = ListenerRuleID(listener: listener, suffix: "0e")
    private static let certificate = CertificateID(scope: .test, id: "c-1")

    private static func state(_ listener: ListenerID = listener) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            var record = ListenerRecord(
                id: listener, port: 80, protocol: .https, defaultActions: [], defaultRule: "0d", createdAt: .test())
            record.certificates = [certificate]
            transaction.put(.listener(record))
            transaction.put(.targetGroup(.test(group)))
            transaction.put(
                .listenerRule(
                    ListenerRuleRecord(id: rule, priority: 42, conditions: [], actions: [], createdAt: .test())))
        }
    }

    private static func entry() -> AccessLogEntry {
        var entry = AccessLogEntry(loadBalancer: balancer.arn, listener: listener.arn)
        entry.action = .forward
        entry.targetGroup = group.arn
        entry.target = "10.99.0.7:80"
        entry.createdAt = 1_530_570_179_000
        entry.time = 1_530_570_180_007
        entry.client = "192.168.131.39:2817"
        (entry.requestTime, entry.targetTime, entry.responseTime) = (0, 1, 12_034)
        (entry.status, entry.targetStatus, entry.bytesIn, entry.bytesOut) = (200, 200, 34, 366)
        entry.request = "GET http://www.example.com:80/ HTTP/1.1"
        entry.userAgent = "curl/7.46.0"
        entry.traceID = "1-58337262-36d228ad5d99923122bbe354"
        return entry
    }

    @Test("are AWS's for a request that was forwarded")
    func forwarded() throws {
        let (id, line) = try #require(AccessLogText.line(Self.entry(), in: Self.state()))
        #expect(id == Self.balancer)
        #expect(
            line == """
                http 2018-07-02T22:23:00.007000Z app/front/0b 192.168.131.39:2817 10.99.0.7:80 0.000 0.001 12.034 200 200 34 366 \
                "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - \(Self.group.arn) \
                "Root=1-58337262-36d228ad5d99923122bbe354" "-" "\(Self.certificate.arn)" 0 2018-07-02T22:22:59.000000Z \
                "forward" "-" "-" "10.99.0.7:80" "200" "-" "-" -
                """)
    }

    @Test("tell of a redirect by a rule over TLS, and no field ends where a client wants")
    func redirected() throws {
        var entry = Self.entry()
        entry.action = .redirect
        entry.rule = Self.rule.arn
        (entry.target, entry.targetGroup, entry.targetStatus) = (nil, nil, nil)
        (entry.requestTime, entry.targetTime, entry.responseTime, entry.status) = (-1, -1, -1, 302)
        entry.redirect = "https://x:443/\"y"
        entry.request = "GET https://x:443/ HTTP/2.0"
        entry.userAgent = "a\" 200\\\nhttp\u{7f}ä"
        entry.traceID = ""
        entry.serverName = "x"
        (entry.tlsCipher, entry.tlsProtocol) = ("TLS_AES_128_GCM_SHA256", "TLSv1.3")
        let line = try #require(AccessLogText.line(entry, in: Self.state())).1
        #expect(
            line == """
                h2 2018-07-02T22:23:00.007000Z app/front/0b 192.168.131.39:2817 - -1 -1 -1 302 - 34 366 \
                "GET https://x:443/ HTTP/2.0" "a\\x22 200\\x5c\\x0ahttp\\x7fä" TLS_AES_128_GCM_SHA256 TLSv1.3 - \
                "-" "x" "\(Self.certificate.arn)" 42 2018-07-02T22:22:59.000000Z \
                "redirect" "https://x:443/\\x22y" "-" "-" "-" "-" "-" -
                """)
    }

    @Test(
        "begin with what was spoken",
        arguments: [
            (101, "-", "GET http://a:80/ HTTP/1.1", "ws"), (101, "TLSv1.2", "GET https://a:80/ HTTP/1.1", "wss"),
            (200, "TLSv1.2", "GET https://a:80/ HTTP/1.1", "https"), (400, "-", "", "http"),
        ])
    func kinds(status: Int, tls: String, request: String, kind: String) throws {
        var entry = Self.entry()
        (entry.status, entry.tlsProtocol, entry.request) = (status, tls, request)
        let line = try #require(AccessLogText.line(entry, in: Self.state())).1
        #expect(line.hasPrefix(kind + " "))
        #expect(line.contains(request.isEmpty ? "\"- - - \"" : "\"\(request)\""))
    }

    @Test("are written for TLS alone at a network load balancer")
    func connections() throws {
        let balancer = LoadBalancerID(scope: .test, kind: .network, name: "net", suffix: "0b")
        let listener = ListenerID(loadBalancer: balancer, suffix: "0c")
        var entry = AccessLogEntry(loadBalancer: balancer.arn, listener: listener.arn)
        (entry.createdAt, entry.time, entry.handshakeTime) = (1_545_274_770_000, 1_545_274_780_250, 2)
        (entry.client, entry.target, entry.bytesIn, entry.bytesOut) = ("72.21.218.154:51341", "10.99.0.7:443", 98, 246)
        #expect(AccessLogText.line(entry, in: Self.state(listener)) == nil)
        (entry.tlsCipher, entry.tlsProtocol) = ("ECDHE-RSA-AES128-SHA", "TLSv1.2")
        (entry.serverName, entry.alpn) = ("a b", "h2")
        let line = try #require(AccessLogText.line(entry, in: Self.state(listener))).1
        #expect(
            line == """
                tls 2.0 2018-12-20T02:59:40 net/net/0b 0c 72.21.218.154:51341 10.99.0.7:443 10250 2 98 246 - \
                \(Self.certificate.arn) - ECDHE-RSA-AES128-SHA TLSv12 - a\\x20b h2 - - 2018-12-20T02:59:30
                """)
    }
}
