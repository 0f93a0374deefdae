import Testing

@testable import ContainerdRuntime

@Suite("What the kernel counts of a container")
struct CgroupCountersTests {
    @Test("bytes of disks, in both kinds of cgroups")
    func disks() {
        let unified = "8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2\n"
        #expect(Cgroups.sum(of: "rbytes=", in: unified) == 101)
        #expect(Cgroups.sum(of: "wbytes=", in: unified) == 22)
        let old = Cgroups.serviceBytes("8:0 Read 5\n8:0 Write 7\n8:0 Sync 12\n8:16 Read 1\nTotal 13\n")
        #expect(old == (6, 7))
    }

    @Test("bytes of all interfaces but the loopback one")
    func network() {
        let text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
              eth0: 100 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0
              eth1:7 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0
            """
        #expect(Cgroups.interfaceBytes(text) == (107, 43))
        #expect(Cgroups.interfaceBytes("nonsense: 1 2") == (0, 0))
    }
}
