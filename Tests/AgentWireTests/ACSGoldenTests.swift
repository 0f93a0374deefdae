import AgentWire
import JSONBytes
import Testing

@Suite("ACS frames of the stock agent")
struct ACSGoldenTests {
    @Test("what the agent said reads and writes back as it was")
    func agentFrames() throws {
        for line in try Recording.lines("acs-from-agent") {
            let frame = try #require(try ACSAgentMessage(frame: line).frame)
            #expect(try Recording.json(frame) == Recording.json(line))
        }
    }

    @Test("what the server said reads and writes back as it was")
    func serverFrames() throws {
        for line in try Recording.lines("acs-from-server") {
            let message = try ACSServerMessage(frame: line)
            if case .unknown(let type) = message {
                #expect(type == "WhoKnows")
            } else {
                let frame = try #require(message.frame)
                #expect(try Recording.json(frame) == Recording.json(line))
            }
        }
    }

    @Test("a payload's tasks, containers and Docker settings are all there")
    func payload() throws {
        let line = try #require(try Recording.lines("acs-from-server").first)
        guard case .payload(let payload) = try ACSServerMessage(frame: line) else {
            Issue.record("the first frame is no payload")
            return
        }
        let task = try #require(payload.tasks.first)
        #expect(payload.seqNum == 1)
        #expect(task.cpu == 0.25)
        #expect(task.version == "3")
        #expect(task.roleCredentials?.accessKeyId == "ASIATASK")
        #expect(task.containers.map(\.name) == ["web", "side"])
        #expect(task.containers.first?.environment == ["FOO": "bar"])
        #expect(task.containers.last?.dependsOn.first?.condition == "START")
        #expect(task.containers.first?.dockerConfig?.hostConfig?.contains("MemoryReservation") == true)
        #expect(task.berth == nil)
    }

    @Test("the question after a manifest names its candidates")
    func verification() throws {
        let messages = try Recording.lines("acs-from-agent").map(ACSAgentMessage.init(frame:))
        let questions = messages.compactMap { message -> TaskStopVerificationMessage? in
            guard case .stopVerification(let question) = message else { return nil }
            return question
        }
        #expect(questions.map(\.messageId) == ["mani-1"])
        #expect(questions.first?.stopCandidates.first?.desiredStatus == "STOPPED")
    }
}
