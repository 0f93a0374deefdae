import AgentWire
import Testing

@Suite("TCS frames")
struct TCSFrameTests {
    @Test("the stock agent's frames split into headers and JSON, and join again")
    func golden() throws {
        for text in try Recording.telemetry() {
            let frame = try TCSFrame(text: text)
            #expect(frame.header("host") == "127.0.0.1:18080")
            #expect(frame.header("Authorization")?.hasPrefix("AWS4-HMAC-SHA256 Credential=") == true)
            #expect(frame.text == text)
        }
    }

    @Test("the stock agent's telemetry reads and writes back as it was")
    func telemetry() throws {
        for text in try Recording.telemetry() {
            let json = try TCSFrame(text: text).json
            let written = try #require(try TCSAgentMessage(json: json).json)
            #expect(try Recording.json(written).withRealNumbers == Recording.json(json).withRealNumbers)
        }
    }

    @Test("health names the container and its state")
    func health() throws {
        let messages = try Recording.telemetry().map { try TCSAgentMessage(json: TCSFrame(text: $0).json) }
        let tasks = messages.flatMap { message -> [TaskHealth] in
            guard case .health(let request) = message else { return [] }
            return request.tasks
        }
        #expect(tasks.first?.containers.first?.containerName == "web")
        #expect(tasks.first?.containers.first?.healthStatus == "HEALTHY")
    }

    @Test("a frame without a blank line has no header block", arguments: ["", "\r\n", "Host: a\r\n{}", "{}"])
    func noHeaderBlock(text: String) {
        #expect(throws: FrameError.noHeaderBlock) { try TCSFrame(text: text) }
    }

    @Test("the server's answers come back from their frames", arguments: answers)
    func serverRoundTrip(message: TCSServerMessage) throws {
        let frame = try #require(message.frame)
        #expect(try TCSServerMessage(frame: frame) == message)
    }

    static let answers: [TCSServerMessage] = [
        .metricsAck(AckPublishMetric()), .healthAck(AckPublishHealth()),
        .instanceStatusAck(AckPublishInstanceStatus()), .stop(StopTelemetrySessionMessage()),
        .heartbeat(HeartbeatMessage(messageId: "m")),
        .refusal(.badRequest, ErrorMessage(message: "bad")),
    ]
}
