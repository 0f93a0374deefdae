"""The values and patterns that the model allows for strings."""

import re

from .swift import lower_first, string, wrapped

CATEGORIES = {r"\p{L}": ".letters", r"\p{Z}": ".separators", r"\p{N}": ".numbers"}


def emit(model):
    lines = ["import ShapeRules", "", f"extension {model.namespace} {{",
             "    /// What the service model allows, by the name of the enumeration.",
             "    ///",
             "    /// Shapes carry such members as strings, so that a value nobody knows is refused, not fatal.",
             "    public enum Values {"]
    for name in model.enumerations:
        values = wrapped([string(value) for value in model.shapes[name]["enum"]], " " * 12)
        lines += [f"        public static let {lower_first(name)}: [String] = [", values, "        ]"]
    lines += ["    }", "",
              "    /// The patterns of the service model, by the name of the shape that has one.",
              "    enum Patterns {"]
    for name in model.patterned:
        lines += [f"        static let {lower_first(name)} = {pattern(model.shapes[name]['pattern'], ' ' * 12)}"]
    return "\n".join(lines + ["    }", "}", ""])


def pattern(source, indent):
    """A pattern that is one repeated character class, as the scalars that it allows; others are refused."""
    match = re.fullmatch(r"\^?\(?\[(.*)\]([*+])\)?\$?", source)
    if not match:
        raise SystemExit(f"no translation for the pattern {source}")
    classes, ranges, text = [], [], match[1]
    while text:
        token = re.match(r"\\p\{[A-Z]\}|\\.|.", text)[0]
        text = text[len(token):]
        if token in CATEGORIES:
            classes.append(CATEGORIES[token])
            continue
        low = high = token[-1]
        if text.startswith("-") and len(text) > 1:
            high, text = text[1], text[2:]
        ranges.append(f"{string(low)}...{string(high)}")
    return (f"ScalarPattern(\n{indent}{string(source)},\n{indent}ranges: [{', '.join(ranges)}],\n"
            f"{indent}classes: [{', '.join(classes)}])")
