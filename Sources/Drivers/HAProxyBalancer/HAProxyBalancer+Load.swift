import Balancer
import Foundation
import Logging

extension HAProxyBalancer {
    /// A new worker reads the configuration, or a new master does.
    private static let reloadLimit = 30.0

    /// Writes the configuration, and loads it unless it is the loaded one already.
    func load(_ next: inout RunningPlan, _ before: RunningPlan, _ workers: Workers?) throws(BalancerError) {
        if !before.isPrepared(for: next.plan) { next.rejected = [:] }
        let bound = workers == nil ? [] : before.bound
        var excluded = Preflight.obstacles(of: next.plan, bound: bound)
        while true {
            let all = excluded.merging(next.rejected) { first, _ in first }
            let skeleton = writer(next.plan, next.slots.mapValues(\.empty), all).write()
            next.refusals = skeleton.refusals
            if workers != nil, skeleton.text == before.skeleton { return }
            let text = writer(next.plan, kept(next), all).write()
            guard let faults = try check(text, next) else {
                try put(text, next)
                if let workers { try reload(workers) } else { try start() }
                next.skeleton = skeleton.text
                try perform { try files.write(skeleton.text, to: files.skeleton) }
                files.removeMade(except: text.files.keys)
                return
            }
            for (subject, reason) in faults where next.rejected[subject] == nil && excluded[subject] == nil {
                next.rejected[subject] = reason
            }
            excluded = Preflight.obstacles(of: next.plan, bound: bound)
        }
    }

    private func writer(
        _ plan: BalancerPlan, _ slots: [String: Slots], _ excluded: [BalancerRefusal.Subject: String]
    ) -> ConfigurationWriter {
        ConfigurationWriter(files: files, plan: plan, slots: slots, excluded: excluded)
    }

    /// Targets that are in their places already. New ones come by commands, so that none takes traffic before its check.
    private func kept(_ next: RunningPlan) -> [String: Slots] {
        var kept = next.slots
        for (group, slots) in next.slots {
            for (index, slot) in slots.places.enumerated() {
                guard let slot else { continue }
                let state = next.states[group, Names.checked(index)]
                let isThere = state?.endpoint == Endpoint(slot.target)
                let isOff = state?.isOff ?? true
                if !isThere || (slot.target.state == .active && isOff) { kept[group]?.places[index] = nil }
            }
        }
        return kept
    }

    /// What HAProxy would not take, by whom it serves; nil when it takes all.
    ///
    /// - Throws: `.failed` when it is no part of the plan.
    private func check(
        _ text: ConfigurationText, _ next: RunningPlan
    ) throws(BalancerError) -> [BalancerRefusal.Subject: String]? {
        let path = files.configuration + ".checked"
        try writeWeights(next)
        try perform {
            try files.writeMade(text.files)
            try files.write(text.text, to: path)
        }
        defer { unlink(path) }
        guard let complaint = try HAProxyProcess.complaint(about: files, path) else { return nil }
        var faults: [BalancerRefusal.Subject: String] = [:]
        for line in complaint.split(separator: "\n") where line.contains("[ALERT]") {
            guard let start = line.range(of: "[\(path):") else { continue }
            guard let number = Int(line[start.upperBound...].prefix { $0.isNumber }),
                let owner = text.owner(ofLine: number)
            else { continue }
            let words = line[start.upperBound...].drop { $0 != "]" }.dropFirst(4)
            faults[owner] = faults[owner] ?? "HAProxy: \(words)"
        }
        guard !faults.isEmpty, faults.keys.contains(where: { next.rejected[$0] == nil }) else {
            throw .failed("HAProxy does not take its configuration: \(complaint.suffix(2000))")
        }
        return faults
    }

    private func put(_ text: ConfigurationText, _ next: RunningPlan) throws(BalancerError) {
        try perform {
            try files.write(next.states.file(for: kept(next)), to: files.serverState)
            try files.write(text.text, to: files.configuration)
        }
    }

    private func start() throws(BalancerError) {
        let length = logLength()
        let started = try HAProxyProcess.start(files)
        process = started
        try wait(logFrom: length) { () throws(BalancerError) in
            guard started.isAlive else { throw .failed("HAProxy ended: \(logTail(from: length))") }
            // Throws until the socket is there.
            return (try? master.workers()) != nil
        }
        logger.info("started the load balancers' HAProxy", metadata: ["pid": "\(started.pid)"])
    }

    private func reload(_ before: Workers) throws(BalancerError) {
        try pollBeforeReload()
        let length = logLength()
        _ = try master.ask("reload")
        try wait(logFrom: length) { () throws(BalancerError) in
            let now = try master.workers()
            if now.reloads > before.reloads, now.failed > before.failed {
                throw .failed("HAProxy did not take over: \(logTail(from: length))")
            }
            return now.reloads > before.reloads && now.current != before.current
        }
    }

    private func wait(
        logFrom length: UInt64, _ isDone: () throws(BalancerError) -> Bool
    ) throws(BalancerError) {
        let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(Self.reloadLimit * 1e9)
        while try !isDone() {
            guard DispatchTime.now().uptimeNanoseconds < deadline else {
                throw .failed("HAProxy does not get ready: \(logTail(from: length))")
            }
            usleep(2000)
        }
    }

    private func logLength() -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: files.log)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    private func logTail(from length: UInt64) -> String {
        guard let handle = FileHandle(forReadingAtPath: files.log) else { return "" }
        defer { try? handle.close() }
        try? handle.seek(toOffset: length)
        let text = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        return String(
            text.split(separator: "\n").filter { $0.contains("[ALERT]") }.joined(separator: "; ").suffix(2000))
    }

    func writeWeights(_ next: RunningPlan) throws(BalancerError) {
        let lines = next.weights.map { "\($0.key) \($0.value)\n" }
        try perform { try files.write(lines.sorted().joined(), to: files.weights) }
    }

    private func perform(_ body: () throws -> Void) throws(BalancerError) {
        do { try body() } catch { throw .failed("\(files.directory): \(error)") }
    }
}
