import AWSWire
import Domain
import ECSShapes
import EventRules
import EventsShapes
import Identifiers
import JSONBytes

extension EventTarget {
    /// The target of a request.
    ///
    /// - Throws: `ValidationException` for what AWS refuses, and for kinds of targets that are not built.
    init(checking shape: EventsShapes.Target, _ scope: Scope) throws(APIFault) {
        self.init(id: shape.id ?? "", arn: shape.arn ?? "")
        try Self.refuseOthers(shape)
        roleARN = shape.roleArn
        input = shape.input
        inputPath = shape.inputPath
        transformer = shape.inputTransformer.map {
            InputTransformer(paths: $0.inputPathsMap ?? [:], template: $0.inputTemplate ?? "")
        }
        maximumRetryAttempts = shape.retryPolicy?.maximumRetryAttempts
        maximumEventAge = shape.retryPolicy?.maximumEventAgeInSeconds
        try checkInput()
        if isHTTP {
            guard TargetAddress.isValid(arn) else { throw invalidArn }
            guard shape.ecsParameters == nil else { throw misplaced("EcsParameters") }
            http = try shape.httpParameters.map { value throws(APIFault) in try EventHTTPParameters(value, of: id) }
        } else if let group = LogGroupID(arn: arn) {
            guard group.scope == scope else {
                throw .validation("Target \(id): log groups of other accounts and regions cannot be reached.")
            }
            guard shape.httpParameters == nil else { throw misplaced("HttpParameters") }
            guard shape.ecsParameters == nil else { throw misplaced("EcsParameters") }
            try checkLogTemplate()
        } else {
            try checkARN(scope)
            guard shape.httpParameters == nil else { throw misplaced("HttpParameters") }
            guard let parameters = shape.ecsParameters else {
                throw .validation("Parameter EcsParameters must be specified for target \(id).")
            }
            tasks = EventTaskParameters(parameters)
            try checkTasks()
        }
    }

    private var invalidArn: APIFault {
        .validation("Parameter Arn of target \(id) is not valid. Reason: Provided Arn is not in correct format.")
    }

    private func misplaced(_ name: String) -> APIFault {
        .validation("Parameter \(name) is not valid for target \(id) with the Arn \(arn).")
    }

    private func checkARN(_ scope: Scope) throws(APIFault) {
        if let arn = ARN(arn), arn.type == "cluster", arn.path.count == 1 {
            guard arn.scope == scope else {
                throw .validation("Target \(id): clusters of other accounts and regions cannot be reached.")
            }
            return
        }
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn" else { throw invalidArn }
        let kind =
            switch parts[2] {
            case "logs": "Of CloudWatch Logs only log groups are targets: arn:aws:logs:REGION:ACCOUNT:log-group:NAME."
            case "events":
                "API destinations and other event buses as targets are not built; for an HTTP endpoint give its address, "
                    + "which begins with http:// or https://, as the Arn."
            default: "Targets of the service '\(parts[2])' are not built."
            }
        throw .validation("Parameter Arn of target \(id) is not valid. Reason: \(kind)")
    }

    /// What a log group is sent of a template is its message and the time that it gets.
    ///
    /// - Source: AWS CDK, `aws-events-targets/lib/log-group-target.ts`, for the one form that EventBridge acts on
    private func checkLogTemplate() throws(APIFault) {
        guard let transformer else { return }
        let sample = InputTemplate(transformer.template).filled { _ in .string("a") }
        let json = try? JSONValue(jsonBytes: Array(sample.utf8))
        guard let members = json?.object, Set(members.keys) == ["timestamp", "message"] else {
            throw .validation(
                "InputTemplate of target \(id) is not valid: for a log group it has the form "
                    + "{\"timestamp\": <timestamp>, \"message\": <message>}.")
        }
    }

    private func checkInput() throws(APIFault) {
        let given = [input != nil, inputPath != nil, transformer != nil].count { $0 }
        guard given <= 1 else {
            throw .validation("Only one of Input, InputPath, or InputTransformer must be provided for target \(id).")
        }
        if let input, (try? JSONValue(jsonBytes: Array(input.utf8))) == nil {
            throw .validation("JSON syntax error in input for target \(id).")
        }
        if let inputPath, JSONPath(inputPath) == nil {
            throw .validation("Invalid InputPath for target \(id).")
        }
        guard let transformer else { return }
        for (name, path) in transformer.paths.sorted(by: { $0.key < $1.key }) {
            if !ResourceName.isValid(name) || JSONPath(path) == nil {
                throw .validation("Invalid InputPathsMap for target \(id): \(name).")
            }
        }
        let known = TargetInput.reserved.union(transformer.paths.keys)
        if let unknown = InputTemplate(transformer.template).names.subtracting(known).min() {
            throw .validation(
                "Invalid InputTemplate for target \(id): the placeholder <\(unknown)> is not in InputPathsMap.")
        }
    }

    /// Whether RunTask would take it, as far as that is known before it runs.
    private func checkTasks() throws(APIFault) {
        if let count = tasks?.count, count > 10 {
            throw .validation("TaskCount of target \(id) must be between 1 and 10, got \(count).")
        }
        do throws(APIFault) {
            try AcceptedSettings.check(.task, ECSShapes.RunTaskRequest(self, input: input))
        } catch {
            throw .validation("EcsParameters of target \(id): \(error.message)")
        }
    }

