"""Makes the portal's web fonts out of the installed font package: a small WOFF2 per weight, and the originals for paper.

The Open Font License reserves the name of the family for unmodified fonts. A subset is modified, so it is renamed "Portal
Sans"; the originals are copied as they are, with their licence.
"""

import shutil
from pathlib import Path
from typing import Any

import font_source_sans_pro
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Portal Sans"
WEIGHTS = {"regular": "SourceSansPro-Regular.ttf", "semibold": "SourceSansPro-Semibold.ttf"}
PRINTED = (*WEIGHTS.values(), "SourceSansPro-It.ttf", "SourceSansPro-SemiboldIt.ttf", "LICENSE.txt")

# The same ranges stand in static/css/tokens.css as unicode-range.
ENGLISH_AND_FRENCH = "20-7E,A0-FF,152-153,178,2002-2026,202F,2030,2039-203A,20AC,2122,2190-2193,2212,2260-2265"
OTHER_NAMES = "100-151,154-177,179-24F,250-2FF,300-36F,1E00-1EFF"  # Indigenous and other place names
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum", "lnum"]


class Command(BaseCommand):
    help = "Makes the web fonts and copies the printing fonts into BUILT_ROOT/fonts; does nothing when they are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="make them anew even when they are there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write two faces per weight and the originals; each file appears under its name only when it is complete."""
        folder = Path(settings.BUILT_ROOT) / "fonts"
        folder.mkdir(parents=True, exist_ok=True)
        source = Path(font_source_sans_pro.font_directory)
        for name in PRINTED:
            if options["again"] or not (folder / name).exists():
                shutil.copyfile(source / name, folder / f"{name}.part")
                (folder / f"{name}.part").replace(folder / name)
        for weight, original in WEIGHTS.items():
            for suffix, ranges in (("", ENGLISH_AND_FRENCH), ("-names", OTHER_NAMES)):
                target = folder / f"portal-sans-{weight}{suffix}.woff2"
                if options["again"] or not target.exists():
                    make_web_font(source / original, target, ranges, weight.capitalize())
                    if options["verbosity"]:
                        self.stdout.write(f"{target.name}: {target.stat().st_size // 1024} KB")


def make_web_font(source: Path, target: Path, ranges: str, style: str) -> None:
    """Write to `target` the characters of `ranges` (hexadecimal, comma-separated) of the font `source`, renamed."""
    wanted = subset.Options()
    wanted.flavor = "woff2"
    wanted.layout_features = FEATURES
    wanted.hinting = False
    wanted.desubroutinize = True
    wanted.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    wanted.notdef_outline = True
    font = TTFont(source)
    subsetter = subset.Subsetter(wanted)
    subsetter.populate(unicodes=subset.parse_unicodes(ranges))
    subsetter.subset(font)
    rename(font, style)
    part = target.with_suffix(".part")
    font.flavor = "woff2"
    font.save(part)
    part.replace(target)


def rename(font: TTFont, style: str) -> None:
    """Replace every name of the family in `font`; copyright and licence stay."""
    names = {
        1: FAMILY if style == "Regular" else f"{FAMILY} {style}",
        2: "Regular",
        3: f"{FAMILY} {style} subset",
        4: f"{FAMILY} {style}",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
