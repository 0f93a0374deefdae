import ACMShapes
import AWSWire
import Domain
import Identifiers
import LoadBalancing
import NIOSSL
import StateStore

/// Takes a server certificate with its key; under an ARN that there is, in place of the one before.
///
/// The key is kept for the data plane. No answer, event or log has it.
struct ImportCertificate: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ACMShapes.ImportCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> ACMShapes.ImportCertificateResponse {
        let asked = try CertificateParts(request, now: call.now)
        if request.certificateArn != nil, request.tags?.isEmpty == false {
            throw .invalidParameter("Tags cannot be given when a certificate is imported again.")
        }
        let tags = try CertificateTags.merged(request.tags, into: [])
        let id = CertificateID(scope: call.scope, id: ids.uuid())
        let arn = try await store.write { transaction throws(APIFault) -> String in
            var record = CertificateRecord(
                id: id, certificate: asked.certificate, chain: asked.chain, privateKey: asked.key, facts: asked.facts,
                createdAt: call.now)
            record.tags = tags
            if let old = request.certificateArn {
                let old = try transaction.state.importedCertificate(old)
                (record.id, record.createdAt, record.tags) = (old.id, old.createdAt, old.tags)
            }
            transaction.put(record)
            return record.id.arn
        }
        return ACMShapes.ImportCertificateResponse(certificateArn: arn)
    }
}

/// A certificate, its chain and its key, which belong together.
private struct CertificateParts {
    var certificate: String
    var chain: String?
    var key: SecretText
    var facts: CertificateFacts

    /// - Throws: `ValidationException` naming the part that is wrong, and never its content.
    init(_ request: ACMShapes.ImportCertificateRequest, now: Timestamp) throws(APIFault) {
        certificate = try Self.text(request.certificate, "certificate")
        chain = request.certificateChain == nil ? nil : try Self.text(request.certificateChain, "certificate chain")
        key = SecretText(try Self.text(request.privateKey, "private key"))
        guard let all = PEM.certificates(certificate) else {
            throw .validation("The certificate field must contain a certificate in PEM format.")
        }
        guard all.count == 1 else {
            throw .validation("The certificate field contains more than one certificate. You can specify only one.")
        }
        guard let facts = CertificateFacts(der: all[0]) else {
            throw .validation(
                "The certificate field contains no X.509 certificate with a name and a known kind of key.")
        }
        guard facts.notBefore <= now, now < facts.notAfter else {
            throw .validation("The certificate field contains a certificate that is expired or not yet valid.")
        }
        self.facts = facts
        if let chain, PEM.certificates(chain)?.allSatisfy({ CertificateFacts(der: $0) != nil }) != true {
            throw .validation("The certificate chain must contain certificates in PEM format.")
        }
        try checkKey()
    }

    private static func text(_ base64: String?, _ what: String) throws(APIFault) -> String {
        guard let bytes = Base64.decoded(Array((base64 ?? "").utf8)), !bytes.isEmpty,
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .validation("The \(what) field must contain text in PEM format.") }
        return text
    }

    /// Whether the key is one, and the certificate's.
    private func checkKey() throws(APIFault) {
        let isKey = key.text.contains("PRIVATE KEY-----") && !key.text.contains("ENCRYPTED")
        guard isKey, let parsed = try? NIOSSLPrivateKey(bytes: Array(key.text.utf8), format: .pem) else {
            throw .validation("The private key field must contain a private key in PEM format, not encrypted.")
        }
        guard let leaf = try? NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).first else {
            throw .validation("The certificate field must contain a certificate in PEM format.")
        }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(leaf)], privateKey: .privateKey(parsed))
        guard (try? NIOSSLContext(configuration: configuration)) != nil else {
            throw .validation("The private key does not match the certificate.")
        }
    }
}
