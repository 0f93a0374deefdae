import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Adds a certificate to those that clients get by their server name.
struct AddListenerCertificates: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.AddListenerCertificatesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.AddListenerCertificatesOutput {
        let given = request.certificates ?? []
        let added = try await store.write { transaction throws(APIFault) -> [CertificateID] in
            var record = try transaction.state.encryptedListener(request.listenerArn)
            var added: [CertificateID] = []
            for shape in given {
                guard shape.isDefault == nil else {
                    throw .validation("IsDefault cannot be specified for a certificate")
                }
                let certificate = try transaction.state.certificate(shape.certificateArn)
                added.append(certificate)
                if !record.certificates.contains(certificate) { record.certificates.append(certificate) }
            }
            guard record.certificates.count <= BalancingLimits.certificates + 1 else {
                throw .tooMany("Certificates", limit: BalancingLimits.certificates)
            }
            transaction.put(record)
            return added
        }
        return ELBShapes.AddListenerCertificatesOutput(
            certificates: added.map { ELBShapes.Certificate(certificateArn: $0.arn, isDefault: false) })
    }
}

struct RemoveListenerCertificates: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.RemoveListenerCertificatesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.RemoveListenerCertificatesOutput {
        let arns = Set((request.certificates ?? []).compactMap(\.certificateArn))
        try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.encryptedListener(request.listenerArn)
            if let first = record.certificates.first, arns.contains(first.arn) {
                throw .operationNotPermitted(
                    "The default certificate '\(first.arn)' cannot be removed from its listener")
            }
            record.certificates.removeAll { arns.contains($0.arn) }
            transaction.put(record)
        }
        return ELBShapes.RemoveListenerCertificatesOutput()
    }
}

struct DescribeListenerCertificates: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeListenerCertificatesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeListenerCertificatesOutput {
        let record = try store.committed().listener(request.listenerArn)
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(record.certificates.sorted()) { $0.arn }
        return ELBShapes.DescribeListenerCertificatesOutput(
            certificates: page.map {
                ELBShapes.Certificate(certificateArn: $0.arn, isDefault: $0 == record.certificates.first)
            }, nextMarker: marker)
    }
}

extension StateSnapshot {
    /// - Throws: `ListenerNotFound`; `ValidationError` for a listener without TLS.
    fileprivate func encryptedListener(_ arn: String?) throws(APIFault) -> ListenerRecord {
        let record = try listener(arn)
        guard record.protocol.isEncrypted else {
            throw .validation(
                "Listener '\(record.id.arn)' has no certificates: its protocol is \(record.protocol.wire)")
        }
        return record
    }
}
