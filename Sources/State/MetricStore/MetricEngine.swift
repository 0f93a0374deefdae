package import Domain
package import Identifiers

/// What every metric store knows in memory: which metrics there are, and their newest values.
///
/// Values come into the head of their series and, once they are a minute or two old, into chunks on the store's shelf. One
/// caller at a time makes a draft, writes it and applies it; readers may come at any time.
package struct MetricEngine: Sendable {
    struct Series: Sendable {
        var metric: MetricID
        var unit: MetricUnit
        /// The time of its newest value, in seconds since 1970.
        var lastSeen: Int
        /// Values before it are in chunks.
        var sealed: Int
        var head = SeriesHead()
        /// No chunk begins before.
        var oldest: [MetricTier: Int] = [:]
    }

    package let limits: MetricLimits
    var series: [Int: Series] = [:]
    var numbers: [MetricID: [Int]] = [:]
    var order = MetricOrder()
    private var nextNumber = 1
    private var pass = SealPass()
    /// No series is looked for that could go before this, since there was none.
    private var noRoomUntil = Int.min
    private(set) var now = 0
    /// Values that found no place since the start.
    private var refused = 0
    private var fileBytes = 0
    /// How long minutes are kept now, in seconds: less than the limit while the file is too large.
    private var kept: Int

    package init(limits: MetricLimits) {
        self.limits = limits
        kept = limits.minutes
    }

    package var statistics: MetricStoreStatistics {
        MetricStoreStatistics(metrics: series.count, refused: refused, fileBytes: fileBytes, keptSeconds: kept)
    }
    /// The oldest second that is kept.
    package var secondsFrom: Int { Self.secondsFrom(now, limits) }
    var minutesFrom: Int { now.floored(to: 60) - kept }

    static func secondsFrom(_ now: Int, _ limits: MetricLimits) -> Int { now.floored(to: 60) - limits.seconds }

    // MARK: Making a draft

    /// What recording changes. Nothing is changed yet.
    package func draft(_ samples: [MetricSample], now time: Timestamp) -> MetricDraft {
        let now = time.wholeSeconds
        var draft = MetricDraft(pass: pass, now: now)
        seal(&draft)
        var late: [Int: [Chunk.Row]] = [:]
        var created: [MetricID: [(MetricUnit, Int)]] = [:]
        for sample in samples where accepts(sample, at: now) {
            let second = sample.time.wholeSeconds
            let row = Chunk.Row(second: second, set: sample.statistics)
            guard let number = number(for: sample, &created, &draft) else {
                draft.refused += 1
                continue
            }
            draft.seen[number] = max(draft.seen[number] ?? second, second)
            if second >= draft.sealed[number] ?? series[number]?.sealed ?? SealPass.boundary(at: now) {
                draft.fresh.append((number, row))
            } else {
                late[number, default: []].append(row)
                draft.alreadySealed[number] = series[number]?.sealed
            }
        }
        for (number, rows) in late.sorted(by: { $0.key < $1.key }) {
            draft.moves.append(MetricDraft.Move(series: number, rows: Chunk.joined(rows)))
        }
        return draft
    }

    private func accepts(_ sample: MetricSample, at now: Int) -> Bool {
        let second = sample.time.wholeSeconds
        return sample.statistics.isSound && second > 0 && second >= now.floored(to: 60) - kept
            && second <= now + limits.ahead
    }

    private func number(
        for sample: MetricSample, _ created: inout [MetricID: [(MetricUnit, Int)]], _ draft: inout MetricDraft
    ) -> Int? {
        for known in numbers[sample.metric] ?? [] where series[known]?.unit == sample.unit {
            if !draft.dropped.contains(known) { return known }
        }
        if let new = created[sample.metric]?.first(where: { $0.0 == sample.unit }) { return new.1 }
        if series.count + draft.created.count - draft.dropped.count >= limits.series {
            makeRoom(&draft)
            guard series.count + draft.created.count - draft.dropped.count < limits.series else { return nil }
        }
        let number = nextNumber + draft.created.count
        draft.created.append(.init(number: number, metric: sample.metric, unit: sample.unit))
        created[sample.metric, default: []].append((sample.unit, number))
        return number
    }

    /// Forgets those that had no values for longest, some at a time; none that had values lately.
    private func makeRoom(_ draft: inout MetricDraft) {
        guard draft.now >= noRoomUntil, draft.dropped.isEmpty else { return }
        let idle = series.filter { $0.value.lastSeen < draft.now - limits.idle && draft.seen[$0.key] == nil }
        let oldest = idle.sorted { ($0.value.lastSeen, $0.key) < ($1.value.lastSeen, $1.key) }
        draft.dropped.formUnion(oldest.prefix(max(limits.series / 64, 1)).map(\.key))
    }

    private func seal(_ draft: inout MetricDraft) {
        let wasOver = draft.pass.isOver
        draft.pass.beginIfDue(at: draft.now) { series.keys.sorted() }
        let secondsFrom = Self.secondsFrom(draft.now, limits)
        let minutesFrom = draft.now.floored(to: 60) - kept
        for number in draft.pass.due(at: draft.now) {
            guard let one = series[number], !draft.dropped.contains(number) else { continue }
            if one.lastSeen < minutesFrom {
                draft.dropped.insert(number)
                continue
            }
            expire(number, one, .seconds, before: secondsFrom, &draft)
            expire(number, one, .minutes, before: minutesFrom, &draft)
            let rows = one.head.isEmpty ? [] : one.head.rows.filter { $0.second < draft.pass.boundary }
            if !rows.isEmpty { draft.moves.append(MetricDraft.Move(series: number, rows: rows)) }
            if one.sealed < draft.pass.boundary { draft.sealed[number] = draft.pass.boundary }
        }
        if draft.pass.isOver, !wasOver || draft.pass.boundary != pass.boundary {
            draft.settledBefore = draft.pass.boundary
        }
    }

    private func expire(
        _ number: Int, _ one: Series, _ tier: MetricTier, before second: Int, _ draft: inout MetricDraft
    ) {
        let start = second.floored(to: tier.window)
        guard let oldest = one.oldest[tier], oldest < start else { return }
        draft.expired.append(ChunkKey(tier: tier, series: number, start: start))
    }

    // MARK: Applying it

    /// Takes in a draft that was written. It must be of this engine as it is.
    package mutating func apply(_ draft: MetricDraft) {
        now = draft.now
        refused &+= draft.refused
        if draft.refused > 0, draft.dropped.isEmpty { noRoomUntil = draft.now + 60 }
        for number in draft.dropped { forget(number) }
        for new in draft.created { add(new, sealed: SealPass.boundary(at: draft.now)) }
        for (number, second) in draft.seen {
            guard let last = series[number]?.lastSeen, last < second else { continue }
            series[number]?.lastSeen = second
        }
        for move in draft.moves { noteOldest(move, secondsFrom: Self.secondsFrom(draft.now, limits)) }
        for key in draft.expired { series[key.series]?.oldest[key.tier] = key.start }
        for (number, through) in draft.sealed {
            if series[number]?.head.isEmpty == false { series[number]?.head.removeRows(before: through) }
            series[number]?.sealed = through
        }
        for (number, row) in draft.fresh { series[number]?.head.add(row) }
        pass = draft.pass
    }

    private mutating func noteOldest(_ move: MetricDraft.Move, secondsFrom: Int) {
        guard let first = move.rows.first?.second, let last = move.rows.last?.second else { return }
        note(first, .minutes, of: move.series)
        if last >= secondsFrom { note(max(first, secondsFrom), .seconds, of: move.series) }
    }

    private mutating func note(_ second: Int, _ tier: MetricTier, of number: Int) {
        let start = second.floored(to: tier.window)
        let oldest = series[number]?.oldest[tier] ?? start
        series[number]?.oldest[tier] = min(oldest, start)
    }

    private mutating func add(_ new: MetricDraft.Creation, sealed: Int) {
        series[new.number] = Series(metric: new.metric, unit: new.unit, lastSeen: 0, sealed: sealed)
        if numbers[new.metric] == nil { order.insert(new.metric) }
        numbers[new.metric, default: []].append(new.number)
        nextNumber = max(nextNumber, new.number + 1)
    }

    private mutating func forget(_ number: Int) {
        guard let metric = series.removeValue(forKey: number)?.metric else { return }
        numbers[metric]?.removeAll { $0 == number }
        if numbers[metric]?.isEmpty == true {
            numbers[metric] = nil
            order.remove(metric)
        }
    }

    /// Shortens history by a tenth, to a day at least, when the file is larger than it may be; and lengthens it again.
    package mutating func bound(bytes: Int) {
        fileBytes = bytes
        if bytes > limits.bytes {
            kept = min(kept, max(kept / 10 * 9, 86_400))
        } else if bytes < limits.bytes / 10 * 8, kept < limits.minutes {
            kept = min(limits.minutes, kept / 10 * 11)
        }
    }

    // MARK: Reading back

    /// A series as it was stored. All of them come before the journal.
    package mutating func restore(
        _ number: Int, _ metric: MetricID, _ unit: MetricUnit, lastSeen: Int, sealed: Int
    ) {
        add(MetricDraft.Creation(number: number, metric: metric, unit: unit), sealed: sealed)
        series[number]?.lastSeen = lastSeen
        // Until something is recorded again, the newest value says what time it is.
        now = max(now, lastSeen)
        // Unknown: anything may be there.
        series[number]?.oldest = [.seconds: 0, .minutes: 0]
    }

    package mutating func skipNumbers(through number: Int) { nextNumber = max(nextNumber, number + 1) }

    /// A value that the journal holds; one that is in a chunk already is left out.
    mutating func replay(_ number: Int, _ row: Chunk.Row) {
        guard let one = series[number], row.second >= one.sealed else { return }
        series[number]?.head.add(row)
        series[number]?.lastSeen = max(one.lastSeen, row.second)
        now = max(now, row.second)
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded down.
    var wholeSeconds: Int { Int(milliseconds / 1000) - (milliseconds % 1000 < 0 ? 1 : 0) }
}
