public import Domain
import Identifiers

/// - Source: Elastic Load Balancing API Reference, ListenerAttribute
public enum ListenerAttributes {
    private static let network = [
        AttributeRule("tcp.idle_timeout.seconds", "350", .integer(60...6000))
            .onlyStandard("all network load balancers have one idle timeout here")
    ]

    /// Headers of answers that a listener adds or replaces, by the part of the attribute's name that tells them apart.
    private static let headers = [
        "strict_transport_security", "access_control_allow_origin", "access_control_allow_methods",
        "access_control_allow_headers", "access_control_allow_credentials", "access_control_expose_headers",
        "access_control_max_age", "content_security_policy", "x_content_type_options", "x_frame_options",
    ]

    private static let http =
        [AttributeRule("routing.http.response.server.enabled", "true", .boolean).onlyStandard(noChange)]
        + headers.map {
            AttributeRule("routing.http.response.\($0).header_value", "", .text(0...1024)).onlyStandard(noChange)
        }

    private static let noNames = "these headers have their standard names here"
    private static let noChange = "answers go on as they came here"

    /// What TLS says of the connection, under names of the caller's choice.
    private static let https =
        [
            AttributeRule("routing.http.request.x_amzn_tls_version.header_name", "X-Amzn-Tls-Version", .text(1...40))
                .onlyStandard(noNames),
            AttributeRule(
                "routing.http.request.x_amzn_tls_cipher_suite.header_name", "X-Amzn-Tls-Cipher-Suite", .text(1...40)
            ).onlyStandard(noNames),
        ]
        + [
            ("", ""), ("_serial_number", "-Serial-Number"), ("_issuer", "-Issuer"), ("_subject", "-Subject"),
            ("_validity", "-Validity"), ("_leaf", "-Leaf"),
        ].map { (key, header) in
            AttributeRule(
                "routing.http.request.x_amzn_mtls_clientcert\(key).header_name", "X-Amzn-Mtls-Clientcert\(header)",
                .text(1...40)
            ).onlyStandard("there is no mutual TLS here")
        }

    public static func rules(_ protocol: TrafficProtocol) -> [AttributeRule] {
        switch `protocol` {
        case .http: http
        case .https: http + https
        case .tcp: network
        // AWS has it of TCP alone.
        case .tls: []
        }
    }
}

extension ListenerRecord {
    /// The value of an attribute, its standard when it was not set; nil when its protocol has no such attribute.
    public func attribute(_ key: String) -> String? {
        ListenerAttributes.rules(`protocol`).first { $0.key == key }.map { attributes[key] ?? $0.standard }
    }

    /// Sets attributes by their names.
    ///
    /// - Throws: `validation` and `unsupported`; nothing is set then.
    public mutating func set(_ pairs: [(key: String, value: String)]) throws(BalancingFault) {
        attributes = try ListenerAttributes.rules(`protocol`).setting(pairs, in: attributes, of: "Listener")
    }
}
