"""How far a community's comprehensive safety strategy has come: eight stages, the same in briefs, mentoring and profiles.

The order follows UN-Habitat's Safer Cities (diagnosis, partnership, plan, implementation, institutionalisation, monitoring)
and the network's guiding principles of 2008 (a permanent responsibility centre). A renewal begins again at the diagnosis.
"""

from django.db import models
from django.utils.translation import pgettext_lazy


class Stage(models.IntegerChoices):
    INTERESTED = 0, pgettext_lazy("stage of a strategy", "Interested")
    COMMITMENT = 1, pgettext_lazy("stage of a strategy", "Commitment")
    DIAGNOSIS = 2, pgettext_lazy("stage of a strategy", "Diagnosis")
    PARTNERSHIP = 3, pgettext_lazy("stage of a strategy", "Partnership")
    PLAN = 4, pgettext_lazy("stage of a strategy", "Plan adopted")
    IMPLEMENTATION = 5, pgettext_lazy("stage of a strategy", "Implementation")
    EVALUATION = 6, pgettext_lazy("stage of a strategy", "Evaluation and renewal")
    INSTITUTION = 7, pgettext_lazy("stage of a strategy", "Here to stay")
