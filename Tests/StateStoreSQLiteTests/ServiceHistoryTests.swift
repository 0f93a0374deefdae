import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite
import Testing

@Suite("A service in the data file")
struct ServiceHistoryTests {
    private static let id = ServiceID(cluster: ClusterID(scope: Fixture.scope, name: "default"), name: "web")
    private static let definition = TaskDefinitionID(family: FamilyID(scope: Fixture.scope, name: "web"), revision: 1)

    private static func service(definition: TaskDefinitionID?) -> ServiceRecord {
        ServiceRecord(
            id: id, taskDefinition: definition, desiredCount: 2, launchType: .fargate,
            configuration: DeploymentConfiguration(), deployments: [], createdAt: Timestamp(milliseconds: 1),
            createdBy: "root")
    }

    @Test("comes back with its task sets, revisions and service deployments")
    func reopened() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        var deployment = DeploymentRecord(
            id: DeploymentID(rawValue: "ecs-svc/1"), taskDefinition: Self.definition,
            createdAt: Timestamp(milliseconds: 1), launchType: .fargate)
        let revision = ServiceRevisionID(service: Self.id, number: "1")
        deployment.revision = revision
        deployment.rollsBack = DeploymentID(rawValue: "ecs-svc/0")
        var service = Self.service(definition: nil)
        service.controller = .external
        service.taskSets = [TaskSetRecord(deployment: deployment, scale: 33.3)]
        var history = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: Self.id, id: "a"), deployment: deployment, target: revision, sources: [],
            configuration: service.configuration, breaker: .init(status: .triggered, failureCount: 3, threshold: 3))
        history.status = .rollbackInProgress
        history.rollback = .init(
            reason: "r", startedAt: Timestamp(milliseconds: 2), revision: revision, deployment: deployment.id)
        history.tallies = [RevisionTally(revision: revision, requested: 1)]
        let records: [Record] = [
            .service(service), .serviceDeployment(history),
            .serviceRevision(
                ServiceRevisionRecord(
                    id: revision, of: deployment, images: [.init(container: "app", image: "demo", digest: "sha256:a")])),
        ]
        let store = try SQLiteStateStore.open(path: path, now: epoch)
        _ = try await store.commit { transaction in for record in records { transaction.put(record) } }
        store.close()
        let reopened = try SQLiteStateStore.open(path: path, now: epoch)
        for record in records { #expect(reopened.committed().record(record.key) == record) }
        #expect(reopened.committed().openServiceDeployments(of: Self.id).map(\.id.id) == ["a"])
        reopened.close()
    }

    @Test("is written as earlier versions wrote it when it uses nothing newer")
    func plain() throws {
        let data = try JSONEncoder().encode(Self.service(definition: Self.definition))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for key in ["deploymentController", "sets", "inactiveAt", "requestDigest", "createdLaunchType"] {
            #expect(object[key] == nil)
        }
    }
}
