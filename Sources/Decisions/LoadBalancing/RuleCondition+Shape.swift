public import Domain
public import ELBShapes

extension [RuleCondition] {
    /// The conditions of a rule, checked.
    ///
    /// - Throws: `validation` naming what is wrong; `unsupported` for regular expressions.
    /// - Source: Elastic Load Balancing API Reference, RuleCondition; Quotas for your Application Load Balancers
    public init(checking shapes: [ELBShapes.RuleCondition]) throws(BalancingFault) {
        guard !shapes.isEmpty else { throw BalancingFault(.validation, "A rule must have at least one condition") }
        var conditions: [RuleCondition] = []
        for shape in shapes { conditions.append(try RuleCondition(checked: shape)) }
        self = conditions
        for field in ["host-header", "path-pattern", "http-request-method", "source-ip"]
        where shapes.count(where: { $0.field == field }) > 1 {
            throw BalancingFault(.validation, "A rule can only have one '\(field)' condition")
        }
        let values = flatMap(\.texts)
        guard values.count <= BalancingLimits.conditionValues else {
            throw BalancingFault(
                .validation, "A rule can only have '\(BalancingLimits.conditionValues)' condition values")
        }
        let wildcards = reduce(0) { $0 + $1.wildcards }
        guard wildcards <= BalancingLimits.conditionWildcards else {
            throw BalancingFault(
                .validation, "A rule can only have '\(BalancingLimits.conditionWildcards)' condition wildcards")
        }
    }
}

extension RuleCondition {
    fileprivate init(checked shape: ELBShapes.RuleCondition) throws(BalancingFault) {
        let field = shape.field ?? ""
        try Self.checkMembers(of: shape, field)
        switch field {
        case "host-header":
            let values = try Self.values(shape, shape.hostHeaderConfig?.values, field)
            for value in values { try Self.check(value, field, Self.isOfHost) }
            self = .hostHeader(values)
        case "path-pattern":
            let values = try Self.values(shape, shape.pathPatternConfig?.values, field)
            for value in values { try Self.check(value, field, Self.isOfPath) }
            self = .path(values)
        case "http-header": self = try Self.header(shape.httpHeaderConfig, field)
        case "query-string": self = try Self.query(shape.queryStringConfig, field)
        case "http-request-method":
            let values = try Self.values(shape, shape.httpRequestMethodConfig?.values, field)
            for value in values { try Self.check(value, field, most: 40, Self.isOfMethod) }
            self = .method(values)
        case "source-ip":
            let values = try Self.values(shape, shape.sourceIpConfig?.values, field)
            for value in values where !Self.isBlock(value) {
                throw Self.wrong(value, field, "must be a block of IPv4 addresses, such as 192.0.2.0/24")
            }
            self = .sourceIP(values)
        default:
            throw BalancingFault(
                .validation,
                "Condition field '\(field.prefix(64))' must be one of '[path-pattern, host-header, "
                    + "http-header, http-request-method, query-string, source-ip]'"
            )
        }
    }

    /// No member of another field's, and no regular expressions.
    private static func checkMembers(of shape: ELBShapes.RuleCondition, _ field: String) throws(BalancingFault) {
        let members: [(String, Bool, String)] = [
            ("HostHeaderConfig", shape.hostHeaderConfig != nil, "host-header"),
            ("PathPatternConfig", shape.pathPatternConfig != nil, "path-pattern"),
            ("HttpHeaderConfig", shape.httpHeaderConfig != nil, "http-header"),
            ("QueryStringConfig", shape.queryStringConfig != nil, "query-string"),
            ("HttpRequestMethodConfig", shape.httpRequestMethodConfig != nil, "http-request-method"),
            ("SourceIpConfig", shape.sourceIpConfig != nil, "source-ip"),
        ]
        for (member, isThere, its) in members where isThere && field != its {
            throw BalancingFault(.validation, "'\(member)' cannot be specified for the condition field '\(field)'")
        }
        let expressions =
            [
                shape.regexValues, shape.hostHeaderConfig?.regexValues, shape.pathPatternConfig?.regexValues,
                shape.httpHeaderConfig?.regexValues,
            ].compactMap(\.self)
        if expressions.contains(where: { !$0.isEmpty }) {
            throw BalancingFault(.unsupported, "Regular expressions in conditions are not supported.")
        }
    }

    /// The values of a field, which may stand in the condition itself or in its configuration.
    private static func values(
        _ shape: ELBShapes.RuleCondition, _ configured: [String]?, _ field: String
    ) throws(BalancingFault) -> [String] {
        let plain = shape.values ?? []
        if !plain.isEmpty, configured != nil {
            throw BalancingFault(.validation, "'Values' cannot be specified beside the configuration of '\(field)'")
        }
        if !plain.isEmpty, field != "host-header", field != "path-pattern" {
            throw BalancingFault(.validation, "'Values' cannot be specified for the condition field '\(field)'")
        }
        let values = configured ?? plain
        guard !values.isEmpty else {
            throw BalancingFault(.validation, "A condition value must be specified for '\(field)'")
        }
        return values
    }

