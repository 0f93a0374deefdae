import Balancer

/// Counts across workers that come and go.
///
/// Each worker's counts come to us twice: in its statistics, which end with it, and in its log, which lacks what was written
/// while the pipe was full. Responses are counted at the same moment in both, so the fuller account of each is true. What only
/// the statistics have (connections, handshakes) lacks what an old worker counted after it was asked last.
struct Tally: Codable {
    private struct Worker: Codable {
        var statistics: [String: Counters] = [:]
        var log: [String: Counters] = [:]
        /// Polls since it was last there.
        var missed = 0

        var total: [String: Counters] { statistics.merging(log) { $0.merged($1) } }
    }

    /// Of workers that are gone, by proxy.
    private var past: [String: Counters] = [:]
    private var workers: [Int32: Worker] = [:]
    /// By target group.
    private(set) var latencies: [String: LatencyHistogram] = [:]
    /// Of all workers at the last poll, by proxy: open connections.
    private(set) var open: [String: Int] = [:]

    /// Polls for which lines of a worker that is gone may still be on their way.
    private static let patience = 3

    mutating func count(_ account: LogBatch.Account) {
        // In place: a copy of it would be one of all counters.
        func note(_ proxy: String, _ counters: Counters) {
            workers[account.worker, default: Worker()].log[proxy, default: Counters()] &+= counters
        }
        note(account.frontend, account.all)
        guard account.hasServer else {
            if ProxyName.answer(account.backend) != nil { note(account.backend, account.all) }
            return
        }
        guard let group = ProxyName.group(account.backend) else { return }
        note(account.backend, account.answered.withBytes(of: account.all))
        guard account.latency.count > 0 else { return }
        latencies[group, default: LatencyHistogram()].add(account.latency)
        if let listener = ProxyName.listener(account.frontend) {
            note(ProxyName.answers(for: listener.balancer), account.answered.withBytes(of: Counters()))
        }
    }

    /// Takes in one poll of all workers that live.
    mutating func poll(_ tables: [Int32: StatTable]) {
        open = [:]
        for (pid, table) in tables {
            var worker = workers[pid] ?? Worker()
            worker.missed = 0
            for (proxy, counters) in Self.read(table, &open) {
                worker.statistics[proxy] = counters.merged(worker.statistics[proxy] ?? Counters())
            }
            workers[pid] = worker
        }
        for pid in workers.keys where tables[pid] == nil {
            workers[pid]?.missed += 1
            guard let worker = workers[pid], worker.missed > Self.patience else { continue }
            for (proxy, counters) in worker.total { past[proxy, default: Counters()] &+= counters }
            workers[pid] = nil
        }
    }

    /// Drops what neither the plan nor any worker has any more.
    mutating func forget(besides plan: BalancerPlan) {
        let balancers = Set(plan.loadBalancers.map(\.id)), groups = Set(plan.targetGroups.map(\.id))
        let served = Set(workers.values.lazy.flatMap { Array($0.statistics.keys) + $0.log.keys })
        let gone = past.keys.filter { proxy in
            guard !served.contains(proxy) else { return false }
            if let group = ProxyName.group(proxy) { return !groups.contains(group) }
            let balancer = ProxyName.listener(proxy)?.balancer ?? ProxyName.answer(proxy)?.balancer
            return !balancers.contains(balancer ?? ProxyName.answered(proxy) ?? "")
        }
        for proxy in gone {
            past[proxy] = nil
            if let group = ProxyName.group(proxy) { latencies[group] = nil }
        }
    }

    /// After this process was away: its log may have overflowed, so the statistics are the fuller account to go on from.
    mutating func resume() {
        for (pid, worker) in workers { workers[pid]?.log = worker.total }
    }

    /// By proxy.
    var totals: [String: Counters] {
        var totals = past
        for worker in workers.values {
            for (proxy, counters) in worker.total { totals[proxy, default: Counters()] &+= counters }
        }
        return totals
    }

    private static func read(_ table: StatTable, _ open: inout [String: Int]) -> [String: Counters] {
        var found: [String: Counters] = [:]
        for row in table.rows {
            let isGroup = row.proxy.hasPrefix("tg:")
            switch row.server {
            case "FRONTEND":
                guard row.proxy.hasPrefix("ls:") else { continue }
                found[row.proxy, default: Counters()] &+= counters(table, row)
                open[row.proxy, default: 0] &+= table.number(row, "scur")
            case "BACKEND":
                if isGroup {
                    found[row.proxy, default: Counters()][.failedConnections] = table.number(row, "econ")
                } else if ProxyName.answer(row.proxy) != nil {
                    found[row.proxy] = counters(table, row)
                } else if let listener = ProxyName.listener(passedOnBy: row.proxy) {
                    // The successor counts these.
                    found[listener, default: Counters()].subtractResponses(counters(table, row))
                }
            default:
                guard isGroup else { continue }
                found[row.proxy, default: Counters()] &+= counters(table, row)
                open[row.proxy, default: 0] &+= table.number(row, "scur")
            }
        }
        return found
    }

    private static func counters(_ table: StatTable, _ row: StatTable.Row) -> Counters {
        var counters = Counters()
        counters[.informational] = table.number(row, "hrsp_1xx")
        counters[.successful] = table.number(row, "hrsp_2xx")
        counters[.redirected] = table.number(row, "hrsp_3xx")
        counters[.clientError] = table.number(row, "hrsp_4xx")
        counters[.serverError] = table.number(row, "hrsp_5xx")
        counters[.connections] = table.number(row, "stot")
        counters[.rejected] = table.number(row, "dcon") &+ table.number(row, "dses")
        counters[.failedHandshakes] = table.number(row, "ssl_failed_handshake")
        counters[.bytesIn] = table.number(row, "bin")
        counters[.bytesOut] = table.number(row, "bout")
        return counters
    }
}
