import NIOCore
import NIOHTTP1

/// What answers the requests of a connection.
protocol HTTPResponder: Sendable {
    /// How large a body this request may have, judged by its head alone.
    func bodyLimit(of head: HTTPMessage) -> Int
    func answer(_ request: HTTPMessage) async -> HTTPAnswer
    /// The answer to a body that is too large.
    func tooLarge(limit: Int) -> HTTPAnswer
}

/// One HTTP/1.1 connection: reads request after request and writes each answer before it reads the next.
struct HTTPExchange {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

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
    private func exchange(
        _ head: HTTPRequestHead, _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        var request = HTTPMessage(head, isSecure: isSecure)
        let limit = responder.bodyLimit(of: request)
        if let announced = head.headers.first(name: "content-length").flatMap({ Int($0) }), announced > limit {
            try await write(responder.tooLarge(limit: limit), keepAlive: false, outbound)
            return false
        }
        if head.headers.contains(name: "expect") {
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        }
        reading: while let part = try await parts.next() {
            switch part {
            case .head, .end: break reading
            case .body(let bytes):
                guard request.body.count + bytes.readableBytes <= limit else {
                    try await write(responder.tooLarge(limit: limit), keepAlive: false, outbound)
                    return false
                }
                request.body += bytes.readableBytesView
            }
        }
        let answer = await responder.answer(request)
        // After a wish for an upgrade nothing is parsed as HTTP any more.
        let keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
        try await write(answer, keepAlive: keepsAlive, outbound)
        return keepsAlive
    }

    private func write(
        _ answer: HTTPAnswer, keepAlive: Bool, _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "content-length", value: String(answer.body.count))
        if !keepAlive { headers.add(name: "connection", value: "close") }
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
