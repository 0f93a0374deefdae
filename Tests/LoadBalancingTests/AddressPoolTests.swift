import LoadBalancing
import Testing

@Suite("Addresses of load balancers")
struct AddressPoolTests {
    @Test(
        "are counted from the second of the block on",
        arguments: [
            ("10.98.0.0/24", 0, "10.98.0.1"), ("10.98.0.0/24", 253, "10.98.0.254"), ("10.98.0.0/24", 254, nil),
            ("10.98.0.0/24", -1, nil), ("10.98.0.0/16", 256, "10.98.1.1"), ("192.0.2.252/30", 1, "192.0.2.254"),
            ("255.255.255.252/30", 1, "255.255.255.254"),
        ] as [(String, Int, String?)])
    func counted(block: String, index: Int, address: String?) throws {
        #expect(try #require(AddressPool(block)).address(index) == address)
    }

    @Test(
        "are of a block only",
        arguments: [
            "", "10.98.0.0", "10.98.0.1/24", "10.98.0.0/31", "10.98.0.0/8", "10.98.0/24", "10.98.0.256/24",
            "10.98.0.00/24", "::/24", "10.98.0.0/24/1", "10.98.0.0/-1",
        ])
    func refused(text: String) { #expect(AddressPool(text) == nil) }
}
