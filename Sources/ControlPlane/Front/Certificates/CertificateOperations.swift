import ACMShapes
import AWSWire
import Domain
import Identifiers
import ShapeRules
import StateStore

/// The operations of Certificate Manager on certificates that were imported; none is issued here.
enum CertificateOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let store = ports.store
        return [
            Operation(ImportCertificate(store: store, ids: ports.ids)), Operation(DescribeCertificate(store: store)),
            Operation(GetCertificate(store: store)), Operation(ListCertificates(store: store)),
            Operation(DeleteCertificate(store: store)), Operation(AddTagsToCertificate(store: store)),
            Operation(RemoveTagsFromCertificate(store: store)), Operation(ListTagsForCertificate(store: store)),
        ]
    }
}

extension StateSnapshot {
    /// - Throws: `InvalidArnException`, `ResourceNotFoundException`.
    func importedCertificate(_ arn: String?) throws(APIFault) -> CertificateRecord {
        let arn = arn ?? ""
        guard let id = CertificateID(arn: arn) else {
            throw APIFault("InvalidArnException", message: "'\(arn.prefix(256))' is not the ARN of a certificate")
        }
        guard let record = certificates[id] else {
            throw .resourceNotFound("Could not find certificate \(arn.prefix(256)).")
        }
        return record
    }

    /// The load balancers whose listeners have the certificate, each once.
    func loadBalancers(with certificate: CertificateID) -> [LoadBalancerID] {
        var found: [LoadBalancerID] = []
        for (id, listener) in listeners.values() where listener.certificates.contains(certificate) {
            if found.last != id.loadBalancer { found.append(id.loadBalancer) }
        }
        return found
    }
}

/// Tags of certificates.
enum CertificateTags {
    /// - Throws: `InvalidTagException`, `TooManyTagsException`.
    static func merged(_ tags: [ACMShapes.Tag]?, into old: [KeyValue]) throws(APIFault) -> [KeyValue] {
        var new: [KeyValue] = []
        for tag in tags ?? [] {
            let key = tag.key ?? ""
            guard (1...128).contains(key.count), tag.value?.count ?? 0 <= 256 else {
                throw APIFault(
                    "InvalidTagException", message: "A tag's key has 1 to 128 characters, its value at most 256")
            }
            guard !Tags.isReserved(key), !new.contains(where: { $0.key == key }) else {
                throw APIFault("InvalidTagException", message: "The tag key '\(key)' is reserved or given twice")
            }
            new.append(KeyValue(key: key, value: tag.value ?? ""))
        }
        do throws(APIFault) { return try Tags.merged(new, into: old) } catch {
            throw APIFault("TooManyTagsException", message: "A certificate can have at most \(Tags.limit) tags")
        }
    }
}

struct AddTagsToCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.AddTagsToCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.importedCertificate(request.certificateArn)
            record.tags = try CertificateTags.merged(request.tags, into: record.tags)
            transaction.put(record)
        }
        return EmptyResponse()
    }
}

/// Takes tags away: one with a value only if the tag has that value.
struct RemoveTagsFromCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.RemoveTagsFromCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.importedCertificate(request.certificateArn)
            record.tags.removeAll { tag in
                (request.tags ?? []).contains { $0.key == tag.key && ($0.value == nil || $0.value == tag.value) }
            }
            transaction.put(record)
        }
        return EmptyResponse()
    }
}

struct ListTagsForCertificate: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ACMShapes.ListTagsForCertificateRequest, _ call: APICall
    ) async throws(APIFault) -> ACMShapes.ListTagsForCertificateResponse {
        let record = try store.committed().importedCertificate(request.certificateArn)
        return ACMShapes.ListTagsForCertificateResponse(
            tags: record.tags.map { ACMShapes.Tag(key: $0.key, value: $0.value) })
    }
}
