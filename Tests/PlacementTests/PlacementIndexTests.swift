import Domain
import Identifiers
import TestKit
import Testing

@testable import Placement

@Suite("The placement index")
struct PlacementIndexTests {
    @Test("chooses and refuses as a full scan does, on random clusters", arguments: 0..<100)
    func equalsFullScan(hundred: UInt64) {
        for seed in (hundred * 100)..<(hundred * 100 + 100) {
            var cluster = RandomCluster(seed: seed, hosts: seed % 100 == 0 ? 150 : Int(seed % 14))
            // Most clusters have so little room that shapes are forgotten now and then, or all the time.
            var snapshot = PlacementSnapshot(hosts: cluster.hosts, room: [nil, 20, 60][Int(seed % 3)])
            for round in 0..<4 {
                let waiting = cluster.waiting(seed % 100 == 0 ? 90 : 6)
                var scan = cluster.scan()
                var (random, same) = (cluster.random, cluster.random)
                let expected = scan.plan(waiting, using: &random)
                let plan = snapshot.plan(waiting, using: &same)
                guard plan == expected, random.next() == same.next() else {
                    Issue.record("seed \(seed), round \(round): they differ")
                    return
                }
                cluster.commit(plan, of: waiting)
                cluster.pass()
                cluster.follow(&snapshot)
            }
        }
    }

    @Test("forgets old changes, and says so")
    func changes() {
        var changes = ChangedHosts()
        for host in 0..<20_000 { changes.append(host) }
        #expect(changes.end == 20_000)
        #expect(changes.since(19_990).map(Array.init) == Array(19_990..<20_000))
        #expect(changes.since(20_000)?.isEmpty == true)
        #expect(changes.since(0) == nil)
    }

    @Test("keeps what was used last")
    func recentlyUsed() {
        var kept = RecentlyUsed<String, Int>(limit: 42)
        func value(_ key: String) -> Int? { kept.slot(key).map { kept.values[$0] } }
        _ = kept.insert("a", 1, weight: 4)
        _ = kept.insert("b", 2, weight: 4)
        #expect(value("a") == 1)
        _ = kept.insert("c", 3, weight: 4)
        #expect(value("b") == nil)
        #expect(value("a") == 1)
        #expect(value("c") == 3)
        _ = kept.insert("d", 4, weight: 100)
        #expect(["a", "b", "c", "d"].map(value) == [nil, nil, nil, 4])
    }
}
