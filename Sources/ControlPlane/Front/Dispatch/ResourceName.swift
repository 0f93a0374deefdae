/// The rule for names of clusters, services, families and containers.
enum ResourceName {
    static func isValid(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    static func rule(_ what: String) -> String {
        "Invalid \(what). Up to 255 letters (uppercase and lowercase), numbers, hyphens, and underscores are allowed."
    }
}
