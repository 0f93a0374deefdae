public import Domain
import Identifiers

extension UsageRecord {
    /// The record with the changes of another one of the same name added.
    public func adding(_ other: UsageRecord) -> UsageRecord {
        var record = self
        record.rate += other.rate
        record.amount += other.amount
        record.begun &+= other.begun
        return record
    }

    /// What takes this record's changes back.
    public var negated: UsageRecord {
        var record = UsageRecord(id: id)
        record.rate = .zero - rate
        record.amount = .zero - amount
        record.begun = 0 &- begun
        return record
    }

    /// The same changes as those of a longer period that holds this one.
    public func widened(to period: UsagePeriod) -> UsageRecord {
        var record = self
        record.id.period = period
        record.amount += rate.over(hours: period.end &- id.period.end)
        return record
    }
}

extension MeteredUsage {
    /// The changes that it makes to the records of its group: where it begins, and where it ends.
    public var records: [UsageRecord] {
        var begin = change(at: from, rate)
        begin.begun = 1
        let end = change(at: until, .zero - rate)
        return begin.id == end.id ? [begin.adding(end)] : [begin, end]
    }

    private func change(at time: Timestamp, _ rate: UsageAmount) -> UsageRecord {
        let period = UsagePeriod(time)
        var record = UsageRecord(id: UsageID(group: group, period: period))
        record.rate = rate
        record.amount = rate.over(milliseconds: period.endTime.milliseconds &- time.milliseconds)
        return record
    }
}

/// What a group used in a time.
public struct UsageTotal: Hashable, Sendable {
    public var amount = UsageAmount.zero
    /// Tasks or hosts that began in it.
    public var begun: Int64 = 0

    public init() {}

    /// Adds what a record gives to the hours from `hours.lowerBound` on, up to the upper bound.
    ///
    /// Sums do not depend on the order of records. No bound may lie within the record's period: `UsageHistory.aligned`.
    public mutating func add(_ record: UsageRecord, in hours: Range<Int64>) {
        let period = record.id.period
        guard period.start < hours.upperBound else { return }
        if period.start >= hours.lowerBound {
            amount += record.amount
            amount += record.rate.over(hours: hours.upperBound &- period.end)
            begun &+= record.begun
        } else {
            amount += record.rate.over(hours: hours.upperBound &- hours.lowerBound)
        }
    }

    /// Adds the part of `usage` that falls into the hours.
    public mutating func add(_ usage: MeteredUsage, in hours: Range<Int64>) {
        let first = Timestamp(hour: hours.lowerBound)
        let from = max(usage.from, first)
        let until = min(usage.until, Timestamp(hour: hours.upperBound))
        if from < until { amount += usage.rate.over(milliseconds: until.milliseconds &- from.milliseconds) }
        if hours.contains(UsagePeriod(usage.from).start) { begun &+= 1 }
    }
}

extension UsageAmount {
    fileprivate func over(hours: Int64) -> UsageAmount {
        let (milliseconds, isTooLarge) = hours.multipliedReportingOverflow(by: UsagePeriod.hour)
        return over(milliseconds: isTooLarge ? .max : milliseconds)
    }
}
