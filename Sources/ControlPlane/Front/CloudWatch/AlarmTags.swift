import AWSWire
import CloudWatchShapes
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Tags of alarms; nothing else of CloudWatch has any here.
enum AlarmTags {
    /// - Throws: `InvalidParameterValueException` for more than 50 tags, doubled keys and the reserved prefix `aws:`.
    static func checked(_ tags: [CloudWatchShapes.Tag]?) throws(APIFault) -> [KeyValue] {
        do throws(APIFault) {
            return try Tags.checked(tags?.map { ECSShapes.Tag(key: $0.key, value: $0.value) })
        } catch {
            throw .invalidParameterValue(error.message)
        }
    }

    /// - Throws: `ResourceNotFoundException` unless the ARN is that of an alarm.
    static func alarm(_ arn: String?, _ call: APICall, in state: StateSnapshot) throws(APIFault) -> AlarmRecord {
        let arn = arn ?? ""
        let start = AlarmID(scope: call.scope, name: "").arn
        guard arn.hasPrefix("arn:") else {
            throw .invalidParameterValue("The value \(arn.prefix(200)) for parameter ResourceARN is invalid.")
        }
        guard arn.hasPrefix(start),
            let alarm = state.alarms[AlarmID(scope: call.scope, name: String(arn.dropFirst(start.count)))]
        else { throw .taggedAlarmNotFound(arn) }
        return alarm
    }
}

struct TagAlarm: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.TagResourceInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.TagResourceOutput {
        let new = try AlarmTags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            var alarm = try AlarmTags.alarm(request.resourceARN, call, in: transaction.state)
            do throws(APIFault) { alarm.tags = try Tags.merged(new, into: alarm.tags) } catch {
                throw .invalidParameterValue(error.message)
            }
            transaction.put(alarm)
        }
        return CloudWatchShapes.TagResourceOutput()
    }
}

struct UntagAlarm: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.UntagResourceInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.UntagResourceOutput {
        let keys = Set(request.tagKeys ?? [])
        try await store.write { transaction throws(APIFault) in
            var alarm = try AlarmTags.alarm(request.resourceARN, call, in: transaction.state)
            alarm.tags.removeAll { keys.contains($0.key) }
            transaction.put(alarm)
        }
        return CloudWatchShapes.UntagResourceOutput()
    }
}

struct ListTagsOfAlarm: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.ListTagsForResourceInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.ListTagsForResourceOutput {
        let alarm = try AlarmTags.alarm(request.resourceARN, call, in: store.committed())
        return CloudWatchShapes.ListTagsForResourceOutput(
            tags: alarm.tags.map { CloudWatchShapes.Tag(key: $0.key, value: $0.value) })
    }
}
