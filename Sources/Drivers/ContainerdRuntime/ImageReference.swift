/// Names of images as people write them, and as containerd keeps them.
public enum ImageReference {
    /// The full name: `web` is `docker.io/library/web:latest`.
    public static func normalized(_ reference: String) -> String {
        var name = reference
        let first = reference.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let hasRegistry =
            reference.contains("/") && (first.contains(".") || first.contains(":") || first == "localhost")
        if !hasRegistry { name = "docker.io/" + (reference.contains("/") ? "" : "library/") + reference }
        if name.contains("@") { return name }
        let last = name.split(separator: "/").last ?? ""
        return last.contains(":") ? name : name + ":latest"
    }
}
