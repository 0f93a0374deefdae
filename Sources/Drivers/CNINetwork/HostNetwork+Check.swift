import TaskNetwork

extension HostNetwork {
    /// Whether tasks could have addresses of `taskRange` here; nothing is changed.
    func check(_ taskRange: String) throws(NetworkError) {
        guard let range = CIDR(taskRange) else {
            throw .failed("The task range '\(taskRange)' is not a range such as 10.99.0.0/16.")
        }
        guard range.prefix <= 24 else {
            throw .failed("The task range \(range) has no room for a /24 block of a host; choose a larger one.")
        }
        if let conflict = try routes.conflict(with: range) {
            throw .overlap("The task range \(range) overlaps \(conflict) of this host; choose another range.")
        }
    }
}
