import AWSWire
import Crypto
public import Domain
public import EventRules
import Foundation
import Identifiers
import JSONBytes
import LogStore

/// Writes the events that rules send to log groups: each is one message in a stream of its own.
///
/// The stream's name is made of rule, target and event, and a stream that has its event gets no other: an event that is
/// delivered again, because the control plane was killed before it took note, is there once.
public struct LogGroupTarget: Sendable {
    private let logs: any LogStore
    private let now: @Sendable () -> Timestamp

    public init(_ ports: FrontPorts) {
        logs = ports.logs
        now = ports.now
    }

    public func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome {
        guard let group = LogGroupID(arn: target.arn), group.scope == delivery.id.target.rule.scope else {
            return .refused("\(target.arn) is not the ARN of a log group of this account and region.")
        }
        let stream = LogStreamID(group: group, name: Self.stream(of: delivery.id))
        do throws(LogStoreError) {
            try await logs.append(
                [Self.event(of: delivery, to: target)], to: stream, creating: .streamOnce, now: now())
            return .delivered
        } catch {
            return .failed(Self.words(for: error, group))
        }
    }

    /// A target with a template gives the message and its time; every other one the message.
    private static func event(of delivery: EventDeliveryRecord, to target: EventTarget) -> NewLogEvent {
        let json = try? JSONValue(jsonBytes: Array(delivery.input.utf8))
        if target.transformer != nil || target.input != nil, let message = json?["message"],
            let timestamp = json?["timestamp"]
        {
            return NewLogEvent(
                time: time(timestamp) ?? delivery.createdAt,
                message: message.string ?? String(decoding: message.jsonBytes(), as: UTF8.self))
        }
        let time = target.hasOwnInput ? nil : time(json?["time"])
        return NewLogEvent(time: time ?? delivery.createdAt, message: delivery.input)
    }

    /// Milliseconds since 1970, or a date such as `2026-01-01T12:30:00Z`.
    private static func time(_ value: JSONValue?) -> Timestamp? {
        if let milliseconds = value?.integer { return Timestamp(milliseconds: max(0, milliseconds)) }
        guard let text = value?.string else { return nil }
        if let milliseconds = Int64(text) { return Timestamp(milliseconds: max(0, milliseconds)) }
        return ISO8601.milliseconds(of: text).map { Timestamp(milliseconds: $0) }
    }

    private static func stream(of id: EventDeliveryID) -> String {
        let text = "\(id.target.rule.arn)\n\(id.target.id)\n\(id.event)"
        let digits = SHA256.hash(data: Data(text.utf8)).prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        var name = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { name.append("-") }
            name.append(digit)
        }
        return name
    }

    private static func words(for error: LogStoreError, _ group: LogGroupID) -> String {
        switch error {
        case .noSuchGroup: "The log group \(group.name) does not exist."
        case .overloaded: "The log store has too much to write."
        case .unavailable(let reason): "The log store does not work: \(reason)"
        case .noSuchStream, .groupExists, .streamExists, .groupIsProtected: "The log store refused it: \(error)"
        }
    }
}
