"""The part of a README that Terraform's sources say: inputs, outputs, what is made.

`make docs` writes it; a test says where it is stale.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from tests.infrastructure.test_layout import INFRASTRUCTURE, PARTS

BEGIN = "<!-- From here on `make docs` writes what the sources say. -->"
_PARSER = Parser(Language(tree_sitter_hcl.language()))


def readme(part: str) -> Path:
    """Return where a part's README is."""
    return INFRASTRUCTURE / part / "README.md"


def as_it_should_be(part: str) -> str:
    """Return a part's README: what people wrote, then what its sources say."""
    head = readme(part).read_text().partition(BEGIN)[0].rstrip()
    return f"{head}\n\n{BEGIN}\n\n{generated(part)}"


def generated(part: str) -> str:
    """Return the sections that follow from a part's sources."""
    blocks = [block for path in sources(part) for block in blocks_of(path)]
    sections = {
        "Inputs": table(("name", "type", "default", "what it is"), map(input_row, blocks)),
        "Outputs": table(("name", "what it is"), map(output_row, blocks)),
        "Modules": table(("name", "is"), map(module_row, blocks)),
        "Resources": table(("type", "names"), resource_rows(blocks)),
    }
    return "\n\n".join(f"## {title}\n\n{rows}" for title, rows in sections.items() if rows) + "\n"


def sources(part: str) -> list[Path]:
    """Return a part's Terraform files in order; there is at least one."""
    found = sorted((INFRASTRUCTURE / part).glob("*.tf"))
    assert found, part
    return found


Block = tuple[tuple[str, ...], dict[str, str]]


def blocks_of(path: Path) -> Iterator[Block]:
    """Yield each top-level block: its kind and labels, and the text of its attributes."""
    tree = _PARSER.parse(path.read_bytes())
    assert not tree.root_node.has_error, f"{path} is no HCL that can be read"
    for body in tree.root_node.children:
        for block in body.children:
            if block.type == "block":
                yield labels(block), attributes(block)


def labels(block: Node) -> tuple[str, ...]:
    """Return a block's kind and its labels without their quotes."""
    words = [child for child in block.children if child.type in ("identifier", "string_lit")]
    return tuple(text(word).strip('"') for word in words)


def attributes(block: Node) -> dict[str, str]:
    """Return the expressions of a block's own attributes, as they are written."""
    bodies = [child for child in block.children if child.type == "body"]
    found = [one for body in bodies for one in body.children if one.type == "attribute"]
    return {text(one.children[0]): text(one.children[2]) for one in found}


def text(node: Node) -> str:
    """Return the source of a node."""
    assert node.text is not None
    return node.text.decode()


def input_row(block: Block) -> Iterable[str] | None:
    """Return the row of an input, or None for another block."""
    (kind, *names), said = block
    if kind != "variable":
        return None
    default = code(said["default"]) if "default" in said else "required"
    return code(names[0]), code(said["type"]), default, sentence(said["description"])


def output_row(block: Block) -> Iterable[str] | None:
    """Return the row of an output, or None for another block."""
    (kind, *names), said = block
    return (code(names[0]), sentence(said["description"])) if kind == "output" else None


def module_row(block: Block) -> Iterable[str] | None:
    """Return the row of a module that is used, or None for another block."""
    (kind, *names), said = block
    if kind != "module":
        return None
    return code(names[0]), code(Path(said["source"].strip('"')).name)


def resource_rows(blocks: Iterable[Block]) -> Iterator[Iterable[str]]:
    """Yield a row for each type of resource that is made."""
    names: dict[str, list[str]] = defaultdict(list)
    for labelled, _ in blocks:
        if labelled[0] == "resource":
            names[labelled[1]].append(labelled[2])
    for kind in sorted(names):
        yield code(kind), ", ".join(map(code, sorted(names[kind])))


def table(heads: Iterable[str], rows: Iterable[Iterable[str] | None]) -> str:
    """Return a table in Markdown; nothing where there is no row."""
    written = ["| " + " | ".join(row) + " |" for row in rows if row is not None]
    head = ["| " + " | ".join(heads) + " |", "|---" * len(list(heads)) + "|"]
    return "\n".join([*head, *written]) if written else ""


def code(expression: str) -> str:
    """Return an expression in one line, as code in a cell."""
    return f"`{one_line(expression)}`".replace("|", "\\|")


def one_line(expression: str) -> str:
    """Return a formatted expression without its line breaks, alignment and comments."""
    lines = [re.sub(r" +", " ", line.strip()) for line in expression.splitlines()]
    joined = ""
    for line in (line for line in lines if line and not line.startswith("#")):
        between = ", " if joined and joined[-1] not in "{[(," and line[0] not in "}])" else " "
        joined += line if not joined or joined[-1] in "[(" or line[0] in "])" else between + line
    return re.sub(r",(?=[\])])", "", joined)


def sentence(literal: str) -> str:
    """Return a description in a cell."""
    return literal.strip('"').replace('\\"', '"').replace("|", "\\|")


def write() -> None:
    """Write every README as it should be."""
    for part in PARTS:
        readme(part).write_text(as_it_should_be(part))


if __name__ == "__main__":
    write()
