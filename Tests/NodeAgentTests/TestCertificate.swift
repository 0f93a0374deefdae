import Foundation
import NIOSSL
import Testing

/// A self-signed certificate for 127.0.0.1, made by the `openssl` program; gone with this object.
final class TestCertificate: Sendable {
    private let directory: TemporaryDirectory

    var certificate: String { directory.path + "/certificate.pem" }
    private var key: String { directory.path + "/key.pem" }

    init() throws {
        directory = try TemporaryDirectory()
        let program = "/usr/bin/openssl"
        try #require(FileManager.default.isExecutableFile(atPath: program), "this test needs \(program)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-subj", "/CN=berth test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl made no certificate")
    }

    func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))))
    }
}