    private static func refuseOthers(_ shape: EventsShapes.Target) throws(APIFault) {
        let others: [(String, Bool)] = [
            ("KinesisParameters", shape.kinesisParameters != nil),
            ("RunCommandParameters", shape.runCommandParameters != nil),
            ("BatchParameters", shape.batchParameters != nil), ("SqsParameters", shape.sqsParameters != nil),
            ("RedshiftDataParameters", shape.redshiftDataParameters != nil),
            ("SageMakerPipelineParameters", shape.sageMakerPipelineParameters != nil),
            ("AppSyncParameters", shape.appSyncParameters != nil),
            ("DeadLetterConfig", shape.deadLetterConfig != nil),
        ]
        if let first = others.first(where: \.1) {
            throw .validation("\(first.0) of target \(shape.id ?? "") is not supported: there is no such service here.")
        }
    }
}

extension EventHTTPParameters {
    fileprivate init(_ shape: EventsShapes.HttpParameters, of target: String) throws(APIFault) {
        self.init(
            pathValues: shape.pathParameterValues ?? [], headers: shape.headerParameters ?? [:],
            query: shape.queryStringParameters ?? [:])
        for (name, value) in headers.sorted(by: { $0.key < $1.key })
        where !TargetAddress.isHeader(name, value) {
            throw .validation("Invalid header parameter '\(name.prefix(100))' of target \(target).")
        }
    }
}

extension EventTaskParameters {
    fileprivate init(_ shape: EventsShapes.EcsParameters) {
        self.init(taskDefinition: shape.taskDefinitionArn ?? "")
        count = shape.taskCount
        launchType = shape.launchType
        capacityProviderStrategy = (shape.capacityProviderStrategy ?? []).map {
            StrategyItem(provider: $0.capacityProvider ?? "", weight: $0.weight, base: $0.base)
        }
        platformVersion = shape.platformVersion
        network = (shape.networkConfiguration?.awsvpcConfiguration).map {
            NetworkConfiguration(
                subnets: $0.subnets ?? [], securityGroups: $0.securityGroups ?? [],
                assignPublicIP: $0.assignPublicIp == "ENABLED")
        }
        group = shape.group
        placementConstraints = (shape.placementConstraints ?? []).map {
            Placement(type: $0.type ?? "", value: $0.expression)
        }
        placementStrategy = (shape.placementStrategy ?? []).map { Placement(type: $0.type ?? "", value: $0.field) }
        enableECSManagedTags = shape.enableECSManagedTags
        enableExecuteCommand = shape.enableExecuteCommand
        propagateTags = shape.propagateTags
        referenceID = shape.referenceId
        tags = (shape.tags ?? []).map { KeyValue(key: $0.key ?? "", value: $0.value ?? "") }
    }
}

extension EventsShapes.Target {
    /// As it was put.
    init(_ target: EventTarget) {
        self.init(
            id: target.id, arn: target.arn, roleArn: target.roleARN, input: target.input, inputPath: target.inputPath,
            inputTransformer: target.transformer.map {
                EventsShapes.InputTransformer(
                    inputPathsMap: $0.paths.isEmpty ? nil : $0.paths, inputTemplate: $0.template)
            },
            ecsParameters: target.tasks.map(EventsShapes.EcsParameters.init),
            httpParameters: target.http.map {
                EventsShapes.HttpParameters(
                    pathParameterValues: $0.pathValues.nonEmpty,
                    headerParameters: $0.headers.isEmpty ? nil : $0.headers,
                    queryStringParameters: $0.query.isEmpty ? nil : $0.query)
            },
            retryPolicy: target.maximumRetryAttempts == nil && target.maximumEventAge == nil
                ? nil
                : EventsShapes.RetryPolicy(
                    maximumRetryAttempts: target.maximumRetryAttempts,
                    maximumEventAgeInSeconds: target.maximumEventAge))
    }
}

extension EventsShapes.EcsParameters {
    fileprivate init(_ tasks: EventTaskParameters) {
        self.init(
            taskDefinitionArn: tasks.taskDefinition, taskCount: tasks.count, launchType: tasks.launchType,
            networkConfiguration: tasks.network.map {
                EventsShapes.NetworkConfiguration(
                    awsvpcConfiguration: EventsShapes.AwsVpcConfiguration(
                        subnets: $0.subnets, securityGroups: $0.securityGroups.nonEmpty,
                        assignPublicIp: $0.assignPublicIP ? "ENABLED" : "DISABLED"))
            }, platformVersion: tasks.platformVersion, group: tasks.group,
            capacityProviderStrategy: tasks.capacityProviderStrategy.nonEmpty?.map {
                EventsShapes.CapacityProviderStrategyItem(
                    capacityProvider: $0.provider, weight: $0.weight, base: $0.base)
            }, enableECSManagedTags: tasks.enableECSManagedTags, enableExecuteCommand: tasks.enableExecuteCommand,
            placementConstraints: tasks.placementConstraints.nonEmpty?.map {
                EventsShapes.PlacementConstraint(type: $0.type, expression: $0.value)
            },
            placementStrategy: tasks.placementStrategy.nonEmpty?.map {
                EventsShapes.PlacementStrategy(type: $0.type, field: $0.value)
            }, propagateTags: tasks.propagateTags, referenceId: tasks.referenceID,
            tags: tasks.tags.nonEmpty?.map { EventsShapes.Tag(key: $0.key, value: $0.value) })
    }
}
