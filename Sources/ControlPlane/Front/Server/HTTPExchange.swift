import NIOCore
import NIOHTTP1

/// What answers the requests of a connection.
protocol HTTPResponder: Sendable {
    /// How large a body this request may have, judged by its head alone.
    func bodyLimit(of head: HTTPMessage) -> Int
    func answer(_ request: HTTPMessage) async -> HTTPAnswer
    /// The answer to a body that is too large.
    func tooLarge(limit: Int) -> HTTPAnswer
    /// The answer to a header `Expect` that asks for something unknown.
    func unmetExpectation() -> HTTPAnswer
}

/// One HTTP/1 connection: reads request after request and writes each answer before it reads the next.
struct HTTPExchange {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    private typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Bytes of a refused body that are still read: a client that only sends sees the answer when it has sent all, and
    /// loses it to a reset when the connection is closed on it.
    private static let drained = 8 << 20

    let responder: any HTTPResponder
    let isSecure: Bool

    func run(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while case .head(let head)? = try await parts.next() {
                guard try await exchange(head, &parts, outbound) else { return }
            }
        }
    }

    /// Answers one request; false when the connection ends with it.
    private func exchange(_ head: HTTPRequestHead, _ parts: inout Parts, _ outbound: Outbound) async throws -> Bool {
        var request = HTTPMessage(head, isSecure: isSecure)
        let limit = responder.bodyLimit(of: request)
        let waits = head.version != .http1_0 && head.headers.contains(name: "expect")
        if waits, head.headers["expect"].map({ $0.lowercased() }) != ["100-continue"] {
            try await write(responder.unmetExpectation(), for: head, keepAlive: false, outbound)
            return false
        }
        if let announced = head.headers.first(name: "content-length").flatMap({ Int($0) }), announced > limit {
            try await write(responder.tooLarge(limit: limit), for: head, keepAlive: false, outbound)
            if !waits { try await drain(&parts) }
            return false
        }
        if waits { try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue))) }
        switch try await read(&parts, into: &request, limit: limit) {
        case .cutOff: return false
        case .tooLarge:
            try await write(responder.tooLarge(limit: limit), for: head, keepAlive: false, outbound)
            try await drain(&parts)
            return false
        case .complete: break
        }
        let answer = await responder.answer(request)
        // After a wish for an upgrade nothing is parsed as HTTP any more.
        let keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
        try await write(answer, for: head, keepAlive: keepsAlive, outbound)
        return keepsAlive
    }

    private enum BodyEnd { case complete, tooLarge, cutOff }

    private func read(_ parts: inout Parts, into request: inout HTTPMessage, limit: Int) async throws -> BodyEnd {
        while let part = try await parts.next() {
            switch part {
            case .head, .end: return .complete
            case .body(let bytes):
                guard request.body.count + bytes.readableBytes <= limit else { return .tooLarge }
                request.body += bytes.readableBytesView
            }
        }
        return .cutOff
    }

    private func drain(_ parts: inout Parts) async throws {
        var count = 0
        while count < Self.drained, case .body(let bytes)? = try await parts.next() { count += bytes.readableBytes }
    }

    private func write(
        _ answer: HTTPAnswer, for request: HTTPRequestHead, keepAlive: Bool, _ outbound: Outbound
    ) async throws {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "content-length", value: String(answer.body.count))
        if !keepAlive {
            headers.add(name: "connection", value: "close")
        } else if request.version == .http1_0 {
            headers.add(name: "connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        try await outbound.write(
            contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: answer.body))), .end(nil)])
    }
}

extension HTTPMessage {
    init(_ head: HTTPRequestHead, isSecure: Bool) {
        self.init(
            method: head.method.rawValue, target: head.uri,
            headers: head.headers.map { Header($0.name, $0.value) }, isSecure: isSecure)
    }
}
