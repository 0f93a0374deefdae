public import AWSWire
public import Domain
public import Identifiers
public import JSONBytes
import ScalingShapes

/// A policy as PutScalingPolicy takes it, outside of a call.
public enum ScalingPolicyFile {
    /// The rule of a request's JSON; members that say nothing of it are passed over. nil where there is none.
    ///
    /// - Throws: what the call would be answered with.
    public static func rule(_ json: JSONValue, scope: Scope) throws(APIFault) -> ScalingPolicyRecord.Rule? {
        let request: ScalingShapes.PutScalingPolicyRequest
        do throws(JSONError) {
            request = try ScalingShapes.PutScalingPolicyRequest(jsonBytes: json.jsonBytes())
        } catch {
            throw APIFault(error)
        }
        return try ScalingPolicyRecord.Rule(request, scope)
    }
}
