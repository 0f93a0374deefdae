import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Counting what HAProxy says")
struct CountingTests {
    private static let listener = Names.listener("lb", "l")

    private func line(_ pid: Int, _ status: Int, _ latency: Int = 3) throws -> LogBatch.Account {
        try #require(accounts("R \(pid) \(Self.listener)~ tg:g s1 \(status) \(latency) 100 200").first)
    }

    private func accounts(_ lines: String...) -> [LogBatch.Account] {
        var batch = LogBatch()
        for line in lines { Array(line.utf8).withUnsafeBytes { _ = batch.add($0) } }
        return batch.accounts
    }

    private func table(_ ok: Int, _ bad: Int) -> StatTable {
        StatTable(
            "# pxname,svname,scur,stot,bin,bout,hrsp_2xx,hrsp_5xx,status\n"
                + "\(Self.listener),FRONTEND,2,9,\(ok * 100),\(ok * 200),\(ok),\(bad),OPEN\n"
                + "tg:g,s1,1,\(ok),0,0,\(ok),\(bad),UP\n")
    }

    @Test("the fuller of both accounts is true, and gone workers stay counted")
    func merges() throws {
        var tally = Tally()
        for _ in 0..<5 { tally.count(try line(7, 200)) }
        tally.poll([7: table(3, 0)])
        #expect(tally.loadBalancers["lb"]?.requests == 5)
        tally.poll([7: table(8, 1)])
        #expect(tally.loadBalancers["lb"]?.requests == 9)
        // Its successor; its own last lines come after it was asked last.
        tally.count(try line(8, 200))
        for _ in 0..<6 { tally.count(try line(7, 200)) }
        for _ in 0..<9 { tally.poll([8: table(1, 0)]) }
        let statistics = try #require(tally.loadBalancers["lb"])
        #expect(statistics.requests == 11 + 1 + 1)
        #expect(statistics.activeConnections == 2)
        #expect(tally.targetGroups["g"]?.latency.count == 12)
    }

    @Test("what is deleted is forgotten once no worker has it, and nothing else")
    func forgets() throws {
        var tally = Tally()
        tally.count(try line(7, 200))
        let plan = BalancerPlan(
            loadBalancers: [LoadBalancerPlan(id: "lb", addresses: [], listeners: [])],
            targetGroups: [TargetGroupPlan(id: "g")])
        tally.forget(besides: BalancerPlan())
        #expect(tally.loadBalancers["lb"]?.requests == 1)
        for _ in 0..<9 { tally.poll([:]) }
        tally.forget(besides: plan)
        #expect(tally.loadBalancers["lb"]?.targetResponses.successful == 1)
        #expect(tally.targetGroups["g"]?.latency.count == 1)
        tally.forget(besides: BalancerPlan())
        #expect(tally.loadBalancers.isEmpty && tally.targetGroups.isEmpty && tally.latencies.isEmpty)
    }

    @Test("after a rest without us counts go on from the fuller account")
    func resumes() throws {
        var tally = Tally()
        for _ in 0..<5 { tally.count(try line(7, 200)) }
        tally.poll([7: table(20, 0)])
        tally.resume()
        tally.count(try line(7, 200))
        #expect(tally.loadBalancers["lb"]?.requests == 21)
    }

    @Test("lines that are none of ours are passed over")
    func reads() {
        for text in ["", "R", "R x y z", "Proxy f1 stopped", "R 1 a b c d e f g", "R 1 ls:a:b tg:g s1 200 1 2"] {
            #expect(LogLine(text[...]) == nil && accounts(text).isEmpty, "\(text)")
        }
        let line = LogLine("R 1 ls:a:b none <NOSRV> 503 -1 10 20")
        #expect(line?.server == nil && line?.latency == nil && line?.status == 503)
    }

