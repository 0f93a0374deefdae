import AWSWire
import StateStore
import Testing

@testable import Front

/// HTTP as it is on the wire, byte by byte.
@Suite("A connection", .timeLimit(.minutes(2)))
struct ConnectionTests {
    private static func chunked(_ parts: [String]) -> String {
        parts.map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined() + "0\r\n\r\n"
    }

    @Test("takes bodies in chunks and packed ones, and answers what follows")
    func bodies() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let body = #"{"clusterName":"in-chunks"}"#
                let head = front.head("CreateCluster", Array(body.utf8), port: port)
                try await write(
                    head + "Transfer-Encoding: chunked\r\n\r\n" + Self.chunked(["{\"cluster", "Name\":\"in-chunks\"}"]))
                #expect(try await read("\"status\":\"ACTIVE\"").contains("\"clusterName\":\"in-chunks\""))
                let packed = Gzip.stored(Array(#"{"clusters":["in-chunks"]}"#.utf8))
                let encoding = HTTPMessage.Header("Content-Encoding", "gzip")
                try await write(
                    front.head("DescribeClusters", packed, [encoding], port: port)
                        + "Content-Length: \(packed.count)\r\n\r\n")
                try await write(packed)
                #expect(try await read("\"failures\":[]").contains("in-chunks"))
            }
        }
    }

    @Test("answers requests that were sent at once, in their order")
    func pipelining() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let names = (0..<20).map { "c\($0)" }
                let creations = names.map { front.wire("CreateCluster", #"{"clusterName":"\#($0)"}"#, port: port) }
                try await write(creations.joined() + "GET /_berth/health HTTP/1.1\r\nHost: x\r\n\r\n")
                for name in names { #expect(try await read("\"clusterName\":\"\(name)\"").contains("200 OK")) }
                #expect(try await read("{\"status\":\"ok\"}").contains("200 OK"))
            }
        }
    }

    @Test("answers thousands of requests that came at once, without one on top of the other")
    func longRow() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let health = "GET /_berth/health HTTP/1.1\r\nHost: x\r\n\r\n"
                try await write(String(repeating: health, count: 5_000) + front.wire("ListClusters", port: port))
                for _ in 0..<5_000 { #expect(try await read("{\"status\":\"ok\"}").contains("200 OK")) }
                #expect(try await read("\"clusterArns\":[]}").contains("200 OK"))
            }
        }
    }

    @Test("says to go on when that is waited for, and refuses what it should not go on with")
    func expectations() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let body = #"{"clusterName":"waited"}"#
                try await write(
                    front.head("CreateCluster", Array(body.utf8), port: port)
                        + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
                #expect(try await read("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await write(body)
                #expect(try await read("\"clusterName\":\"waited\"").contains("200 OK"))
                try await write(
                    "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n")
                let refusal = try await read.rest()
                #expect(refusal.contains("413") && !refusal.contains("100 Continue"))
            }
            try await RawClient.run(port) { read, write in
                try await write("POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n")
                #expect(try await read.rest().contains("417 Expectation Failed"))
            }
        }
    }

    @Test("takes a body of 1 MiB, and lets a larger one be sent before it says so")
    func limits() async throws {
        let front = try await FrontHarness()
        let limit = FrontConfiguration().maximumBody
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let body = Array(#"{"clusterName":"large"}"#.utf8)
                let full = body + [UInt8](repeating: 0x20, count: limit - body.count)
                try await write(
                    front.head("CreateCluster", full, port: port) + "Content-Length: \(full.count)\r\n\r\n")
                try await write(full)
                #expect(try await read("\"clusterName\":\"large\"").contains("200 OK"))
                let large = full + [0x20]
                try await write(
                    front.head("CreateCluster", large, port: port) + "Content-Length: \(large.count)\r\n\r\n")
                try await write(large)
                let answer = try await read.rest()
                #expect(answer.contains("413") && answer.contains("RequestEntityTooLargeException"))
            }
            try await RawClient.run(port) { read, write in
                try await write(front.head("CreateCluster", [], port: port) + "Transfer-Encoding: chunked\r\n\r\n")
                let chunk = String(repeating: " ", count: 1 << 16)
                for _ in 0..<20 { try await write("10000\r\n\(chunk)\r\n") }
                try await write("0\r\n\r\n")
                #expect(try await read.rest().contains("RequestEntityTooLargeException"))
            }
        }
    }

    @Test("cuts off heads and bodies that take too long, on the first request and on later ones")
    func slow() async throws {
        let front = try await FrontHarness()
        var configuration = FrontConfiguration(port: 0)
        configuration.headDeadline = .milliseconds(300)
        configuration.bodyDeadline = .milliseconds(300)
        let health = "GET /_berth/health HTTP/1.1\r\nHost: x\r\n"
        try await front.serving(configuration) { port in
            for start in ["", "GET", health, health + "Content-Length: 9\r\n\r\n"] {
                try await RawClient.run(port) { read, write in
                    if !start.isEmpty { try await write(start) }
                    #expect(try await read.rest().isEmpty, "\(start)")
                }
            }
            // A byte now and then keeps nothing open.
            try await RawClient.run(port) { read, write in
                try await write(health + "\r\n")
                _ = try await read("{\"status\":\"ok\"}")
                let clock = ContinuousClock()
                let begin = clock.now
                var cutOff = false
                while !cutOff, clock.now - begin < .seconds(20) {
                    do {
                        try await write("G")
                        try await clock.sleep(for: .milliseconds(20))
                    } catch {
                        cutOff = true
                    }
                }
                #expect(cutOff)
            }
            // An idle connection is no slow request.
            try await RawClient.run(port) { read, write in
                try await write(health + "\r\n")
                _ = try await read("{\"status\":\"ok\"}")
                try await ContinuousClock().sleep(for: .milliseconds(600))
                try await write(health + "\r\n")
                _ = try await read("{\"status\":\"ok\"}")
            }
        }
        #expect(front.store.committed().clusters.count == 0)
    }

    @Test("half a request whose sender left is not answered and does nothing")
    func halfSent() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            let body = #"{"clusterName":"half"}"#
            try await RawClient.run(port) { _, write in
                try await write(
                    front.head("CreateCluster", Array(body.utf8), port: port) + "Content-Length: 900\r\n\r\n" + body)
            }
            try await RawClient.run(port) { read, write in
                try await write(front.wire("ListClusters", port: port))
                _ = try await read("{\"clusterArns\":[]}")
            }
        }
    }

    @Test("speaks HTTP/1.0, with and without keep-alive")
    func oldVersion() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                let head = front.head("ListClusters", Array("{}".utf8), version: "1.0", port: port)
                try await write(head + "Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}")
                #expect(try await read("{\"clusterArns\":[]}").lowercased().contains("connection: keep-alive"))
                try await write(head + "Content-Length: 2\r\n\r\n{}")
                #expect(try await read.rest().lowercased().contains("connection: close"))
            }
        }
    }

    @Test("a signature in the query is refused in words, for POST and GET")
    func presigned() async throws {
        let front = try await FrontHarness()
        let query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb&X-Amz-Signature=00"
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                for line in ["POST \(query)", "GET \(query)&Action=ListClusters"] {
                    try await write(
                        "\(line) HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters"
                            + "\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n\r\n{}")
                    let answer = try await read("Sign with the 'Authorization' header.\"}")
                    #expect(answer.contains("400") && answer.contains("IncompleteSignatureException"))
                }
            }
        }
    }

    @Test(
        "answers other methods and paths with 404 and goes on",
        arguments: ["GET /", "PUT /", "DELETE /", "POST /other", "POST //", "OPTIONS *", "GET /_berth/other"])
    func elsewhere(line: String) async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                for _ in 0..<2 {
                    try await write("\(line) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
                    let answer = try await read(".\"}")
                    #expect(answer.contains("404 Not Found") && answer.contains("UnknownOperationException"))
                }
            }
        }
    }

    @Test(
        "what is no HTTP ends in 400 or a closed connection",
        arguments: [
            "nonsense\r\n\r\n", "BREW / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
            "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\nBad Header\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 100_000) + "\r\n\r\n",
            "GET / HTTP/1.1\r\n" + String(repeating: "A: aaaaaaaa\r\n", count: 10_000) + "\r\n",
        ])
    func malformed(text: String) async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            try await RawClient.run(port) { read, write in
                try await write(text)
                let answer = try await read.rest()
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            }
            try await RawClient.run(port) { read, write in
                try await write(front.wire("ListClusters", port: port))
                _ = try await read("{\"clusterArns\":[]}")
            }
        }
    }
}
