/// What may be sent to an address.
public enum TargetAddress {
    /// Whether a text is an address of HTTP with a host, of characters that addresses have.
    public static func isValid(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let host = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            return !host.isEmpty && host.first != ":" && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
                && !text.contains { "\"<>\\^`{|}".contains($0) }
        }
        return false
    }

    /// Whether a header of that name and value can be sent.
    ///
    /// - Source: RFC 9110, section 5.6.2
    public static func isHeader(_ name: String, _ value: String) -> Bool {
        (1...512).contains(name.utf8.count) && value.utf8.count <= 512
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            } && value.utf8.allSatisfy { $0 == 9 || (0x20...0x7e).contains($0) }
    }
}
