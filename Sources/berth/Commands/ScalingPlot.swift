import Domain
import Foundation
import Scaling

/// A simulation as an SVG picture: load and metric above, desired and running below.
struct ScalingPlot {
    private let simulation: ScalingSimulation
    private let points: [ScalingSimulation.Point]

    private enum Color {
        static let load = "gray"
        static let metric = "steelblue"
        static let target = "firebrick"
        static let desired = "darkorange"
        static let running = "seagreen"
    }

    private static let width = 960.0
    private static let panel = 200.0
    private static let side = 60.0
    private static let top = 40.0
    private static let gap = 50.0

    init(_ simulation: ScalingSimulation, _ points: [ScalingSimulation.Point]) {
        self.simulation = simulation
        self.points = points
    }

    var text: String {
        let lower = Self.top + Self.panel + Self.gap
        let height = lower + Self.panel + 40
        var parts = [
            Self.element("rect", ["width": "100%", "height": "100%", "fill": "white"]),
            violations(from: Self.top, to: lower + Self.panel),
            frame(Self.top, "load per minute", most: loadMost),
            Self.text(metricTitle, x: Self.width - Self.side, y: Self.top - 8, "end", Color.metric),
            Self.text(
                Self.digits(metricMost), x: Self.width - Self.side + 5, y: Self.top + 10, "start", Color.metric),
            line(points.map(\.load), most: loadMost, top: Self.top, Color.load),
            line(points.map { $0.metric ?? 0 }, most: metricMost, top: Self.top, Color.metric),
            target(Self.top),
        ]
        parts += [
            frame(lower, "tasks: desired orange, running green", most: tasksMost),
            steps(points.map { Double($0.desired) }, top: lower, Color.desired),
            steps(points.map { Double($0.running) }, top: lower, Color.running),
            hours(lower + Self.panel + 20),
        ]
        let attributes = [
            "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(Self.digits(Self.width)) \(Self.digits(height))",
            "font-family": "sans-serif", "font-size": "12",
        ]
        return Self.element("svg", attributes, "\n" + parts.joined(separator: "\n") + "\n") + "\n"
    }

    private var metricTitle: String { tracked == nil ? "metric" : "metric; target dashed, above it shaded" }
    private var loadMost: Double { max(1, points.map(\.load).max() ?? 1) }
    private var metricMost: Double { max(1, points.compactMap(\.metric).max() ?? 1, tracked ?? 1) }
    private var tasksMost: Double { Double(max(1, points.map { max($0.desired, $0.running) }.max() ?? 1)) }

    private var tracked: Double? {
        if case .targetTracking(let policy)? = simulation.policies.first?.rule { policy.target } else { nil }
    }

    // MARK: Places

    private func x(_ index: Int) -> Double {
        Self.side + (Self.width - 2 * Self.side) * Double(index) / Double(max(1, points.count - 1))
    }

    private func y(_ value: Double, _ most: Double, _ top: Double) -> Double {
        top + Self.panel * (1 - min(1, max(0, value / most)))
    }

    // MARK: Parts

    private func line(_ values: [Double], most: Double, top: Double, _ color: String) -> String {
        Self.polyline(values.enumerated().map { (x($0), y($1, most, top)) }, color)
    }

    /// A count holds until it is another one.
    private func steps(_ values: [Double], top: Double, _ color: String) -> String {
        var path: [(Double, Double)] = []
        for (index, value) in values.enumerated() {
            if index > 0 { path.append((x(index), y(values[index - 1], tasksMost, top))) }
            path.append((x(index), y(value, tasksMost, top)))
        }
        return Self.polyline(path, color)
    }

    private func target(_ top: Double) -> String {
        guard let tracked else { return "" }
        let height = Self.digits(y(tracked, metricMost, top))
        return Self.element(
            "line",
            [
                "x1": Self.digits(Self.side), "x2": Self.digits(Self.width - Self.side), "y1": height, "y2": height,
                "stroke": Color.target, "stroke-dasharray": "5 4",
            ])
    }

    /// The times above the target, as bands behind both panels.
    private func violations(from top: Double, to bottom: Double) -> String {
        var bands: [ClosedRange<Int>] = []
        for (index, point) in points.enumerated() where point.isViolation {
            if let last = bands.last, last.upperBound == index - 1 {
                bands[bands.count - 1] = last.lowerBound...index
            } else {
                bands.append(index...index)
            }
        }
        return bands.map { band in
            Self.element(
                "rect",
                [
                    "x": Self.digits(x(band.lowerBound)), "y": Self.digits(top),
                    "width": Self.digits(max(1, x(band.upperBound) - x(band.lowerBound))),
                    "height": Self.digits(bottom - top), "fill": Color.target, "fill-opacity": "0.1",
                ])
        }.joined(separator: "\n")
    }

    private func frame(_ top: Double, _ title: String, most: Double) -> String {
        [
            Self.element(
                "rect",
                [
                    "x": Self.digits(Self.side), "y": Self.digits(top),
                    "width": Self.digits(Self.width - 2 * Self.side),
                    "height": Self.digits(Self.panel), "fill": "none", "stroke": "black",
                ]),
            Self.text(title, x: Self.side, y: top - 8, "start"),
            Self.text(Self.digits(most), x: Self.side - 5, y: top + 10, "end"),
            Self.text("0", x: Self.side - 5, y: top + Self.panel, "end"),
        ].joined(separator: "\n")
    }

    private func hours(_ y: Double) -> String {
        let stride = max(1, points.count / 8)
        return points.indices.filter { $0 % stride == 0 }
            .map { Self.text(ScalingReport.clock(points[$0].time), x: x($0), y: y, "middle") }
            .joined(separator: "\n")
    }

    // MARK: Elements

    private static func polyline(_ path: [(Double, Double)], _ color: String) -> String {
        element(
            "polyline",
            [
                "fill": "none", "stroke": color, "stroke-width": "1.5",
                "points": path.map { "\(digits($0.0)),\(digits($0.1))" }.joined(separator: " "),
            ])
    }

    private static func text(
        _ text: String, x: Double, y: Double, _ anchor: String, _ color: String = "black"
    ) -> String {
        element("text", ["x": digits(x), "y": digits(y), "text-anchor": anchor, "fill": color], text)
    }

    /// Of plain words and numbers: nothing in it has to be escaped.
    private static func element(_ name: String, _ attributes: [String: String], _ content: String? = nil) -> String {
        let head = ([name] + attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" })
            .joined(separator: " ")
        return content.map { "<\(head)>\($0)</\(name)>" } ?? "<\(head)/>"
    }

    private static func digits(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(format: "%.1f", value)
    }
}
