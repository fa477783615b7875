from pathlib import Path

import font_source_sans_pro
import pytest
from django.core.management import call_command
from django.test import override_settings
from fontTools.ttLib import TTFont

from cmncp_portal.core.management.commands.build_fonts import PRINTED

WEB = {f"portal-sans-{face}.woff2" for face in ("regular", "regular-names", "semibold", "semibold-names")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("built")
    with override_settings(BUILT_ROOT=root):
        call_command("build_fonts", verbosity=0)
        yield root / "fonts"


@pytest.mark.slow
def test_the_web_fonts_are_small_renamed_and_know_both_languages(folder):
    assert {path.name for path in folder.iterdir()} == WEB | set(PRINTED)
    for weight in ("regular", "semibold"):
        path = folder / f"portal-sans-{weight}.woff2"
        font = TTFont(path)
        assert path.stat().st_size < 16_000
        assert font.flavor == "woff2"
        assert not [r for r in font["name"].names if r.nameID in (1, 3, 4, 6) and "Source" in r.toUnicode()]
        assert [c for c in "àâçéèêëîïôùûüœŒÉ«»\u00a0\u202f–—…’“”→" if ord(c) not in font.getBestCmap()] == []


@pytest.mark.slow
def test_the_printing_fonts_are_the_originals_with_their_licence(folder):
    source = Path(font_source_sans_pro.font_directory)
    assert [name for name in PRINTED if (folder / name).read_bytes() != (source / name).read_bytes()] == []


@pytest.mark.slow
def test_what_is_there_is_left_alone_unless_asked(folder):
    kept = folder / "portal-sans-regular.woff2"
    kept.write_bytes(b"kept")
    call_command("build_fonts", verbosity=0)
    assert kept.read_bytes() == b"kept"
    call_command("build_fonts", "--again", verbosity=0)
    assert kept.read_bytes()[:4] == b"wOF2"
