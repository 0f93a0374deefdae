import TaskRuntime

/// Finds the numbers behind `user`, `uid`, `user:group`, `uid:gid` in an image's own files.
struct UserLookup {
    /// Contents of `/etc/passwd` and `/etc/group`, empty when the image has none.
    var passwd: String
    var group: String

    /// The first group is among the additional ones too: a file's rights against that group would else not hold.
    ///
    /// - Throws: `.invalid` when a name is unknown, in Docker's words.
    func resolve(_ user: String) throws(Failure) -> OCISpec.User {
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        let wantedID = name.isEmpty ? 0 : number(name)
        let entry = account { $0.name == name } ?? wantedID.flatMap { uid in account { $0.uid == uid } }
        guard let uid = entry?.uid ?? wantedID else {
            throw .invalid("unable to find user \(name): no matching entries in passwd file")
        }
        if parts.count > 1, let wanted = parts.last, !wanted.isEmpty {
            let gid = try groupNumber(wanted)
            return OCISpec.User(uid: uid, gid: gid, additionalGids: [gid])
        }
        let gid = entry?.gid ?? 0
        let extra = entry.map { memberships(of: $0.name).filter { $0 != gid } } ?? []
        return OCISpec.User(uid: uid, gid: gid, additionalGids: [gid] + extra)
    }

    private func groupNumber(_ text: String) throws(Failure) -> UInt32 {
        if let named = groups.first(where: { $0.name == text }) { return named.gid }
        if let parsed = number(text) { return parsed }
        throw .invalid("unable to find group \(text): no matching entries in group file")
    }

    private func number(_ text: String) -> UInt32? {
        UInt32(text).flatMap { $0 <= UInt32(Int32.max) ? $0 : nil }
    }

    private func account(
        where matches: ((name: String, uid: UInt32, gid: UInt32)) -> Bool
    ) -> (name: String, uid: UInt32, gid: UInt32)? {
        for line in passwd.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { continue }
            let entry = (name: String(fields[0]), uid: uid, gid: gid)
            if matches(entry) { return entry }
        }
        return nil
    }

    private var groups: [(name: String, gid: UInt32, members: [Substring])] {
        group.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, let gid = UInt32(fields[2]) else { return nil }
            return (String(fields[0]), gid, fields[3].split(separator: ","))
        }
    }

    private func memberships(of name: String) -> [UInt32] {
        groups.filter { $0.members.contains { $0 == name } }.map(\.gid)
    }
}
