import Domain
import Identifiers
import Synchronization

/// Remembers which settings of a definition have no effect: finding out takes its whole JSON, and services and tasks are
/// made of the same few definitions over and over.
///
/// Only ever a short cut: what is known of a record holds for a record equal to it, whatever its name.
final class FoundSettings: Sendable {
    /// Most definitions remembered. Larger costs memory, smaller looks into more of them again.
    static let limit = 64

    private struct Finding {
        var record: TaskDefinitionRecord
        var settings: [InertSetting]
    }

    private let findings = Mutex<[TaskDefinitionID: Finding]>([:])

    func settings(of record: TaskDefinitionRecord) -> [InertSetting]? {
        let finding = findings.withLock { $0[record.id] }
        return finding?.record == record ? finding?.settings : nil
    }

    func keep(_ settings: [InertSetting], of record: TaskDefinitionRecord) {
        findings.withLock { findings in
            if findings.count >= Self.limit, findings[record.id] == nil { findings = [:] }
            findings[record.id] = Finding(record: record, settings: settings)
        }
    }
}
