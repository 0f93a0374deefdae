import ECSShapes
import JSONBytes
import ShapeRules
import Testing

@Suite("Constraints of the service model")
struct ShapeConstraintTests {
    @Test("a request that keeps every rule has no violation")
    func acceptsGood() {
        let request = ECSShapes.CreateServiceRequest(
            serviceName: "web", launchType: "FARGATE", tags: [ECSShapes.Tag(key: "Größe é 1", value: "a b:/=+-@_.")])
        #expect(request.violations().isEmpty)
        #expect(ECSShapes.ListClustersRequest().violations().isEmpty)
    }

    @Test(
        "what is required and absent is named",
        arguments: [
            (ECSShapes.CreateServiceRequest().violations(), ["ServiceName cannot be empty."]),
            (ECSShapes.DescribeTasksRequest().violations(), ["Tasks cannot be empty."]),
            (
                ECSShapes.RegisterTaskDefinitionRequest().violations(),
                ["Family cannot be empty.", "ContainerDefinitions cannot be empty."]
            ),
            (
                ECSShapes.RegisterTaskDefinitionRequest(
                    family: "web",
                    containerDefinitions: [
                        .init(), .init(logConfiguration: ECSShapes.LogConfiguration()),
                        .init(ulimits: [.init(name: "core")]),
                    ]
                ).violations(),
                [
                    "containerDefinitions[1].logConfiguration.logDriver cannot be empty.",
                    "containerDefinitions[2].ulimits[0].softLimit cannot be empty.",
                    "containerDefinitions[2].ulimits[0].hardLimit cannot be empty.",
                ]
            ),
        ])
    func namesMissing(violations: [ShapeViolation], expected: [String]) {
        #expect(violations.map(\.message) == expected)
    }

    @Test(
        "a value that breaks a rule is named with the rule",
        arguments: [
            (
                ECSShapes.RunTaskRequest(launchType: "fargate", taskDefinition: "web").violations(),
                "Invalid value 'fargate' for parameter 'launchType'. "
                    + "Valid values are [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]."
            ),
            (
                ECSShapes.DescribeTasksRequest(tasks: [], include: ["TAGS", "x"]).violations(),
                "Invalid value 'x' for parameter 'include[1]'. Valid values are [TAGS]."
            ),
            (
                ECSShapes.RunTaskRequest(
                    capacityProviderStrategy: [.init(capacityProvider: "FARGATE", weight: 1001)], taskDefinition: "web"
                ).violations(),
                "Invalid value '1001' for parameter 'capacityProviderStrategy[0].weight'. It must be between 0 and 1000."
            ),
            (
                ECSShapes.RunTaskRequest(tags: [.init(key: "", value: "")], taskDefinition: "web").violations(),
                "Invalid value '' for parameter 'tags[0].key'. Its length must be between 1 and 128 characters."
            ),
            (
                ECSShapes.RunTaskRequest(tags: [.init(key: "a", value: "<b>")], taskDefinition: "web").violations(),
                "Invalid value '<b>' for parameter 'tags[0].value'. "
                    + #"It must match the pattern ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)."#
            ),
            (
                ECSShapes.UntagResourceRequest(resourceArn: "arn", tagKeys: ["ok", "no!"]).violations(),
                #"Invalid value 'no!' for parameter 'tagKeys[1]'. It must match the pattern ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)."#
            ),
            (
                ECSShapes.TagResourceRequest(resourceArn: "arn", tags: (0...50).map { .init(key: "k\($0)") })
                    .violations(),
                "Parameter 'tags' has 51 elements. It must have at most 50."
            ),
        ])
    func namesWrong(violations: [ShapeViolation], expected: String) {
        #expect(violations.map(\.message) == [expected])
    }

    @Test("what the documentation allows beyond the model is accepted")
    func acceptsFurtherValues() {
        let request = ECSShapes.PutAccountSettingRequest(name: "dualStackIPv6", value: "enabled")
        #expect(request.violations().isEmpty)
    }

    @Test("the list of violations and each value in it stay short")
    func staysShort() {
        let long = String(repeating: "é", count: 5000)
        let request = ECSShapes.TagResourceRequest(
            resourceArn: "arn", tags: (0..<1000).map { _ in .init(key: long, value: "") })
        let violations = request.violations()
        #expect(violations.count == 10)
        #expect(violations.allSatisfy { $0.value.count <= 101 })
    }

    @Test("task definitions are refused as ClientException, the rest as InvalidParameterException")
    func violationCodes() {
        #expect(ECSOperation.registerTaskDefinition.violationCode == "ClientException")
        #expect(ECSOperation.createService.violationCode == "InvalidParameterException")
    }
}
