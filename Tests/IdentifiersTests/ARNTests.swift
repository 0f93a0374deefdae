import Identifiers
import Testing

@Suite("Names of resources")
struct ARNTests {
    static let scope = Scope(account: "000000000000", region: "us-east-1")
    static let prefix = "arn:aws:ecs:us-east-1:000000000000:"

    @Test("an ARN is split into its parts and written back as it was")
    func parts() throws {
        let text = Self.prefix + "task/default/0123"
        let arn = try #require(ARN(text))
        #expect(arn == ARN(scope: Self.scope, type: "task", path: ["default", "0123"]))
        #expect(arn.text == text)
    }

    @Test(
        "what is no ARN of ECS is none",
        arguments: [
            "", "task/default/1", "arn:aws:ecs:us-east-1:000000000000", "arn:aws:s3:us-east-1:000000000000:task/a",
            "urn:aws:ecs:us-east-1:000000000000:task/a", "arn:x:ecs:us-east-1:000000000000:task/a", prefix + "task",
            prefix + "task/", prefix + "task//1", prefix + "/task", prefix,
        ])
    func refused(text: String) {
        #expect(ARN(text) == nil)
    }

    @Test("a task's ARN gives its id; another resource's does not")
    func task() {
        let id = TaskID(cluster: ClusterID(scope: Self.scope, name: "default"), id: "0123")
        #expect(TaskID(arn: id.arn) == id)
        #expect(TaskID(arn: Self.prefix + "task/0123") == nil)
        #expect(TaskID(arn: Self.prefix + "service/default/0123") == nil)
    }

    @Test("a container instance's ARN gives its id and the cluster it names")
    func instance() {
        let parsed = ContainerInstanceID.parse(arn: Self.prefix + "container-instance/default/0123")
        #expect(parsed?.id == ContainerInstanceID(scope: Self.scope, id: "0123"))
        #expect(parsed?.cluster == "default")
        #expect(ContainerInstanceID.parse(arn: Self.prefix + "container-instance/0123") == nil)
    }

    @Test("a task definition's ARN needs a family and a revision above 0")
    func definition() {
        let id = TaskDefinitionID(family: FamilyID(scope: Self.scope, name: "web"), revision: 12)
        #expect(id.arn == Self.prefix + "task-definition/web:12")
        #expect(TaskDefinitionID(arn: id.arn) == id)
        for rest in ["web", "web:0", "web:-1", "web:x", ":1", "web:1:2", "web/1:1"] {
            #expect(TaskDefinitionID(arn: Self.prefix + "task-definition/" + rest) == nil)
        }
    }

    @Test("revisions are ordered by number, not by their text")
    func order() {
        let family = FamilyID(scope: Self.scope, name: "web")
        #expect(TaskDefinitionID(family: family, revision: 9) < TaskDefinitionID(family: family, revision: 10))
        #expect(
            TaskDefinitionID(family: FamilyID(scope: Self.scope, name: "api"), revision: 99)
                < TaskDefinitionID(family: family, revision: 1))
    }
}
