"""What reports hold about a person: who made them. What was handed to the funder stays as it was, with its author."""

from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.personal import Mentions, Part, Signed

from .models import Calculation, CountedRecord, DueDateChange, LinkedCase, Narrative, Report

PART = Part(
    "reporting",
    _("Reports"),
    signed=(Signed(Report), Signed(DueDateChange), Signed(Narrative, (("", "by_name"),)), Signed(Calculation)),
    mentions=(
        Mentions(CountedRecord, ("label_en", "label_fr", "value", "excluded_en", "excluded_fr")),
        Mentions(DueDateChange, ("reason",)),
        Mentions(LinkedCase, ("title_en", "title_fr")),
        Mentions(Narrative, ("text_en", "text_fr")),
        Mentions(Report, ("title_en", "title_fr")),
        Mentions(Calculation, ("problem",)),
    ),
)
