import Domain
import Identifiers
import TestKit
import Testing

@testable import Front

@Suite("Remembered settings of definitions")
struct FoundSettingsTests {
    @Test("are those of an equal record only")
    func equalRecords() throws {
        let found = FoundSettings()
        var record = TaskDefinitionRecord.test()
        #expect(found.settings(of: record) == nil)
        found.keep([], of: record)
        #expect(found.settings(of: record)?.isEmpty == true)
        record.definition.taskRoleARN = "arn:aws:iam::000000000000:role/restored"
        #expect(found.settings(of: record) == nil)
    }

    @Test("are told anew when another definition comes under the same name, as after a restore")
    func sameName() throws {
        var record = TaskDefinitionRecord.test()
        let before = try AcceptedSettings.reported(by: record).map(\.path)
        record.definition.taskRoleARN = "arn:aws:iam::000000000000:role/restored"
        for _ in 0..<2 {
            #expect(try AcceptedSettings.reported(by: record).map(\.path) == ["taskRoleArn"] + before)
        }
        record.definition.taskRoleARN = nil
        #expect(try AcceptedSettings.reported(by: record).map(\.path) == before)
    }

    @Test("stay bounded")
    func bounded() throws {
        let found = FoundSettings()
        let records = (1...FoundSettings.limit * 3).map { number in
            var record = TaskDefinitionRecord.test()
            record.id.revision = number
            return record
        }
        for record in records { found.keep([], of: record) }
        #expect(records.count { found.settings(of: $0) != nil } <= FoundSettings.limit)
        #expect(found.settings(of: records[records.count - 1]) != nil)
    }
}
