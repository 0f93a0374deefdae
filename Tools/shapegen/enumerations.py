"""The values and patterns that the model allows for strings."""

import re

from .swift import lower_first, string, wrapped

# A category, an escaped scalar or letter, or a letter that stands for itself.
TOKEN = r"\\p\{[A-Z]\}|\\u[0-9A-F]{4}|\\.|."
CONTROLS = {r"\r": "\r", r"\n": "\n", r"\t": "\t"}
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
    # What lies beyond 16 bits is written as pairs of surrogates.
    text = text.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010FFFF")
    while text:
        token = re.match(TOKEN, text)[0]
        text = text[len(token):]
        if token in CATEGORIES:
            classes.append(CATEGORIES[token])
            continue
        low = high = scalar(token)
        if text.startswith("-") and len(text) > 1:
            end = re.match(TOKEN, text[1:])[0]
            high, text = scalar(end), text[1 + len(end):]
        ranges.append(f"{literal(low)}...{literal(high)}")
    return (f"ScalarPattern(\n{indent}{string(source)},\n{indent}ranges: [{', '.join(ranges)}],\n"
            f"{indent}classes: [{', '.join(classes)}])")


def scalar(token):
    """What a token of a character class stands for."""
    if token.startswith(r"\u"):
        return chr(int(token[2:], 16))
    return CONTROLS.get(token, token[-1])


def literal(character):
    """A Swift literal of one scalar."""
    return string(character) if " " <= character <= "~" else f'"\\u{{{ord(character):X}}}"'
