import Domain
import ELBShapes

extension RedirectAction {
    /// - Throws: `validation` for a part that is wrong; `invalidAction` for a redirect to itself or from HTTPS to HTTP.
    /// - Source: Elastic Load Balancing API Reference, RedirectActionConfig
    init(checking shape: ELBShapes.RedirectActionConfig, on listener: TrafficProtocol) throws(BalancingFault) {
        self.init(
            protocol: shape.protocol ?? "#{protocol}", host: shape.host ?? "#{host}", port: shape.port ?? "#{port}",
            path: shape.path ?? "/#{path}", query: shape.query ?? "#{query}",
            isPermanent: shape.statusCode == "HTTP_301")
        guard ["HTTP", "HTTPS", "#{protocol}"].contains(self.protocol) else {
            throw Self.wrong("protocol", self.protocol, "must be HTTP, HTTPS or #{protocol}")
        }
        if listener == .https, self.protocol == "HTTP" {
            throw BalancingFault(.invalidAction, "You cannot redirect from HTTPS to HTTP")
        }
        guard port == "#{port}" || WholeNumber.read(port).map((1...65535).contains) ?? false else {
            throw Self.wrong("port", port, "must be between 1 and 65535, or #{port}")
        }
        guard path.hasPrefix("/") else { throw Self.wrong("path", path, "must begin with '/'") }
        guard !query.hasPrefix("?") else { throw Self.wrong("query", query, "must not begin with '?'") }
        for (name, text) in [("host", host), ("path", path), ("query", query)] {
            try Self.checkText(name, text, least: name == "query" ? 0 : 1)
        }
        let isToItself = self.protocol == "#{protocol}" && host == "#{host}" && port == "#{port}" && path == "/#{path}"
        if isToItself, query == "#{query}" {
            throw BalancingFault(
                .invalidAction,
                "The redirect configuration is not valid because it creates a loop: at least one of protocol, host, "
                    + "port, path and query must differ from the request's")
        }
    }

    private static func wrong(_ part: String, _ value: String, _ why: String) -> BalancingFault {
        BalancingFault(.validation, "Redirect \(part) '\(value.prefix(128))' \(why)")
    }

    /// Printable ASCII without spaces and quotes, in which `#{…}` names a part of the request.
    private static func checkText(_ part: String, _ text: String, least: Int) throws(BalancingFault) {
        guard (least...128).contains(text.utf8.count), text.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw wrong(part, text, "must have \(least) to 128 printable ASCII characters, without spaces")
        }
        var rest = text[...]
        while let start = rest.firstRange(of: "#{") {
            let after = rest[start.upperBound...]
            let name = after.prefix { $0 != "}" }
            guard ["protocol", "host", "port", "path", "query"].contains(String(name)), name.endIndex < after.endIndex
            else {
                throw wrong(part, text, "has a placeholder other than #{protocol}, #{host}, #{port}, #{path}, #{query}")
            }
            rest = after[name.endIndex...]
        }
    }

    /// As callers are shown it.
    var shape: ELBShapes.RedirectActionConfig {
        ELBShapes.RedirectActionConfig(
            protocol: self.protocol, port: port, host: host, path: path, query: query,
            statusCode: isPermanent ? "HTTP_301" : "HTTP_302")
    }
}

extension FixedResponseAction {
    private static let contentTypes = [
        "text/plain", "text/css", "text/html", "application/javascript", "application/json",
    ]

    /// - Throws: `validation` for a part that is wrong.
    /// - Source: Elastic Load Balancing API Reference, FixedResponseActionConfig
    init(checking shape: ELBShapes.FixedResponseActionConfig) throws(BalancingFault) {
        let text = shape.statusCode ?? ""
        guard let status = WholeNumber.read(text), (200...299).contains(status) || (400...599).contains(status) else {
            throw BalancingFault(.validation, "Fixed response status code '\(text.prefix(16))' must be 2XX, 4XX or 5XX")
        }
        if let type = shape.contentType, !type.isEmpty, !Self.contentTypes.contains(type) {
            throw BalancingFault(
                .validation,
                "Fixed response content type '\(type)' must be one of: \(Self.contentTypes.joined(separator: ", "))")
        }
        if let body = shape.messageBody, body.count > 1024 {
            throw BalancingFault(.validation, "Fixed response message body cannot be longer than 1024 characters")
        }
        self.init(
            status: status, contentType: shape.contentType.flatMap { $0.isEmpty ? nil : $0 }, body: shape.messageBody)
    }
}
