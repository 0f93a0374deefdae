import ACMShapes
import AWSWire
import Domain
import Identifiers
import LoadBalancing
import ShapeRules
import StateStore

struct DescribeCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.DescribeCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> ACMShapes.DescribeCertificateResponse {
        let state = store.committed()
        let record = try state.importedCertificate(request.certificateArn)
        return ACMShapes.DescribeCertificateResponse(
            certificate: record.detail(usedBy: state.loadBalancers(with: record.id), now: call.now))
    }
}

/// Gives back a certificate and its chain, and never its key.
struct GetCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.GetCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> ACMShapes.GetCertificateResponse {
        let record = try store.committed().importedCertificate(request.certificateArn)
        return ACMShapes.GetCertificateResponse(certificate: record.certificate, certificateChain: record.chain)
    }
}

struct ListCertificates: OperationHandler {
    /// What is listed when the caller names no kinds of keys.
    private static let standardKeys = ["RSA_1024", "RSA_2048"]

    let store: any StateStore

    func answer(
        _ request: ACMShapes.ListCertificatesRequest, _ call: APICall
    ) async throws(APIFault) -> ACMShapes.ListCertificatesResponse {
        let filters = request.includes
        guard filters?.keyUsage ?? [] == [], filters?.extendedKeyUsage ?? [] == [] else {
            throw .unsupportedFeature("Certificates cannot be listed by the usage of their keys.")
        }
        guard request.sortBy == nil, request.sortOrder == nil else {
            throw .unsupportedFeature("Certificates cannot be sorted.")
        }
        let state = store.committed()
        let keys = filters?.keyTypes ?? Self.standardKeys
        // None can be exported, and none is managed by a service.
        let isNone = filters?.exportOption == "ENABLED" || filters?.managedBy != nil
        let records = state.certificates.values().map { $0.1 }.filter { record in
            !isNone && record.id.scope == call.scope && keys.contains(record.keyWord)
                && (request.certificateStatuses?.contains(record.status(call.now)) ?? true)
        }
        let paging = try Paging.ofEvents(request.maxItems, request.nextToken)
        let (page, token) = paging.page(records) { $0.id.id }
        return ACMShapes.ListCertificatesResponse(
            nextToken: token,
            certificateSummaryList: page.map {
                $0.summary(isUsed: !state.loadBalancers(with: $0.id).isEmpty, now: call.now)
            })
    }
}

struct DeleteCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.DeleteCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        try await store.write { transaction throws(APIFault) in
            let record = try transaction.state.importedCertificate(request.certificateArn)
            guard transaction.state.loadBalancers(with: record.id).isEmpty else {
                throw .resourceInUse("Certificate \(record.id.arn) is in use.")
            }
            transaction.delete(.certificate(record.id))
        }
        return EmptyResponse()
    }
}

extension CertificateRecord {
    fileprivate func status(_ now: Timestamp) -> String { now < facts.notAfter ? "ISSUED" : "EXPIRED" }

    /// The kind of its key as filters and summaries name it.
    fileprivate var keyWord: String { facts.keyAlgorithm.replacing("-", with: "_") }

    fileprivate func detail(usedBy users: [LoadBalancerID], now: Timestamp) -> ACMShapes.CertificateDetail {
        ACMShapes.CertificateDetail(
            certificateArn: id.arn, domainName: facts.domain, subjectAlternativeNames: facts.alternativeNames,
            serial: facts.serial, subject: facts.subject, issuer: facts.issuer, createdAt: createdAt.acm,
            importedAt: importedAt.acm, status: status(now), notBefore: facts.notBefore.acm,
            notAfter: facts.notAfter.acm, keyAlgorithm: facts.keyAlgorithm,
            signatureAlgorithm: facts.signatureAlgorithm, inUseBy: users.map(\.arn), type: "IMPORTED",
            renewalEligibility: "INELIGIBLE",
            options: ACMShapes.CertificateOptions(certificateTransparencyLoggingPreference: "DISABLED"))
    }

    fileprivate func summary(isUsed: Bool, now: Timestamp) -> ACMShapes.CertificateSummary {
        ACMShapes.CertificateSummary(
            certificateArn: id.arn, domainName: facts.domain, subjectAlternativeNameSummaries: facts.alternativeNames,
            hasAdditionalSubjectAlternativeNames: false, status: status(now), type: "IMPORTED", keyAlgorithm: keyWord,
            inUse: isUsed, exported: false, renewalEligibility: "INELIGIBLE", notBefore: facts.notBefore.acm,
            notAfter: facts.notAfter.acm, createdAt: createdAt.acm, importedAt: importedAt.acm)
    }
}

extension Timestamp {
    fileprivate var acm: WireTimestamp { WireTimestamp(milliseconds: milliseconds) }
}
