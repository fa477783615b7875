"""French strings without GNU gettext: one catalogue per app, collected with Babel, checked and compiled with polib.

    scripts/messages              collect: new strings come in empty, known French stays, strings no longer used go
    scripts/messages --check      say what is missing, doubtful or no longer used; leaves 1 when there is something
    scripts/messages --compile    write the .mo files that Django reads

Each app's catalogue holds the strings of its package and of templates/<app>/; the core's holds those of the frame and of all shared
templates, and a string that is in the core's is not repeated elsewhere. `cmncp_portal/locale` is kept by hand: it says « courriel »
where allauth's own French says « e-mail ». Letters are files per language and are not collected.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings

BASE_DIR = Path(__file__).resolve().parent.parent
PORTAL = BASE_DIR / "cmncp_portal"
HAND_KEPT = PORTAL / "locale" / "fr" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "_t": None,  # gettext where a module also has the lazy `_`
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
HEADER = {
    "Project-Id-Version": "portal",
    "Language": "fr",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}

# Folders of templates that an app writes for a library, beside its own.
ALSO_OF = {"accounts": ("account", "allauth", "mfa", "socialaccount", "usersessions")}

Key = tuple[str | None, str]  # context and English


def apps() -> dict[str, Path]:
    """Our apps by label: the packages with an apps.py, inside the portal and beside it. The core comes first."""
    found = {path.parent.name: path.parent for path in [*PORTAL.glob("*/apps.py"), *BASE_DIR.glob("*/apps.py")]}
    return dict(sorted(found.items(), key=lambda pair: (pair[0] != "core", pair[0])))


def sources(label: str, package: Path, labels: Iterable[str]) -> Iterator[Path]:
    """The files whose strings belong to an app's catalogue."""
    left_out = {"tests", "migrations", "factories.py"}
    for path in sorted(package.rglob("*.py")):
        if not left_out & set(path.relative_to(package).parts):
            yield path
    templates = BASE_DIR / "templates"
    for folder in (label, *ALSO_OF.get(label, ())):
        yield from sorted((templates / folder).rglob("*.html"))
    if label == "core":
        yield from sorted(PORTAL.glob("*.py"))
        yield from sorted((PORTAL / "settings").glob("*.py"))
        others = {*labels, "letters", *(folder for folders in ALSO_OF.values() for folder in folders)}
        for path in sorted(templates.rglob("*.html")) + sorted(templates.rglob("*.txt")):
            if path.relative_to(templates).parts[0] not in others:
                yield path


def strings_of(path: Path) -> Iterator[tuple[Key, str | None, int, list[str]]]:
    """Each string of a file: its key, its plural or None, its line, the comments for translators."""
    from django.utils.translation.template import templatize

    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is not a string is blotted out; its indentation would be read as Python's.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators",))
    for line, message, comments, context in found:
        singular, plural = message if isinstance(message, tuple) else (message, None)
        if singular:
            yield (context, singular), plural, line, comments


def collected(label: str, labels: Iterable[str], known: set[Key]) -> dict[Key, polib.POEntry]:
    """The entries an app's catalogue must have, without those that `known` has already."""
    entries: dict[Key, polib.POEntry] = {}
    for path in sources(label, apps()[label], labels):
        for key, plural, _line, comments in strings_of(path):
            if key in known:
                continue
            entry = entries.setdefault(key, polib.POEntry(msgid=key[1], msgctxt=key[0]))
            place = (str(path.relative_to(BASE_DIR)), "")
            if place not in entry.occurrences:  # without line numbers, which would change the file with every edit
                entry.occurrences.append(place)
            if plural:
                entry.msgid_plural = plural
                entry.msgstr_plural = entry.msgstr_plural or {0: "", 1: ""}
            if comments:
                entry.comment = "\n".join(comments)
            if (
                PLACEHOLDER.search(key[1])
                and "%" in key[1]
                and path.suffix == ".py"
                and "python-format" not in entry.flags
            ):
                entry.flags.append("python-format")
    return entries


def by_hand() -> set[Key]:
    """The strings of the catalogue that is kept by hand; no app needs to repeat them."""
    return {(entry.msgctxt, entry.msgid) for entry in read(HAND_KEPT)}


def catalogue_path(package: Path) -> Path:
    return package / "locale" / "fr" / "LC_MESSAGES" / "django.po"


