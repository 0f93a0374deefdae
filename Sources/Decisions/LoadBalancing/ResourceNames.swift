/// What load balancers and target groups may be called.
public enum BalancingNames {
    /// - Throws: `validation` naming what is wrong.
    public static func checkLoadBalancer(_ name: String) throws(BalancingFault) {
        try check(name, "Load balancer name")
        if name.lowercased().hasPrefix("internal-") {
            throw BalancingFault(.validation, "Load balancer name '\(name)' cannot begin with 'internal-'")
        }
    }

    /// - Throws: `validation` naming what is wrong.
    public static func checkTargetGroup(_ name: String) throws(BalancingFault) {
        try check(name, "Target group name")
    }

    private static func check(_ name: String, _ what: String) throws(BalancingFault) {
        guard (1...32).contains(name.utf8.count) else {
            throw BalancingFault(
                .validation, "\(what) '\(name.prefix(64))' cannot be empty or longer than '32' characters")
        }
        guard name.utf8.allSatisfy({ ASCII.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }) else {
            throw BalancingFault(
                .validation,
                "\(what) '\(name)' can only contain characters that are alphanumeric characters or hyphens(-)")
        }
        if name.hasPrefix("-") || name.hasSuffix("-") {
            throw BalancingFault(.validation, "\(what) '\(name)' cannot begin or end with hyphen(-)")
        }
    }
}

enum ASCII {
    static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    /// What a name of an HTTP header or method may hold.
    /// - Source: RFC 9110, 5.6.2 Tokens
    static func isToken(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte) }
}
