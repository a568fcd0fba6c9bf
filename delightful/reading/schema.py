"""What a JSON Schema allows at a path, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def keys_at(schema: Schema, path: Sequence[str | int]) -> list[str]:
    """Return the keys a mapping at the path may have, sorted; none where any key may stand."""
    return sorted(_node(schema, path).get("properties", {}))


def expected_at(schema: Schema, path: Sequence[str | int]) -> str:
    """Return what may stand at the path: values, bounds or type."""
    node = _node(schema, path)
    if "enum" in node or "const" in node:
        return ", ".join(str(value) for value in node.get("enum", [node.get("const")]))
    if "minimum" in node and "maximum" in node:
        return f"{node['minimum']} to {node['maximum']}"
    if "pattern" in node:
        return f"text like {node['pattern']}"
    return _WORDS.get(node.get("type", ""), "") + _sizes(node)


def _sizes(node: Schema) -> str:
    least = node.get("minItems", node.get("minLength"))
    most = node.get("maxItems", node.get("maxLength", node.get("maxProperties")))
    parts = [f"at least {least}" if least else "", f"at most {most}" if most else ""]
    sizes = " and ".join(part for part in parts if part)
    return f" of {sizes}" if sizes else ""


def _node(schema: Schema, path: Sequence[str | int]) -> Schema:
    node = _resolved(schema, schema)
    for part in path:
        node = _resolved(schema, _below(node, part))
    return node


def _below(node: Schema, part: str | int) -> Schema:
    if isinstance(part, int):
        items: Schema = node.get("items", {})
        return items
    any_key: Schema = next(iter(node.get("patternProperties", {}).values()), {})
    named: Schema = node.get("properties", {}).get(part, any_key)
    return named


def _resolved(schema: Schema, node: Schema) -> Schema:
    choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
    node = choices[0] if choices else node
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return schema["$defs"][name] if name else node
