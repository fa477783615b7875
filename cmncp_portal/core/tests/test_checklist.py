"""The checklist: what is done, what is missing and why, and a link for whom may do it."""

from django.template.loader import render_to_string
from django.utils import translation

from cmncp_portal.core.checklist import Check, first_missing

DATES = Check("Dates", "", "/dates/")
LEADS = Check("One lead on each side", "Winnipeg has no lead yet.", "/team/")
PLACE = Check("The place", "Say where people meet.", "")


def lines(*checks: Check) -> list[str]:
    """Each line of the component, without the spaces between its parts."""
    html = render_to_string("components/checklist.html", {"checks": checks})
    parts = html.split("<li>")[1:]
    return ["".join(line.strip() for line in part.split("</li>")[0].splitlines()) for part in parts]


def test_the_button_leads_to_the_first_that_is_missing() -> None:
    assert first_missing([DATES, LEADS, PLACE]) == LEADS
    assert first_missing([DATES]) is first_missing([]) is None


def test_each_line_says_whether_it_is_done_and_leads_there_who_may() -> None:
    done, missing, not_mine = lines(DATES, LEADS, PLACE)
    assert done.endswith("<span>Dates</span>")
    assert missing.endswith(
        '<a href="/team/">One lead on each side</a><span class="soft">Winnipeg has no lead yet.</span>'
    )
    assert not_mine.endswith('<span>The place</span><span class="soft">Say where people meet.</span>')


def test_in_french() -> None:
    with translation.override("fr"):
        done, missing = lines(DATES, LEADS)
    assert ("fait" in done, "à faire" in missing) == (True, True)
