"""The values that the model allows for strings that are enumerations."""

from .swift import lower_first, string, wrapped


def emit(model):
    lines = ["extension ECSShapes {",
             "    /// What the service model allows, by the name of the enumeration.",
             "    ///",
             "    /// Shapes carry such members as strings, so that a value nobody knows is refused, not fatal.",
             "    public enum Values {"]
    for name in model.enumerations:
        values = wrapped([string(value) for value in model.shapes[name]["enum"]], " " * 12)
        lines += [f"        public static let {lower_first(name)}: [String] = [", values, "        ]"]
    return "\n".join(lines + ["    }", "}", ""])