    private static func header(
        _ config: ELBShapes.HttpHeaderConditionConfig?, _ field: String
    ) throws(BalancingFault) -> RuleCondition {
        let name = config?.httpHeaderName ?? ""
        guard (1...40).contains(name.utf8.count), name.utf8.allSatisfy(ASCII.isToken) else {
            throw wrong(name, field, "is no name of a header of at most 40 characters")
        }
        guard name.lowercased() != "host" else { throw wrong(name, field, "is for 'host-header' conditions") }
        let values = config?.values ?? []
        guard !values.isEmpty else {
            throw BalancingFault(.validation, "A condition value must be specified for '\(field)'")
        }
        for value in values { try check(value, field, isPrintable) }
        return .httpHeader(name: name, values: values)
    }

    private static func query(
        _ config: ELBShapes.QueryStringConditionConfig?, _ field: String
    ) throws(BalancingFault) -> RuleCondition {
        let pairs = config?.values ?? []
        guard !pairs.isEmpty else {
            throw BalancingFault(.validation, "A condition value must be specified for '\(field)'")
        }
        var checked: [QueryPair] = []
        for pair in pairs {
            guard let value = pair.value else {
                throw BalancingFault(.validation, "A pair of '\(field)' must have a value")
            }
            try check(value, field, isPrintable)
            if let key = pair.key { try check(key, field, isPrintable) }
            checked.append(QueryPair(key: pair.key, value: value))
        }
        return .queryString(checked)
    }

    private static func wrong(_ value: String, _ field: String, _ why: String) -> BalancingFault {
        BalancingFault(.validation, "Condition value '\(value.prefix(128))' of '\(field)' \(why)")
    }

    private static func check(
        _ value: String, _ field: String, most: Int = 128, _ isAllowed: (UInt8) -> Bool
    ) throws(BalancingFault) {
        guard (1...most).contains(value.utf8.count) else {
            throw wrong(value, field, "must have 1 to \(most) characters")
        }
        guard value.utf8.allSatisfy(isAllowed) else {
            throw wrong(value, field, "contains a character that is not valid")
        }
    }

    private static func isOfHost(_ byte: UInt8) -> Bool { ASCII.isLetterOrDigit(byte) || "-.*?_".utf8.contains(byte) }
    private static func isOfPath(_ byte: UInt8) -> Bool {
        ASCII.isLetterOrDigit(byte) || "_-.$/~\"'@:+&*?()!,;=%".utf8.contains(byte)
    }
    private static func isOfMethod(_ byte: UInt8) -> Bool { (65...90).contains(byte) || "-_".utf8.contains(byte) }
    private static func isPrintable(_ byte: UInt8) -> Bool { (32...126).contains(byte) }

    /// Whether it is an IPv4 address with a prefix length.
    private static func isBlock(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = WholeNumber.read(String(parts[1])), length <= 32 else { return false }
        return IPv4Text.isAddress(String(parts[0]))
    }

    /// Everything that counts as a value.
    fileprivate var texts: [String] {
        switch self {
        case .hostHeader(let values), .path(let values), .method(let values), .sourceIP(let values): values
        case .httpHeader(_, let values): values
        case .queryString(let pairs): pairs.map { "\($0.key ?? "")=\($0.value)" }
        }
    }

    /// A `*` or `?` after a backslash stands for itself.
    fileprivate var wildcards: Int {
        switch self {
        case .method, .sourceIP: return 0
        default: break
        }
        return texts.reduce(0) { count, text in
            var (found, isEscaped) = (0, false)
            for byte in text.utf8 {
                if !isEscaped, byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") { found += 1 }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            }
            return count + found
        }
    }

    /// As callers are shown it.
    public var shape: ELBShapes.RuleCondition {
        switch self {
        case .hostHeader(let values):
            ELBShapes.RuleCondition(
                field: "host-header", values: values,
                hostHeaderConfig: ELBShapes.HostHeaderConditionConfig(values: values))
        case .path(let values):
            ELBShapes.RuleCondition(
                field: "path-pattern", values: values,
                pathPatternConfig: ELBShapes.PathPatternConditionConfig(values: values))
        case .httpHeader(let name, let values):
            ELBShapes.RuleCondition(
                field: "http-header",
                httpHeaderConfig: ELBShapes.HttpHeaderConditionConfig(httpHeaderName: name, values: values))
        case .queryString(let pairs):
            ELBShapes.RuleCondition(
                field: "query-string",
                queryStringConfig: ELBShapes.QueryStringConditionConfig(
                    values: pairs.map { ELBShapes.QueryStringKeyValuePair(key: $0.key, value: $0.value) }))
        case .method(let values):
            ELBShapes.RuleCondition(
                field: "http-request-method",
                httpRequestMethodConfig: ELBShapes.HttpRequestMethodConditionConfig(values: values))
        case .sourceIP(let values):
            ELBShapes.RuleCondition(
                field: "source-ip", sourceIpConfig: ELBShapes.SourceIpConditionConfig(values: values))
        }
    }
}

/// IPv4 addresses as callers write them.
public enum IPv4Text {
    /// Whether it is an address in the usual form: four numbers up to 255, without leading zeros.
    public static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { WholeNumber.read(String($0)).map { $0 <= 255 } ?? false }
    }

    /// Whether a host may have it: neither of this network, nor of a group, nor reserved.
    public static func isOfHost(_ address: String) -> Bool {
        address.split(separator: ".").first.flatMap { WholeNumber.read(String($0)) }.map { (1...223).contains($0) }
            ?? false
    }
}
