"""No column is overlooked: each in which words can stand is emptied, cleared of names, or listed here with the reason why not.

Whoever adds a column that may name a person declares it in the `personal` module of its app.
"""

from django.apps import apps
from django.db import models

from cmncp_portal.core.personal import About, Signed, history_of

from .everywhere import declared, everything

# Codes, keys, addresses of pages, names of zones and files: nothing that people write about people.
CODES = {
    "after", "before", "calendar_method", "captions", "code", "codename", "digest", "field", "file", "from_state", "indicators",
    "key", "kind", "language", "label_language", "languages", "lines", "link", "may_quote", "nonce", "note_language",
    "options", "owner_zone", "password", "path", "provinces", "public", "resolution_file", "reference", "series", "session_key", "side",
    "source_key", "source_of", "source_path", "stages", "standings", "time_zone", "to_state", "transition", "url", "website",
    "what", "zone",
}  # fmt: skip
URLS = ("_url", "_link")
# Texts about things: names of places and subjects, questionnaires, standards, briefs as published.
THINGS = {
    "accounts.Role", "auth.Group", "auth.Permission", "contenttypes.ContentType", "evaluation.Question",
    "evaluation.Questionnaire", "evaluation.Theme", "knowledge.Audience", "knowledge.BriefSeries", "knowledge.Evidence",
    "knowledge.KeyNumber", "knowledge.Population", "knowledge.Practice", "knowledge.Step", "network.Region",
    "network.Sector", "network.Topic", "progress.StrategyCheck", "socialaccount.SocialApp", "training.CompetencyText",
    "training.Criterion", "training.Domain", "training.RoleProfile", "training.Standard", "training.StandardVersion",
} - {"accounts.Role"}  # fmt: skip
NAMES_OF_THINGS = {
    "exchanges.Visit.emergency_phone": "the host's number for one day; emptied with the host's lead once it is over",
    "meetings.Meeting.title_en": "the name of the meeting",
    "meetings.Meeting.title_fr": "the name of the meeting",
    "network.Municipality.name_en": "the name of a place",
    "network.Municipality.name_fr": "the name of a place",
    "network.PreventionProgramme.name_en": "the name of a programme",
    "network.PreventionProgramme.name_fr": "the name of a programme",
    "notifications.Preference.wording": "the words of the network",
    "knowledge.Subscription.wording": "the words of the network",
    "evaluation.Response.consent_text": "the words of the network",
    "reporting.Report.funder": "an organisation",
    **{f"training.Partner.name_{one}": "an organisation" for one in ("en", "fr")},
    **{
        f"training.Module.{text}_{one}": "a module as it is published"
        for text in ("title", "summary", "objectives", "outline")
        for one in ("en", "fr")
    },
    **{
        f"training.Certificate.{text}_{one}": "what was attained"
        for text in ("title", "standard")
        for one in ("en", "fr")
    },
}
# What stays on purpose although it may name a person.
MINUTES = "minutes and votes of an assembly are kept as they were adopted, as the law on organisations asks"
PUBLISHED = "what was published stays as it was published, with its authors"
REPORTED = "what was handed to the funder stays as it was, with its author"
REGISTER = "the register of incidents is kept as the law asks; its page asks to name nobody"
GOES = "deleted as a whole with the account"
KEPT = {
    **dict.fromkeys(("meetings.Decision.text_en", "meetings.Decision.text_fr", "meetings.Delegate.name"), MINUTES),
    **dict.fromkeys(("meetings.Meeting.notes_en", "meetings.Meeting.notes_fr", "meetings.Vote.delegate_name"), MINUTES),
    **{f"meetings.Motion.{one}": MINUTES for one in ("text_en", "text_fr", "moved_by", "seconded_by")},
    **{f"knowledge.ActionBrief.{one}": PUBLISHED for one in ("authors", "withdrawn_why_en", "withdrawn_why_fr")},
    **{
        f"knowledge.Edition.{one}": PUBLISHED
        for one in ("title", "summary", "challenge", "what_works", "investment", "published")
    },
    **dict.fromkeys(("knowledge.Example.text_en", "knowledge.Example.text_fr", "knowledge.Source.citation"), PUBLISHED),
    **{
        f"reporting.Snapshot.{one}": REPORTED
        for one in ("by_name", "content", "figures", "cells", "note_en", "note_fr", "shared_by_name")
    },
    "reporting.SnapshotFile.problem": "what a program said",
    **dict.fromkeys(
        ("reporting.Calculation.figures", "reporting.Calculation.basis"), "figures, and keys of rows without names"
    ),
    **{f"privacy.Incident.{one}": REGISTER for one in ("what", "measures", "told", "by_name")},
    "evaluation.ConfidentialReading.by_name": "protects who wrote the remarks; the name goes after 24 months",
    "privacy.PersonRequest.email": "emptied by the service itself, so that the link still says what was done",
    "privacy.PersonRequest.report": "counts",
    "privacy.RetentionRun.problem": "the name of a part and of an error",
    "sessions.Session.session_data": "sealed, and deleted with the account",
    "admin.LogEntry.object_id": "a number",
    "pghistory.Context.metadata": "the number of the account and the address of a page",
    "account.EmailConfirmation.key": GOES,
    "mfa.Authenticator.data": GOES,
    **{f"socialaccount.SocialAccount.{one}": GOES for one in ("provider", "uid", "extra_data")},
    **{f"socialaccount.SocialToken.{one}": GOES for one in ("token", "token_secret")},
    **{f"usersessions.UserSession.{one}": GOES for one in ("user_agent", "data", "ip")},
}


