"""The sorts of letters. Each app declares its own in its `notifications.py`; the wording lies in templates/letters/."""

from dataclasses import dataclass

_registry: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """A sort of letter, such as `exchanges.visit_reminder`.

    `essential` letters go out whatever a person switched off. `is_announcement` letters need a recorded consent and
    carry a one-click unsubscribe, `essential` or not. `variables` are the names that the wording uses, each of them
    given with every letter. Raises ValueError when another kind has the name, or the name has not the form app.kind.
    """

    name: str
    category: str
    variables: tuple[str, ...] = ()
    essential: bool = True
    is_reminder: bool = False
    is_announcement: bool = False

    def __post_init__(self) -> None:
        if len(self.name.split(".")) != 2 or not all(part.isidentifier() for part in self.name.split(".")):
            raise ValueError(f"the name of a kind is app.kind, not {self.name}")
        if _registry.get(self.name, self) != self:
            raise ValueError(f"two different kinds are called {self.name}")
        _registry[self.name] = self

    @property
    def may_be_refused(self) -> bool:
        """Whether a person may decline this kind: what is not essential, and announcements always."""
        return self.is_announcement or not self.essential

    def template(self, language: str) -> str:
        """Return the template of the wording in `language`, such as letters/exchanges/visit_reminder.en.md."""
        app, _dot, name = self.name.partition(".")
        return f"letters/{app}/{name}.{language}.md"


def all_kinds() -> list[Kind]:
    """Return every declared kind, by name."""
    return [_registry[name] for name in sorted(_registry)]


def kind_called(name: str) -> Kind | None:
    """Return the kind of that name, or None when it is no longer declared (old letters outlive their kinds)."""
    return _registry.get(name)
