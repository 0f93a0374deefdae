import Domain
import ECSShapes
import JSONBytes
import Testing

@testable import Validation

@Suite("Registering a daemon task definition")
struct DaemonTaskDefinitionValidationTests {
    static let agent = #"{"name":"agent","image":"agent:1","memory":64,"privileged":true}"#

    static func read(_ members: String) throws -> TaskDefinition {
        let text = #"{"family":"agent",\#(members)}"#
        let request = try ECSShapes.RegisterDaemonTaskDefinitionRequest(jsonBytes: Array(text.utf8))
        return try TaskDefinition(validatingDaemon: request)
    }

    @Test("what a daemon may say is read as of any task definition; its tasks use bridge")
    func accepted() throws {
        let definition = try Self.read(
            #""cpu":"128","memory":"256","volumes":[{"name":"logs","host":{"sourcePath":"/var/log"}}],"#
                + #""containerDefinitions":[{"name":"agent","image":"agent:1","privileged":true,"#
                + #""mountPoints":[{"sourceVolume":"logs","containerPath":"/logs","readOnly":true}]}]"#)
        #expect(definition.cpu == CPUUnits(128))
        #expect(definition.memory == MemoryMiB(256))
        #expect(definition.effectiveNetworkMode == .bridge)
        #expect(definition.volumes == [VolumeDefinition(name: "logs", sourcePath: "/var/log")])
        #expect(definition.containers.first?.mountPoints.first?.readOnly == true)
        #expect(definition.containers.first?.privileged == true)
    }

    @Test("members that a daemon's containers do not have are not looked at")
    func ignored() throws {
        let definition = try Self.read(
            #""networkMode":"host","containerDefinitions":[{"name":"a","image":"a","memory":64,"#
                + #""portMappings":[{"containerPort":80}],"hostname":"h"}]"#)
        #expect(definition.networkMode == nil)
        #expect(definition.containers.first?.portMappings == [])
        #expect(definition.containers.first?.hostname == nil)
    }

    static let refusals: [(members: String, message: String)] = [
        (#""containerDefinitions":[]"#, "Container list cannot be empty."),
        (
            #""cpu":"0.25 vCPU","containerDefinitions":[\#(agent)]"#,
            "Invalid 'cpu' setting for task: '0.25 vCPU'. It must be an integer."
        ),
        (
            #""memory":"1GB","containerDefinitions":[\#(agent)]"#,
            "Invalid 'memory' setting for task: '1GB'. It must be an integer."
        ),
        (
            #""containerDefinitions":[\#(agent),\#(agent)]"#,
            "Container names must be unique within a task definition: 'agent'."
        ),
    ]

    @Test("what is wrong is refused with the member and its value", arguments: refusals)
    func refused(row: (members: String, message: String)) throws {
        #expect {
            try Self.read(row.members)
        } throws: { error in
            (error as? ValidationFault)?.message == row.message
        }
    }
}
