import Balancer

extension ConfigurationWriter {
    /// A listener that is served at shared addresses too, by the names of its load balancer.
    private struct Guest {
        var balancer: LoadBalancerPlan
        var listener: ListenerPlan
        var names: [String]
        var isTLS: Bool { listener.transport != .plain }
        var hop: String { "hop:\(Word.name(balancer.id)):\(Word.name(listener.id))" }
    }

    /// One frontend for each shared port. It passes on to the listener's own socket, where requests are counted, logged and
    /// judged as if they had come there; the PROXY protocol says where they came from.
    func shared(_ bound: inout Set<String>, _ text: inout ConfigurationText) {
        guard !plan.sharedAddresses.isEmpty else { return }
        var guests: [Int: [Guest]] = [:]
        for balancer in plan.loadBalancers where !balancer.names.isEmpty {
            for listener in balancer.listeners where excluded[.listener(listener.id)] == nil {
                let subject = BalancerRefusal.Subject.shared(listener: listener.id)
                let names = balancer.names.map { $0.lowercased() }
                let guest = Guest(balancer: balancer, listener: listener, names: names)
                if let reason = obstacle(guest, among: guests[listener.port] ?? []) {
                    text.refuse(subject, reason)
                } else {
                    guests[listener.port, default: []].append(guest)
                }
            }
        }
        for (port, guests) in guests.sorted(by: { $0.key < $1.key }) {
            let taken = bound
            let wrote = text.refusals.count
            text.attempt(.shared(listener: guests.first?.listener.id ?? "")) { text throws(Unwritable) in
                try frontend(port, guests, besides: taken, &text)
            }
            let reason = text.refusals.dropFirst(wrote).first?.reason
            for guest in guests.dropFirst() {
                if let reason { text.refuse(.shared(listener: guest.listener.id), reason) }
            }
        }
    }

    private func obstacle(_ guest: Guest, among others: [Guest]) -> String? {
        if let reason = excluded[.shared(listener: guest.listener.id)] { return reason }
        if guest.balancer.kind == .network, !guest.isTLS {
            return "TCP names no host, so that port \(guest.listener.port) of a shared address cannot be told apart"
        }
        for other in others {
            if other.isTLS != guest.isTLS {
                return
                    "port \(guest.listener.port) of the shared addresses is taken by a listener with another protocol"
            }
            if let name = guest.names.first(where: other.names.contains) {
                return "\(name):\(guest.listener.port) is another listener's"
            }
        }
        return nil
    }

    private func frontend(
        _ port: Int, _ guests: [Guest], besides taken: Set<String>, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        let isTLS = guests.first?.isTLS ?? false
        text.section("frontend shared:\(port)")
        text.add("mode \(isTLS ? "tcp" : "http")")
        for address in plan.sharedAddresses {
            let word = try Address.word(address, port)
            guard !taken.contains(word) else { throw Unwritable("\(word) is another listener's") }
            text.add("bind \(word)")
        }
        // The listener behind has its own, shorter ones.
        text.add("timeout client 6100s", "timeout http-request 60s")
        if isTLS {
            text.add("tcp-request inspect-delay 5s", "tcp-request content accept if { req.ssl_hello_type 1 }")
        }
        let sample = isTLS ? "req.ssl_sni -i" : "req.hdr(host),host_only -i"
        for guest in guests {
            for name in guest.names {
                text.add("use_backend \(guest.hop) if { \(sample) -- \(try Word.escaped(name)) }")
            }
        }
        if !isTLS {
            text.add("default_backend \(Names.sharedNowhere)")
        }
        for guest in guests {
            text.section("backend \(guest.hop)")
            text.add(
                "mode \(isTLS ? "tcp" : "http")", "timeout server 6100s",
                // Each connection is one client's: those of clients that went would else leave no room for others to be kept.
                "server s1 unix@\(files.socket(guest.balancer.id, guest.listener.id)) send-proxy-v2 pool-low-conn 10000"
            )
        }
    }
}