def read(path: Path) -> polib.POFile:
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = dict(HEADER)
    return catalogue


def collect() -> None:
    """Brings every catalogue up to date."""
    known = by_hand()
    for label, package in apps().items():
        wanted = collected(label, apps(), known)
        path = catalogue_path(package)
        old = {(entry.msgctxt, entry.msgid): entry for entry in read(path) if not entry.obsolete}
        if label == "core":
            known |= set(wanted)
        if not wanted and not path.exists():
            continue
        fresh = read(path)
        fresh.metadata = dict(HEADER)
        fresh.clear()
        for key in sorted(wanted, key=lambda each: (each[1].casefold(), each[1], each[0] or "")):
            fresh.append(_with_old_french(wanted[key], old.get(key)))
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(path))
        missing = len(fresh.untranslated_entries()) + len(fresh.fuzzy_entries())
        print(f"{path.relative_to(BASE_DIR)}: {len(fresh)} strings, {missing} without French")


def _with_old_french(entry: polib.POEntry, old: polib.POEntry | None) -> polib.POEntry:
    if old is None:
        return entry
    if entry.msgid_plural:
        entry.msgstr_plural = old.msgstr_plural or {0: old.msgstr, 1: ""}
    else:
        entry.msgstr = old.msgstr or old.msgstr_plural.get(0, "")
    entry.tcomment = old.tcomment
    if "fuzzy" in old.flags:
        entry.flags.insert(0, "fuzzy")
    return entry


def problems() -> list[str]:
    """One line for each string that is missing, doubtful, no longer used, or whose placeholders differ.

    Also for a string with another French in an app's catalogue before: Django reads all catalogues as one, so one of them would be lost.
    """
    found: list[str] = []
    known = by_hand()
    first_french: dict[Key, tuple[str, str]] = {}
    for label, package in apps().items():
        wanted = collected(label, apps(), known)
        if label == "core":
            known |= set(wanted)
        path = catalogue_path(package)
        there = {(entry.msgctxt, entry.msgid): entry for entry in read(path) if not entry.obsolete}
        name = str(path.relative_to(BASE_DIR))
        found += [f"{name}: not collected yet: {key[1]!r}" for key in wanted if key not in there]
        found += [f"{name}: no longer used: {key[1]!r}" for key in there if key not in wanted]
        found += [f"{name}: {fault}" for entry in there.values() for fault in faults(entry)]
        for key, entry in there.items():
            french = entry.msgstr or "\n".join(entry.msgstr_plural.values())
            other, theirs = first_french.setdefault(key, (name, french))
            if french and theirs and french != theirs:
                found.append(f"{name}: other French than in {other}: {key[1]!r}")
    found += [f"{HAND_KEPT.relative_to(BASE_DIR)}: {fault}" for entry in read(HAND_KEPT) for fault in faults(entry)]
    return found


def faults(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one entry's French."""
    if entry.obsolete:
        yield f"no longer used: {entry.msgid!r}"
        return
    if entry.fuzzy:
        yield f"doubtful: {entry.msgid!r}"
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(text.strip() for text in texts) or not texts:
        yield f"without French: {entry.msgid!r}"
        return
    allowed = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
    for text in texts:
        given = set(PLACEHOLDER.findall(text))
        if given - allowed or (not entry.msgid_plural and given != allowed):
            yield f"placeholders differ: {entry.msgid!r}"
    if (entry.msgid[0] == "\n") != (texts[0][0] == "\n") or (entry.msgid[-1] == "\n") != (texts[0][-1] == "\n"):
        yield f"line ends differ: {entry.msgid!r}"


def compile_all() -> None:
    """Writes each catalogue's .mo beside it, in one step, so that a reader never sees half a file."""
    for path in [HAND_KEPT, *(catalogue_path(package) for package in apps().values())]:
        if not path.exists():
            continue
        target = path.with_suffix(".mo")
        unfinished = target.with_suffix(".mo.new")
        read(path).save_as_mofile(str(unfinished))
        unfinished.replace(target)


def main() -> int:
    parser = argparse.ArgumentParser(description="Collect, check or compile the French strings.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true", dest="compiling")
    options = parser.parse_args()
    if not settings.configured:
        settings.configure(USE_I18N=True)
    if options.check:
        found = problems()
        print("\n".join(found) if found else "Every string has its French.")
        return 1 if found else 0
    if not options.compiling:
        collect()
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
