import ECSShapes

extension ECSShapes.Failure {
    static func missing(_ arn: String) -> ECSShapes.Failure { ECSShapes.Failure(arn: arn, reason: "MISSING") }
}
