"""The files in templates/letters/: how a wording is read, filled with values, and taken apart.

A wording is a text file: the first line is the subject; then Markdown. A line that begins with "=> " is the one
button: its address, a space, its label. What follows a line of three dashes says why the person receives the letter.
It may use variables, filters, if, for, with and load, and nothing else; a line with nothing but tags leaves no gap.

Values are put in *after* the file is taken apart, in effect: buttons and dashes are marked in the file before it is
filled, and line ends inside values are marked as such, so that nobody's words can make a subject, a button or a
link in a letter of the network. Write links as [words]({{ url }}).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template import Context, Origin, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Node, TextNode, Variable, VariableNode
from django.template.defaulttags import CommentNode, ForNode, IfNode, LoadNode, WithNode
from django.template.loader import get_template
from django.utils.formats import localize
from django.utils.functional import Promise

ALLOWED = (TextNode, VariableNode, IfNode, ForNode, WithNode, LoadNode, CommentNode)

_BUTTON, _WHY, _BREAK = "\ue001", "\ue002", "\ue003"  # private characters that are taken out of every value
_HIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ue000-\uf8ff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~=&-])")
_NUMBERED = re.compile(r"(?m)^(\d{1,9})\.")
_ONLY_TAGS = re.compile(r"(?m)^[ \t]*((?:\{%[^%]*%\}[ \t]*|\{#.*?#\}[ \t]*)+)\n")


@dataclass(frozen=True)
class Parts:
    """A wording filled with values. `before` and `after` are Markdown, around the button."""

    subject: str
    before: str
    after: str
    url: str
    label: str
    why: str


class _Filling(Context):
    """The values of one letter; `rich` when they are to be escaped for Markdown."""

    def __init__(self, values: dict[str, Any], rich: bool) -> None:
        super().__init__(values, autoescape=False)
        self.rich = rich


class _Words(VariableNode):
    """A variable whose value is put in as words, whatever filters it went through."""

    def render(self, context: Any) -> str:
        words = as_words(self.filter_expression.resolve(context))
        return as_markdown(words) if context.rich else words.replace("\n", _BREAK)


def as_words(value: Any) -> str:
    """Return a value as text without hidden characters: nothing for None, a list with commas between."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        value = ", ".join(as_words(item) for item in value)
    text = str(localize(value)).replace("\r\n", "\n").replace("\t", " ")
    lines = (line.strip() for line in _HIDDEN.sub("", text).strip().split("\n"))
    return "\n".join(lines)


def as_markdown(words: str) -> str:
    """Return Markdown that shows exactly `words`, each line end a break inside the same paragraph."""
    escaped = _NUMBERED.sub(r"\1\\.", _MARKDOWN.sub(r"\\\1", words))
    return escaped.replace("\n", f"\\{_BREAK}")


@lru_cache(maxsize=512)
def _compiled(source: str, name: str, file: str, engine: Any) -> Template:
    marked = _ONLY_TAGS.sub(lambda found: found[1].rstrip(" \t"), source.replace("\r\n", "\n"))
    marked = re.sub(r"(?m)^=> ", _BUTTON, marked)
    marked = re.sub(r"(?m)^---[ \t]*$", _WHY, marked)
    template = Template(marked, Origin(file, name), name, engine)
    for node in template.nodelist.get_nodes_by_type(Node):
        if not isinstance(node, ALLOWED):
            raise TemplateSyntaxError(f"{name}: a letter cannot use {type(node).__name__}")
        if type(node) is VariableNode:
            node.__class__ = _Words
    return template


def wording(name: str) -> Template:
    """Return the compiled wording `name`; raises TemplateDoesNotExist and TemplateSyntaxError."""
    found = get_template(name).template  # type: ignore[attr-defined]
    return _compiled(found.source, name, found.origin.name, found.engine)


