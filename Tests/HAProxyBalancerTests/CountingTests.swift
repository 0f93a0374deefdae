import Balancer
import Testing

@testable import HAProxyBalancer

@Suite("Counting what HAProxy says")
struct CountingTests {
    private static let listener = Names.listener("lb", "l")

    private func line(_ pid: Int, _ status: Int, _ latency: Int = 3) throws -> LogLine {
        try #require(LogLine("R \(pid) \(Self.listener)~ tg:g s1 \(status) \(latency) 100 200"))
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
            #expect(LogLine(text[...]) == nil, "\(text)")
        }
        let line = LogLine("R 1 ls:a:b none <NOSRV> 503 -1 10 20")
        #expect(line?.server == nil && line?.latency == nil && line?.status == 503)
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
