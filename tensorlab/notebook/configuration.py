"""`%config TensorLab`: the settings in IPython's own way, made of the table of settings.

Floor 6. Read `settings/table.py` before. There is one store of values, `tl.config`: the object that IPython sees reads and writes it.
IPython prints what goes wrong in `%config` and lets the cell count as successful; for lines about TensorLab an error fails the cell. It
knows no origins either: `%config TensorLab` lists what `python -m tensorlab config` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from traitlets import TraitType
from traitlets.config import Configurable

from ..settings import SETTINGS, config, setting_called
from ..settings.listing import listing, places

ASSIGNMENT = re.compile(r"\s*TensorLab\.(?P<name>\w+)\s*=(?P<value>[^=].*)")
QUESTION = re.compile(r"\s*TensorLab\.(?P<name>\w+)\s*")
VALUE_BEGUN = re.compile(r"^\s*%config\s+TensorLab\.(?P<name>\w+)\s*=\s*(?P<value>\S*)$")


class Value(TraitType[Any, Any]):
    """A setting as IPython sees it."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        return getattr(config, str(self.name))

    def set(self, obj: Any, value: Any) -> None:
        setattr(config, str(self.name), value)


def trait(name: str) -> Value:
    """Return a setting as a trait."""
    setting = SETTINGS[name]
    return Value(setting.default, help=f"{setting.meaning}. It takes {setting.kind.wording}.", config=True)


class SettingsOfTensorLab(Configurable):
    """The settings of tensorlab; the traits are added below."""

    def update_config(self, config: Any) -> None:
        """Take what a line such as `%config TensorLab.floatX = "float32"` says.

        Raises:
            SettingError: there is no such setting, or it does not take the value.
        """
        for name, value in self._find_my_config(config).items():
            assign(name, value)


TensorLab = type("TensorLab", (SettingsOfTensorLab,), {"__doc__": "The settings of tensorlab.", **{name: trait(name) for name in SETTINGS}})


def assign(name: str, value: Any) -> None:
    """Set a setting by name: what `%config TensorLab.name = value` does.

    Raises:
        SettingError: there is no such setting, or it does not take the value.

    >>> assign("floatX", "float32")
    >>> T.scalar().dtype
    'float32'
    """
    setattr(config, name, value)


def register(shell: Any) -> Callable[[], None]:
    """Let `%config` know TensorLab, with completion; return what takes it away again."""
    configurable = TensorLab()
    magics = shell.magics_manager.magics["line"]
    usual = shell.find_line_magic("config")  # IPython imports it when it is first looked for

    def line_config(line: str) -> Any:
        assignment, question = ASSIGNMENT.fullmatch(line), QUESTION.fullmatch(line)
        if assignment is not None:
            assign(assignment["name"], evaluated(assignment["value"].strip(), assignment["name"], shell.user_ns))
            return None
        if question is not None:
            setting_called(question["name"])
        if line.strip() == "TensorLab":
            return print(f"{listing()}\n\n{places()}")
        return usual(line)

    line_config.__doc__ = usual.__doc__
    shell.configurables.append(configurable)
    magics["config"] = line_config
    shell.Completer.custom_matchers.append(complete_values)

    def undo() -> None:
        if magics.get("config") is line_config:
            magics["config"] = usual
        if configurable in shell.configurables:
            shell.configurables.remove(configurable)
        if complete_values in shell.Completer.custom_matchers:
            shell.Completer.custom_matchers.remove(complete_values)

    return undo


def evaluated(text: str, name: str, variables: dict[str, Any]) -> Any:
    """Return the value of the right side of an assignment; a word of the setting's own needs no quotes, as in a file.

    >>> evaluated("'float' + '32'", "floatX", {}), evaluated("float32", "floatX", {}), evaluated("n", "threads", {"n": 3})
    ('float32', 'float32', 3)
    """
    if text in setting_called(name).kind.examples and text not in ("True", "False"):
        return text
    try:
        return eval(text, variables)
    except NameError:
        if text.isidentifier():
            return text  # to be refused by the setting, which knows the nearest word
        raise


@context_matcher(identifier="tensorlab.settings")
def complete_values(context: CompletionContext) -> SimpleMatcherResult:
    """Complete what a setting can be set to."""
    found = VALUE_BEGUN.search(context.text_until_cursor)
    if found is None or found["name"] not in SETTINGS:
        return {"completions": []}
    setting = SETTINGS[found["name"]]
    fitting = [text for text in setting.kind.examples if text.startswith(found["value"].strip("'\""))]
    return {
        "completions": [SimpleCompletion(repr(setting.parse(text)), type="value") for text in fitting],
        "suppress": bool(fitting),
        "matched_fragment": found["value"],
        "ordered": True,
    }
