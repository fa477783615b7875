"""Templates that do not forgive: a variable that nobody gave is an error, in our own templates."""

import sys
from types import FrameType

from django.conf import settings

FORGIVING_FILTERS = {"default", "default_if_none", "yesno"}


class UnknownVariable(AssertionError):
    """A template of the portal reads a variable that was not given to it."""


class Refuse(str):
    """For `string_if_invalid`. Django asks whether it is true, then prints it with the variable's name.

    It is false, and so has no effect, for templates of other packages and where the template itself provides for the case
    with `|default:`.
    """

    def __bool__(self) -> bool:
        frame: FrameType | None = sys._getframe(1)
        assert frame is not None
        expression, context = frame.f_locals.get("self"), frame.f_locals.get("context")
        if any(function.__name__ in FORGIVING_FILTERS for function, _ in getattr(expression, "filters", ())):
            return False
        template = getattr(context.render_context, "template", None) if context is not None else None
        name = getattr(getattr(template, "origin", None), "name", "")
        return str(name).startswith(str(settings.BASE_DIR / "templates"))

    def __contains__(self, part: object) -> bool:
        return True

    def __mod__(self, variable: object) -> str:
        raise UnknownVariable(f"The template reads “{variable}”, which it was not given.")
