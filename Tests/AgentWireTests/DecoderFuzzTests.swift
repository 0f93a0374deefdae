import AgentWire
import Identifiers
import Testing

@Suite("Frames from hostile peers")
struct DecoderFuzzTests {
    @Test("random bytes are refused or read, and never trap", arguments: 1...8)
    func randomBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0..<200, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            read(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("damaged real frames are refused or read, and never trap", arguments: 1...8)
    func damagedFrames(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames =
            try Recording.lines("acs-from-agent") + Recording.lines("acs-from-server") + Recording.telemetry()
        var damaged = 0
        for frame in frames {
            for _ in 0..<60 {
                var bytes = Array(frame.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    case 2: bytes.insert(contentsOf: "-9223372036854775809e999".utf8, at: index)
                    default: bytes.removeSubrange(index...)
                    }
                    if bytes.isEmpty { break }
                }
                read(String(decoding: bytes, as: UTF8.self))
                damaged += 1
            }
        }
        #expect(damaged == frames.count * 60)
    }

    @Test("nesting without end is refused")
    func nesting() {
        let text = #"{"type":"PayloadMessage","message":"# + String(repeating: "[", count: 100_000)
        #expect(throws: FrameError.self) { try ACSServerMessage(frame: text) }
    }

    /// Whatever a reader throws must be a `FrameError`: the compiler holds it to that.
    private func read(_ text: String) {
        do throws(FrameError) { _ = try ACSAgentMessage(frame: text).frame } catch {}
        do throws(FrameError) {
            if case .payload(let payload) = try ACSServerMessage(frame: text) {
                for task in payload.tasks { _ = try? task.berth?.decodedAssignment() }
            }
        } catch {}
        do throws(FrameError) { _ = try TCSAgentMessage(json: TCSFrame(text: text).json).json } catch {}
        do throws(FrameError) { _ = try TCSServerMessage(frame: text).frame } catch {}
    }
}