def emptied() -> dict[type[models.Model], set[str]]:
    """The columns that some part declares, by table."""
    found: dict[type[models.Model], set[str]] = {}
    for table in declared():
        names = found.setdefault(table.rows, set())
        if isinstance(table, About):
            names |= {table.email, table.name, *table.empties}
        elif isinstance(table, Signed):
            names |= {name for _key, name in table.pairs}
        else:
            names |= set(table.columns)
    return found


def undeclared() -> set[str]:
    known = emptied()
    histories = {history_of(model) for model in apps.get_models()} - {None}
    found = set()
    for model, name in everything():
        column = model._meta.get_field(name)
        is_code = name in CODES or name.endswith(URLS) or column.choices or isinstance(column, models.SlugField)
        if model not in histories and not is_code and name not in known.get(model, ()):
            found.add(f"{model._meta.label}.{name}")
    return {one for one in found if one.rpartition(".")[0] not in THINGS}


def test_each_column_is_declared_or_listed_with_its_reason() -> None:
    assert undeclared() - KEPT.keys() - NAMES_OF_THINGS.keys() == set()


def test_the_lists_name_only_columns_that_exist() -> None:
    there = {f"{model._meta.label}.{name}" for model, name in everything()} | {"usersessions.UserSession.ip"}
    assert (KEPT.keys() | NAMES_OF_THINGS.keys()) - there == set()
    assert {model._meta.label for model in apps.get_models()} >= THINGS


def test_what_is_declared_exists() -> None:
    for table in declared():
        columns = {column.name for column in table.rows._meta.local_concrete_fields}
        if isinstance(table, About):
            named = {
                one
                for one in (table.email, table.entry, table.account, table.name, *table.empties, *table.sets)
                if "__" not in one
            }
        elif isinstance(table, Signed):
            named = {one for pair in table.pairs for one in pair}
        else:
            named = set(table.columns)
        assert named - {""} - columns == set(), table.rows


def test_what_a_copy_tells_has_words_in_both_languages() -> None:
    """A column without a name of its own would be told by its English key."""
    from django.utils.functional import Promise

    from cmncp_portal.core.personal import _label

    for table in declared():
        for one in table.shows if isinstance(table, About) else ():
            label = one[1] if isinstance(one, tuple) else _label(table.rows, one)
            assert isinstance(label, Promise), f"{table.rows._meta.label}: {one}"
