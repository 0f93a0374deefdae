import AWSWire
import Domain
import Foundation
import Identifiers
import JSONBytes
import LogStore
import LogStoreSQLite
import MetricStore
import StateStore
import TestKit
import Testing

@testable import Front

/// Runs a script over a front of its own and says what came of each call.
final class GoldenRunner {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        var isOfWhatIsNotBuilt: Bool { description.contains("not built yet") }
    }

    fileprivate let front: FrontHarness
    private var names: [String: String] = [:]
    fileprivate var hosts: [String: JoinedHost] = [:]
    private var last: JSONValue = .null
    /// Operations that were called and answered by a handler, in order.
    private(set) var called: [String] = []

    init() async throws { front = try await FrontHarness() }

    /// What a block's outcome really is; nil for commands without one.
    func outcome(of block: GoldenScript.Block) async throws -> String? {
        let words = block.command.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "pass":
            front.time.advance(by: .seconds(Int(rest) ?? 0))
            return nil
        case "host":
            let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
            let host = try await front.host(.string(parts.count > 1 ? parts[1] : "managed"))
            hosts[parts[0]] = host
            names[parts[0]] = host.arn
            return nil
        case "keep":
            let parts = rest.split(separator: " ").map(String.init)
            var value = last
            for member in parts[1].split(separator: ".") {
                guard let inner = Int(member).map({ value[$0] }) ?? value[String(member)] else {
                    throw Failure(description: "\(block.command): no \(member) in \(last.text)")
                }
                value = inner
            }
            names[parts[0]] = value.string ?? value.text
            return nil
        case "given":
            let reply = try await call(rest, as: FrontHarness.rootKey)
            guard reply.status == 200 else { throw Failure(description: "\(block.command): \(reply.json.text)") }
            return nil
        case "as":
            let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
            guard let host = hosts[parts[0]] else { throw Failure(description: "no host \(parts[0])") }
            return try await record(parts[1], as: host.key)
        default: return try await record(block.command, as: FrontHarness.rootKey)
        }
    }

    private func call(_ text: String, as key: SigV4Credential) async throws -> Reply {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        let body = resolved(parts.count > 1 ? parts[1] : "{}")
        let reply = try await front.call(parts[0], JSONValue(jsonBytes: Array(body.utf8)), as: key)
        if reply.message?.hasSuffix("is not built yet.") != true { called.append(parts[0]) }
        last = reply.json
        return reply
    }

    private func record(_ text: String, as key: SigV4Credential) async throws -> String {
        let before = try await records()
        let reply = try await call(text, as: key)
        let changes = try Self.changes(from: before, to: await records())
        return (["\(reply.status)", reply.json.indented] + changes).joined(separator: "\n")
    }

    fileprivate func resolved(_ text: String) -> String {
        names.reduce(text) { $0.replacing("${\($1.key)}", with: $1.value) }
    }

    // MARK: State

    /// Every record as JSON, by a readable key.
    fileprivate func records() async throws -> [String: JSONValue] {
        var records: [String: JSONValue] = [:]
        var failure: (any Error)?
        front.store.committed().forEachRecord { record in
            do {
                let (kind, value) = try Self.unwrapped(record)
                let (_, key) = try Self.unwrapped(record.key)
                records["\(kind) \(Self.leaves(of: key).joined(separator: "/"))"] = value
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return records.merging(metrics()) { $1 }.merging(try await logRecords()) { $1 }
    }

    /// The values of every metric, second by second, as their begin, count, sum, minimum and maximum.
    private func metrics() -> [String: JSONValue] {
        let (store, now) = (front.ports.metrics, front.time.now)
        let day = Duration.seconds(86_400)
        var values: [String: JSONValue] = [:]
        for listing in store.metrics(in: .test, matching: MetricFilter(), after: nil, limit: 100) {
            let metric = listing.metric
            let points = store.points(
                of: metric, unit: nil, from: now.adding(.zero - day), to: now.adding(day), period: 1)
            let dimensions = metric.dimensions.map { "\($0.key)=\($0.value)" }
            values["metric " + ([metric.namespace, metric.name] + dimensions).joined(separator: "/")] = [
                "unit": .string(listing.unit.rawValue),
                "values": .array(
                    points.map { point in
                        let set = point.statistics
                        return .array(
                            [point.time.seconds, set.count, set.sum, set.minimum, set.maximum].map { .number($0) })
                    }),
            ]
        }
        return values
    }

    /// Log groups, and their streams with what they hold.
    private func logRecords() async throws -> [String: JSONValue] {
        var records: [String: JSONValue] = [:]
        for group in try await front.logs.groups(LogGroupQuery(scope: .test, limit: 100)) {
            let tags = group.tags.map { ($0.key, JSONValue.string($0.value)) }
            records["logGroup \(group.id.name)"] = [
                "retentionDays": group.retentionDays.map { .integer(Int64($0)) } ?? .null,
                "isDeletionProtected": .boolean(group.isDeletionProtected),
                "tags": .object(Dictionary(tags) { $1 }),
            ]
            for stream in try await front.logs.streams(LogStreamQuery(group: group.id, limit: 100)) {
                let query = LogQuery(group: group.id, streams: .named([stream.id.name]))
                let events = try await front.logs.events(query, now: front.time.now).events
                records["logStream \(group.id.name) \(stream.id.name)"] = [
                    "messages": .array(events.map { .string($0.message) })
                ]
            }
        }
        return records
    }

    /// The case of an enum and what it holds.
    private static func unwrapped(_ value: some Encodable) throws -> (String, JSONValue) {
        let json = try JSONValue(jsonBytes: Array(JSONEncoder().encode(value)))
        guard let (kind, payload) = json.object?.first else { return ("", json) }
        return (kind, payload["_0"] ?? payload)
    }

    private static func leaves(of key: JSONValue) -> [String] {
        switch key {
        case .object(let members):
            // The scope is the same everywhere.
            members.filter { $0.key != "scope" }.sorted {
                ($0.key == "name" || $0.key == "id" ? "z" : "a") + $0.key
                    < ($1.key == "name" || $1.key == "id" ? "z" : "a") + $1.key
            }
            .flatMap { leaves(of: $0.value) }
        case .string(let text): [text]
        case .integer(let number): ["\(number)"]
        default: []
        }
    }

    /// A line for each record that appeared, went or changed; of a changed one the members that did.
    fileprivate static func changes(from before: [String: JSONValue], to after: [String: JSONValue]) -> [String] {
        Set(before.keys).union(after.keys).sorted().compactMap { key in
            switch (before[key], after[key]) {
            case (nil, let new?): return "+ \(key) \(new.text)"
            case (_, nil): return "- \(key)"
            case (let old?, let new?):
                if old == new { return nil }
                let names = Set((old.object ?? [:]).keys).union((new.object ?? [:]).keys)
                let changed = names.filter { old[$0] != new[$0] }.map { ($0, new[$0] ?? .null) }
                return "~ \(key) \(JSONValue.object(Dictionary(uniqueKeysWithValues: changed)).text)"
            }
        }
    }
}

// MARK: Calls that are changed before they are sent

extension GoldenRunner {
    /// A call of a script, before it is sent.
    struct Call {
        var operation: String
        var request: JSONValue
        var key: SigV4Credential
    }

    /// The call that a block makes, if it is a recorded one of that operation.
    func call(of block: GoldenScript.Block, _ operation: String) throws -> Call? {
        var words = block.command.split(separator: " ", maxSplits: 1).map(String.init)
        var key = FrontHarness.rootKey
        if words.count == 2, words[0] == "as" {
            words = words[1].split(separator: " ", maxSplits: 1).map(String.init)
            guard let host = hosts[words[0]], words.count == 2 else { return nil }
            key = host.key
            words = words[1].split(separator: " ", maxSplits: 1).map(String.init)
        }
        guard words.first == operation else { return nil }
        let request = try JSONValue(jsonBytes: Array(resolved(words.count > 1 ? words[1] : "{}").utf8))
        return Call(operation: operation, request: request, key: key)
    }

    /// What comes of the request, and what callers are told about it afterwards.
    func outcome(sending request: JSONValue, by call: Call) async throws -> OperationProbe.Outcome {
        let before = try await records()
        let reply = try await front.call(call.operation, request, as: call.key)
        let changes = try Self.changes(from: before, to: await records())
        // What a definition asks for in vain is told when something uses it.
        if let definition = reply.json["taskDefinition"]?["taskDefinitionArn"],
            call.operation == "RegisterTaskDefinition"
        {
            try await front.call("CreateCluster")
            let service: [String: JSONValue] = [
                "serviceName": "teller", "taskDefinition": definition, "desiredCount": 0,
            ]
            try await front.call("CreateService", .object(service.merging(["launchType": "EC2"]) { $1 }))
            try await front.call(
                "CreateService",
                .object(
                    service.merging(["launchType": "FARGATE", "networkConfiguration": FrontHarness.network]) { $1 }))
        }
        let status = try await front.call("Berth.Status").json["accepted"] ?? .null
        return OperationProbe.Outcome(
            status: reply.status, answer: reply.json, changes: changes, told: status.text)
    }
}
