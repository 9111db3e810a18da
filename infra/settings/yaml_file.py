"""Reading YAML that people write, so that an error can name the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from infra.settings.errors import UserError

_Model = TypeVar("_Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """Whole numbers are decimal: ``0x60`` (a run of zeros in a rule's case) and ``21:30`` are texts."""


_INT = "tag:yaml.org,2002:int"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != _INT]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INT, re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))


def read_yaml(path: Path, error: type[UserError] = UserError) -> tuple[Any, yaml.Node | None]:
    """Data and node tree of a YAML file.

    Raises:
        UserError: (or ``error``, a kind of it) the file is not there, not UTF-8 or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            return (None if node is None else loader.construct_document(node)), node
        finally:
            loader.dispose()
    except OSError as fault:
        raise error(f"cannot read the file: {fault.strerror}", where=str(path), do="check the path") from fault
    except UnicodeDecodeError as fault:
        raise error("the file is not UTF-8", where=f"{path}, byte {fault.start}", do="save it as UTF-8") from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise error(f"not YAML: {getattr(fault, 'problem', fault)}", where=where, do="mend the syntax") from fault


def read_model(
    path: Path, model: type[_Model], error: type[UserError], *, whole: str, do: str
) -> tuple[_Model, yaml.Node | None]:
    """A YAML file as a model, and its node tree.

    Args:
        whole: what the file is, for a fault that is of no single field. do: where the fields are explained.

    Raises:
        UserError: (as ``error``) the file cannot be read, or with file, line and field of the first fault.
    """
    data, node = read_yaml(path, error)
    try:
        return model.model_validate(data), node
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or whole
        raise error(
            f"{field}: {first['msg'].removeprefix('Value error, ')}",
            where=f"{path}:{line_of(node, first['loc'])}",
            do=do,
        ) from fault


def line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    """Line (1-based) of the deepest existing part of ``loc`` in a composed YAML document."""
    line = 1
    for part in loc:
        if node is None:
            break
        line = node.start_mark.line + 1
        nxt: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, nxt = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            nxt = node.value[part]
            line = nxt.start_mark.line + 1
        node = nxt
    return line
