import LoadBalancing
import Testing

@Suite("Names of load balancers and target groups")
struct NameTests {
    @Test(
        "are letters, digits and hyphens",
        arguments: [
            ("web", true), ("a-b-1", true), (String(repeating: "a", count: 32), true),
            (String(repeating: "a", count: 33), false), ("", false), ("-a", false), ("a-", false), ("a_b", false),
            ("a.b", false), ("é", false), ("internal-a", false),
        ])
    func names(name: String, isGood: Bool) {
        #expect(((try? BalancingNames.checkLoadBalancer(name)) != nil) == isGood)
        let isGoodGroup = isGood || name == "internal-a"
        #expect(((try? BalancingNames.checkTargetGroup(name)) != nil) == isGoodGroup)
    }

    @Test("of policies of TLS are known, and the standard one is among them")
    func policies() {
        #expect(SSLPolicy.named(SSLPolicy.standard) != nil)
        #expect(Set(SSLPolicy.all.map(\.name)).count == SSLPolicy.all.count)
        for policy in SSLPolicy.all {
            #expect(Set(policy.ciphers).count == policy.ciphers.count)
            #expect(policy.protocols.contains("TLSv1.3") == policy.ciphers.contains("TLS_AES_128_GCM_SHA256"))
        }
    }
}
