import Domain
import Identifiers
import Metering
import TestKit
import Testing

@Suite("Records of usage")
struct UsageRecordTests {
    static let group = UsageGroup(
        cluster: .test, owner: UsageOwner(.service, "web"), capacity: .fargate, architecture: .x86)
    /// An hour's beginning, and a day's.
    static let origin = UsagePeriod(.test()).day

    static func usage(_ from: Int64, _ until: Int64, cpu: Int64 = 256) -> MeteredUsage {
        var rate = UsageAmount()
        rate.cpu = cpu
        let start = Timestamp(hour: origin.start).milliseconds
        return MeteredUsage(
            group: group, rate: rate, from: Timestamp(milliseconds: start + from),
            until: Timestamp(milliseconds: start + until))
    }

    static let hour: Int64 = 3_600_000

    @Test(
        "hold a task in one or two, however long it ran",
        arguments: [
            (0, 60_000, 1), (0, hour - 1, 1), (0, hour, 2), (hour - 1, hour + 1, 2), (5, 5000 * hour, 2),
        ] as [(Int64, Int64, Int)])
    func count(from: Int64, until: Int64, count: Int) {
        #expect(Self.usage(from, until).records.count == count)
    }

    @Test(
        "give each hour its part",
        arguments: [(0, 600_000), (1, hour), (2, hour), (3, 1), (4, 0)] as [(Int64, Int64)])
    func parts(index: Int64, milliseconds: Int64) {
        let records = Self.usage(Self.hour - 600_000, 3 * Self.hour + 1).records
        let start = Self.origin.start + index
        #expect(Self.total(records, start..<start + 1).amount.cpu == 256 * milliseconds)
    }

    static func total(_ records: some Sequence<UsageRecord>, _ hours: Range<Int64>) -> UsageTotal {
        var total = UsageTotal()
        for record in records { total.add(record, in: hours) }
        return total
    }

    /// Any cut of the time into parts, any mixture of hours and days, and any order of counting give the same whole.
    @Test("add up to the whole over any split of time", arguments: UInt64(1)...300)
    func splits(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stored: [UsageID: UsageRecord] = [:]
        var usages: [MeteredUsage] = []
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let from = Int64.random(in: 0..<100 * Self.hour, using: &random)
            let length = Int64.random(in: 60_000..<(Bool.random(using: &random) ? 2 : 90) * Self.hour, using: &random)
            let usage = Self.usage(from, from + length, cpu: .random(in: 1...16_384, using: &random))
            usages.append(usage)
            for change in usage.records {
                stored[change.id] = (stored[change.id] ?? UsageRecord(id: change.id)).adding(change)
            }
        }
        // Some days are kept as one.
        for record in stored.values where record.id.period.day.start < Self.origin.start + 48 && seed % 2 == 0 {
            stored[record.id] = nil
            let wide = record.widened(to: record.id.period.day)
            stored[wide.id] = (stored[wide.id] ?? UsageRecord(id: wide.id)).adding(wide)
        }
        let everything = Self.origin.start..<Self.origin.start + 240
        let whole = usages.reduce(UsageAmount.zero) { $0 + $1.amount }
        #expect(Self.total(stored.values, everything).amount == whole)
        #expect(Self.total(stored.values, everything).begun == Int64(usages.count))
        let step: Int64 = seed % 2 == 0 ? 24 : 1
        var cuts = Set(
            (0..<5).map { _ in everything.lowerBound + step * Int64.random(in: 1..<240 / step, using: &random) })
        cuts.formUnion([everything.lowerBound, everything.upperBound])
        let sorted = cuts.sorted()
        var sum = UsageTotal()
        for (lower, upper) in zip(sorted, sorted.dropFirst()) {
            let part = Self.total(stored.values, lower..<upper)
            sum.amount += part.amount
            sum.begun += part.begun
            var counted = UsageTotal()
            for usage in usages { counted.add(usage, in: lower..<upper) }
            #expect(part == counted, "records and tasks tell the same of \(lower)..<\(upper)")
        }
        #expect(sum.amount == whole)
        #expect(sum.begun == Int64(usages.count))
        // Taking all of it back leaves nothing.
        for usage in usages {
            for change in usage.records where seed % 2 == 1 {
                stored[change.id] = stored[change.id]?.adding(change.negated)
            }
        }
        if seed % 2 == 1 { #expect(!stored.values.contains { !$0.isEmpty }) }
    }

    @Test("stay at the limit where numbers end")
    func limits() {
        let usage = Self.usage(0, .max / 2, cpu: .max)
        #expect(usage.amount.cpu == .max)
        #expect(usage.records.count == 2)
    }

    @Test("count hours before 1970 downwards")
    func before() {
        #expect(UsagePeriod(Timestamp(milliseconds: -1)).start == -1)
        #expect(UsagePeriod(start: -1).day == UsagePeriod(start: -24, hours: 24))
    }
}

@Suite("How long usage is kept")
struct UsageHistoryTests {
    static let now = Timestamp(hour: UsageRecordTests.origin.start + 600 * 24 + 5)

    static func record(daysAgo: Int64, hours: Int64 = 1, rate: Int64 = 0) -> UsageRecord {
        let start = UsageRecordTests.origin.start + (600 - daysAgo) * 24 + (hours == 1 ? 3 : 0)
        let period = UsagePeriod(start: start, hours: hours)
        var record = UsageRecord(id: UsageID(group: UsageRecordTests.group, period: period))
        record.rate.cpu = rate
        record.amount.cpu = 7
        record.begun = 1
        return record
    }

    @Test(
        "an hour becomes a part of its day, a day a part of the past",
        arguments: [
            (Int64(0), Int64(1), Int64?.none), (34, 1, nil), (36, 1, 24), (399, 24, nil), (402, 24, 0), (402, 1, 0),
        ])
    func successors(daysAgo: Int64, hours: Int64, expected: Int64?) {
        let record = Self.record(daysAgo: daysAgo, hours: hours, rate: 5)
        let successor = UsageHistory.successor(of: record, now: Self.now)
        switch expected {
        case nil: #expect(successor == nil)
        case 0?:
            #expect(successor?.id.period.start == 0)
            #expect(successor?.rate == record.rate, "what runs on is known of the past")
            #expect(successor?.amount == .zero)
        default: #expect(successor == record.widened(to: record.id.period.day))
        }
        if let successor {
            let next = UsageHistory.successor(of: successor, now: Self.now)
            #expect(next == nil, "no record is condensed twice at one time")
        }
    }

    @Test("what is asked is moved out to the days that are kept")
    func alignment() {
        let records = [Self.record(daysAgo: 40, hours: 24), Self.record(daysAgo: 2)]
        let day = records[0].id.period
        func aligned(_ lower: Int64, _ upper: Int64) -> Range<Int64> {
            UsageHistory.aligned(lower..<upper, to: records, now: Self.now)
        }
        #expect(aligned(day.start + 1, day.end + 5) == day.start..<day.end + 5)
        #expect(aligned(day.start - 3, day.start + 1) == day.start - 3..<day.end)
        #expect(aligned(day.start, day.end) == day.start..<day.end)
        let hour = records[1].id.period
        #expect(aligned(hour.start, hour.end) == hour.start..<hour.end)
        #expect(aligned(0, day.end).lowerBound == UsageHistory.horizon(now: Self.now))
        #expect(aligned(0, 5).isEmpty)
    }
}
