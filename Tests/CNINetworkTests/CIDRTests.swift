import Testing

@testable import CNINetwork

@Suite("A block of addresses")
struct CIDRTests {
    @Test(
        "reads what it writes, host bits cleared",
        arguments: [
            ("10.99.3.0/24", "10.99.3.0/24"), ("10.99.3.7/24", "10.99.3.0/24"), ("10.0.0.1", "10.0.0.1/32"),
            ("0.0.0.0/0", "0.0.0.0/0"), ("255.255.255.255/1", "128.0.0.0/1"),
        ])
    func reads(text: String, expected: String) {
        #expect(CIDR(text)?.description == expected)
    }

    @Test(
        "refuses what is none",
        arguments: [
            "", "/", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.256/8", "10.0.0.0/", "a.b.c.d/8", "1.2.3.4.5/8",
            "+1.2.3.4/8", "10.0.0.0/8/8", "0001.2.3.4", "::1/64", "default",
        ])
    func refuses(text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test("overlaps either way round, and touching is not overlapping")
    func overlaps() throws {
        let range = try #require(CIDR("10.99.0.0/16"))
        let inside = try #require(CIDR("10.99.3.0/24"))
        let beside = try #require(CIDR("10.100.0.0/16"))
        let around = try #require(CIDR("10.0.0.0/8"))
        #expect(range.overlaps(inside) && inside.overlaps(range))
        #expect(range.overlaps(around) && around.overlaps(range))
        #expect(!range.overlaps(beside) && !beside.overlaps(range))
        #expect(range.contains(inside) && !inside.contains(range))
    }

    @Test("gives its first address to the bridge, where it has room for tasks")
    func gateway() {
        #expect(CIDR("10.99.3.0/24")?.gateway == "10.99.3.1")
        #expect(CIDR("10.99.3.0/31")?.gateway == nil)
        #expect(CIDR("10.99.3.9")?.gateway == nil)
    }
}