def fill(name: str, values: dict[str, Any], *, rich: bool) -> Parts:
    """Fill the wording `name`: as Markdown with escaped values (`rich`), or as it is read in plain text.

    Raises ValueError when there are two buttons, or a button that does not lead to http(s).
    """
    filled = wording(name).render(_Filling(values, rich)).lstrip("\n")
    subject, _newline, rest = filled.partition("\n")
    body, _dashes, why = rest.partition(_WHY)
    before, button, after = body.partition(_BUTTON)
    line, _newline, after = after.partition("\n")
    url, _space, label = line.strip().partition(" ")
    if _BUTTON in after:
        raise ValueError(f"{name}: a letter has one button")
    if button and not rich and not url.startswith(("https://", "http://")):
        raise ValueError(f"{name}: the button leads to “{url}”, which is no address")
    unmark = _breaks if rich else _plain_breaks
    return Parts(_one_line(subject), unmark(before), unmark(after), _one_line(url), _one_line(label), _one_line(why))


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n\t \ue003]+", " ", text).strip()


def _breaks(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text.replace(_BREAK, "\n")).strip()


def _plain_breaks(text: str) -> str:
    """Line ends inside a value keep the quotation mark or the indent of the line they are in."""
    lines = []
    for line in text.split("\n"):
        start = "> " if line.startswith("> ") else "  " if line.startswith("- ") else ""
        lines.append(line.replace(_BREAK, f"\n{start}"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# ---- what a wording asks for --------------------------------------------------------------------


def paths_in(name: str) -> set[str]:
    """Return what the wording `name` reads from its values: "host", "stops[]", "stops[].title"."""
    return set(_paths(wording(name).nodelist, {}))


def _paths(nodes: Any, local: dict[str, str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, VariableNode):
            yield from _of_expression(node.filter_expression, local)
        elif isinstance(node, IfNode):
            for condition, inner in node.conditions_nodelists:
                yield from _of_condition(condition, local)
                yield from _paths(inner, local)
        elif isinstance(node, ForNode):
            yield from _of_loop(node, local)
        elif isinstance(node, WithNode):
            inside = dict(local)
            for short, expression in node.extra_context.items():
                found = list(_of_expression(expression, local))
                yield from found
                inside[short] = found[0] if found else ""
            yield from _paths(node.nodelist, inside)


def _of_loop(node: ForNode, local: dict[str, str]) -> Iterator[str]:
    found = list(_of_expression(node.sequence, local))
    item = f"{found[0]}[]" if found else ""
    yield from found
    if item:
        yield item
    inside = {**local, "forloop": "", **dict.fromkeys(node.loopvars, item)}
    yield from _paths(node.nodelist_loop, inside)
    yield from _paths(node.nodelist_empty, local)


def _of_condition(condition: Any, local: dict[str, str]) -> Iterator[str]:
    if condition is None:
        return
    for part in (getattr(condition, "first", None), getattr(condition, "second", None)):
        yield from _of_condition(part, local)
    expression = getattr(condition, "value", None)
    if isinstance(expression, FilterExpression):
        yield from _of_expression(expression, local)


def _of_expression(expression: Any, local: dict[str, str]) -> Iterator[str]:
    arguments = [value for _function, given in expression.filters for looked_up, value in given if looked_up]
    for variable in (expression.var, *arguments):
        if not isinstance(variable, Variable) or variable.lookups is None:
            continue
        first, *others = variable.lookups
        start = local.get(first, first)
        if start:
            yield ".".join([start, *others])


def variables_in(name: str) -> set[str]:
    """Return the names of the values that the wording `name` reads."""
    return {re.split(r"[.\[]", path)[0] for path in paths_in(name)}


def refuse_unplain(name: str, value: Any) -> None:
    """Raise TypeError unless `value` is plain: text, number, truth, None, or lists and dictionaries of these.

    A date or a record would be written in one way for everybody, whatever the language and zone of the reader.
    """
    if value is None or isinstance(value, (str, int, float, Promise)):
        return
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"“{name}” is a {type(value).__name__}; letters take texts, numbers, and lists of them")
    for item in value:
        refuse_unplain(name, item)
