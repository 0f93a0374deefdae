extension ClusterQuery {
    /// Whether the expression holds for the host.
    public func admits(_ host: PlacementHost) -> Bool {
        var evaluator = ClusterQueryEvaluator()
        return evaluator.admits(host, self)
    }
}