    @Test("lines about the same are added up, and handed over once")
    func addsUp() throws {
        var batch = LogBatch()
        let lines = [
            "R 7 ls:lb:l tg:g s1 200 3 10 20", "R 7 ls:lb:l~ tg:g s1 200 5 1 2 more",
            "R 7 ls:lb:l tg:g s1 502 -1 100 200",
            "R 7 ls:lb:l tg:g s2 404 0 0 0", "R 7 ls:lb:l tg:g <NOSRV> 503 -1 1 1",
            "R 8 ls:lb:l none <NOSRV> 503 -1 1 1", "R 7 ls:lb:l tg:g s1 200 3 10",
            "R 7 ls:lb:l tg:g s1 200 3 10 99999999999999999999", "R 7 ls:lb:l tg:g s1 2x0 3 10 1",
        ]
        let more = lines.map { line in Array(line.utf8).withUnsafeBytes { batch.add($0) } }
        #expect(more.enumerated().filter(\.element).map(\.offset) == [1])
        var seen: [LogBatch.Account] = []
        batch.take { seen.append($0) }
        try #require(seen.map(\.worker) == [7, 7, 7, 8] && seen.map(\.hasServer) == [true, true, false, false])
        #expect(seen[0].all[.bytesIn] == 110 && seen[0].all[.successful] == 1 && seen[0].all[.serverError] == 1)
        #expect(seen[0].answered[.successful] == 1 && seen[0].answered[.serverError] == 0)
        #expect(seen[0].all[.clientError] == 1 && seen[0].latency.count == 2)
        #expect(seen[1].frontend == "ls:lb:l" && seen[1].latency.sum == 5)
        #expect(seen[2].all[.serverError] == 1 && seen[2].latency.count == 0)
        #expect(seen[3].all[.serverError] == 1 && seen[3].latency.count == 0)
        #expect(seen[0].all[.own502] == 1 && seen[3].all[.own503] == 1)
        #expect(seen[0].answered[.own502] == 0 && seen[1].all[.own500] == 0 && seen[2].all[.own504] == 0)
        batch.take { _ in Issue.record("counted twice") }
    }

    @Test("lines come whole out of the pipe, however they went in, and one that never ends is let go")
    func pipes() throws {
        let path = "/tmp/pipe-\(UUID().uuidString.prefix(8))"
        let pipe = try RequestPipe(path: path)
        defer { unlink(path) }
        let writer = try #require(FileHandle(forWritingAtPath: path))
        func drained(_ text: String) throws -> [String] {
            try writer.write(contentsOf: Array(text.utf8))
            var lines: [String] = []
            _ = pipe.drain { lines.append(String(decoding: $0, as: UTF8.self)) }
            return lines
        }
        #expect(try drained("one\ntw") == ["one"])
        #expect(try drained("o").isEmpty)
        #expect(try drained("\n\nthree\n") == ["two", "three"])
        let long = (0..<40_000).map { "line \($0)" }
        #expect(try drained(long.joined(separator: "\n") + "\n") == long)
        #expect(try drained(String(repeating: "x", count: 300_000)).isEmpty)
        #expect(try drained("y\nfour\n").last == "four")
    }

    @Test("buckets of latency grow by an eighth, and percentiles are within one")
    func buckets() {
        var last = -1
        for value in Array(0...5000) + [86_400_000, Int.max] {
            let bucket = LatencyHistogram.bucket(of: value)
            #expect(bucket >= last)
            last = bucket
            guard value <= 5000 else { continue }
            let floor = LatencyHistogram.floor(of: bucket)
            #expect(floor <= value && value - floor <= floor / 8)
        }
        var histogram = LatencyHistogram()
        for value in 1...100 { histogram.add(milliseconds: value) }
        histogram.add(milliseconds: -1)
        histogram.add(milliseconds: Int.max)
        #expect(histogram.count == 102)
        #expect(histogram.percentile(0.5).map { (46...51).contains($0) } == true)
        #expect(LatencyHistogram().percentile(0.5) == nil)
    }

    @Test("the master's list tells the current worker from old ones")
    func listsWorkers() {
        let workers = Workers(
            """
            #<PID>          <type>          <reloads>       <uptime>        <version>
            10              master          3 [failed: 1]   0d00h00m01s     2.6.12
            # workers
            14              worker          0               0d00h00m01s     2.6.12
            # old workers
            12              worker          2               0d00h00m01s     2.6.12
            # programs
            """)
        #expect(workers?.master == 10)
        #expect(workers?.current == 14)
        #expect(workers?.old == [12])
        #expect(workers?.reloads == 3 && workers?.failed == 1)
        #expect(Workers("") == nil)
    }
}
