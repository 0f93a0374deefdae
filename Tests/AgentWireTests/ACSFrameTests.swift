import AgentWire
import Testing

@Suite("ACS frames")
struct ACSFrameTests {
    @Test("every message of an agent comes back from its frame", arguments: agentMessages)
    func agentRoundTrip(message: ACSAgentMessage) throws {
        let frame = try #require(message.frame)
        #expect(try ACSAgentMessage(frame: frame) == message)
    }

    @Test("every message of the server comes back from its frame", arguments: serverMessages)
    func serverRoundTrip(message: ACSServerMessage) throws {
        let frame = try #require(message.frame)
        #expect(try ACSServerMessage(frame: frame) == message)
    }

    @Test("the message may stand before its type")
    func order() throws {
        let text = #"{"message":{"messageId":"m"},"type":"HeartbeatAckRequest"}"#
        #expect(try ACSAgentMessage(frame: text) == .heartbeatAck(HeartbeatAckRequest(messageId: "m")))
    }

    @Test("null is absent and unknown members are skipped")
    func tolerance() throws {
        let text = #"{"type":"AckRequest","more":[1],"message":{"cluster":null,"messageId":"m","new":{"a":[null]}}}"#
        #expect(
            try ACSAgentMessage(frame: text)
                == .ack(AckRequest(cluster: nil, containerInstance: nil, messageId: "m")))
    }

    @Test("members may come in any order, and the last of two that have one name counts")
    func anyOrder() throws {
        let text = #"{"message":{"messageId":"l","x":{},"cluster":"c","messageId":"m"},"type":"AckRequest"}"#
        #expect(
            try ACSAgentMessage(frame: text)
                == .ack(AckRequest(cluster: "c", containerInstance: nil, messageId: "m")))
    }

    @Test("a type of a later version is known to be unknown")
    func unknownType() throws {
        #expect(try ACSServerMessage(frame: #"{"type":"Later","message":{"a":1}}"#) == .unknown(type: "Later"))
        #expect(ACSServerMessage.unknown(type: "Later").frame == nil)
    }

    @Test("a frame without type, or without what its type requires, is refused", arguments: refused)
    func refusal(row: (text: String, error: FrameError)) {
        #expect(throws: row.error) { try ACSAgentMessage(frame: row.text) }
    }

    @Test("a frame that is no JSON object is malformed", arguments: ["", "[]", "{", #"{"type":1}"#, "null", "{}x"])
    func malformed(text: String) {
        #expect(throws: FrameError.self) { try ACSAgentMessage(frame: text) }
    }

    static let refused: [(text: String, error: FrameError)] = [
        ("{}", .noType),
        (#"{"message":{}}"#, .noType),
        (#"{"type":"AckRequest","message":{}}"#, .missing("messageId")),
        (#"{"type":"TaskStopVerificationMessage"}"#, .missing("messageId")),
    ]

    static let agentMessages: [ACSAgentMessage] = [
        .ack(AckRequest(cluster: "c", containerInstance: "i", messageId: "m")),
        .nack(
            {
                var nack = NackRequest()
                nack.messageId = "m"
                nack.reason = "Updates are disabled"
                return nack
            }()),
        .heartbeatAck(HeartbeatAckRequest(messageId: "m")),
        .credentialsAck(IAMRoleCredentialsAckRequest(messageId: "m", expiration: "e", credentialsId: "c")),
        .stopVerification(
            TaskStopVerificationMessage(
                messageId: "m",
                stopCandidates: [TaskIdentifier(taskArn: "t", taskClusterArn: "c", desiredStatus: "STOPPED")])),
    ]

    static let serverMessages: [ACSServerMessage] = [
        .heartbeat(
            HeartbeatMessage(
                messageId: "m",
                berth: HeartbeatExtension(PeerNetwork(peers: [PeerRoute(block: "10.99.3.0/24", via: "10.0.0.3")])))),
        .stopVerificationAck(TaskStopVerificationAck(messageId: "m", generatedAt: 1, stopTasks: [])),
        .close(CloseMessage(message: "bye")),
        .error(ErrorMessage(message: "no \"good\"\n")),
        .attachTaskInterfaces(
            {
                var message = AttachTaskNetworkInterfacesMessage()
                message.messageId = "m"
                message.waitTimeoutMs = 1000
                var interface = ElasticNetworkInterface()
                interface.macAddress = "02:00:00:00:00:01"
                message.elasticNetworkInterfaces = [interface]
                return message
            }()),
        .confirmAttachment(
            {
                var message = ConfirmAttachmentMessage()
                message.messageId = "m"
                message.attachment = PayloadAttachment()
                return message
            }()),
    ]
}
