import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("The cluster query language")
struct ClusterQueryTests {
    static let host: PlacementHost = {
        var record = ContainerInstanceRecord.test("h1", zone: "us-east-1a")
        record.attributes += [
            Attribute(name: "ecs.instance-type", value: "g2.large"), Attribute(name: "stack", value: "10"),
            Attribute(name: "bare"),
        ]
        record.version = AgentVersion(agentVersion: "1.14.5", agentHash: "", runtimeVersion: "")
        record.registeredAt = Timestamp(milliseconds: 1_529_361_508_000)  // 2018-06-18T22:38:28Z
        let tasks = [TaskRecord.test("a", group: "service:production").placed(on: "h1")]
        return PlacementHost(record: record, isConnected: true, tasks: tasks)
    }()

    @Test(
        "answers",
        arguments: [
            ("attribute:ecs.instance-type == g2.large", true),
            ("attribute:ecs.instance-type equals t2.small", false),
            ("attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", true),
            ("attribute:ecs.availability-zone !in ['us-east-1a']", false),
            ("attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", true),
            ("attribute:ecs.instance-type =~ 'g2\\.(small|large)'", true),
            ("attribute:ecs.instance-type =~ g2", false),
            ("attribute:ecs.instance-type !~ t2.*", true),
            ("task:group == service:production", true),
            ("not(task:group == database)", true),
            ("task:group != service:production", false),
            ("runningTasksCount == 1", true),
            ("runningTasksCount >= 2 or agentConnected == true", true),
            ("agentVersion < 1.14.10", true),
            ("agentVersion >= 1.15", false),
            ("registeredAt < 2018-06-19", true),
            ("registeredAt > 2018-06-18T22:38:27Z", true),
            ("registeredAt == 2018-06-19T00:38:28+02:00", true),
            ("attribute:stack exists", true),
            ("attribute:bare exists && attribute:missing !exists", true),
            ("attribute:stack > 9", true),
            ("attribute:missing != x", false),
            ("!(attribute:missing == x)", true),
            ("attribute:stack == 1 || attribute:stack == 10 && agentConnected == false", false),
        ])
    func answers(expression: String, expected: Bool) throws {
        _ = try ClusterQuery(expression)
        var task = TaskRecord.test("b")
        task.placementConstraints = [.memberOf(expression)]
        let snapshot = PlacementSnapshot(hosts: [Self.host])
        #expect(snapshot.rejections(of: task).isEmpty == expected)
    }

    @Test(
        "refuses what it cannot read",
        arguments: [
            "", "attribute:", "colour == red", "attribute:stack is red", "attribute:stack ==", "attribute:stack in red",
            "attribute:stack in [red", "(attribute:stack exists", "attribute:stack exists)", "attribute:stack == 'red",
            "attribute:stack =~ '['", "attribute:stack =~ '(a)\\1'", "attribute:stack =~ 'a++'",
            "attribute:stack =~ '(a'", "attribute:stack =~ '*a'", "attribute:stack =~ 'a{2,1}'",
            "attribute:stack =~ '(?=a)'", "attribute:stack =~ '((a{99}){99}){99}'",
            "attribute:stack =~ '\(String(repeating: "a", count: 201))'", "runningTasksCount == many",
            "registeredAt < yesterday", "agentConnected == 1",
            "attribute:stack exists and", String(repeating: "!", count: 500) + "attribute:stack exists",
            String(repeating: "x", count: 3_000),
        ])
    func refuses(expression: String) {
        #expect(throws: ClusterQueryError.self) { try ClusterQuery(expression) }
    }
}
