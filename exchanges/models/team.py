"""Who takes part, on which side, in which capacity; with or without an account."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Stakeholder

from .visit import Side, Visit


# History leaves out what is confidential: deleted needs must be gone for good.
@pghistory.track(exclude=["dietary_needs", "access_needs", "emergency_contact", "nonce"])
class TeamMember(Timestamped, Versioned):
    """A place in the team. Until somebody is named the place stands open. Needs are confidential and deleted after the visit."""

    SCOPE = "desk"

    class Category(models.TextChoices):
        """Capacities of the people in a visit."""

        ELECTED = "elected", _("Elected leader")
        STAFF = "staff", _("Municipal staff")
        POLICE = "police", _("Police")
        SCHOOL = "school", _("School")
        HEALTH = "health", _("Health")
        HOUSING = "housing", _("Housing")
        SOCIAL = "social", _("Social and youth services")
        COMMUNITY = "community", _("Community organisation")
        INDIGENOUS = "indigenous", _("Indigenous government or organisation")
        ACADEMIC = "academic", _("University or college")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        TO_NAME = "to_name", _("To be named")
        NAMED = "named", _("Not yet invited")
        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Takes part")
        DECLINED = "declined", _("Cannot come")
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Attendance(models.TextChoices):
        EXPECTED = "", _("Expected")
        PRESENT = "present", _("Present")
        REMOTE = "remote", _("Present online")
        ABSENT = "absent", _("Excused")
        NO_SHOW = "no_show", _("Did not come")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="team")
    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    category = models.CharField(_("capacity"), max_length=12, choices=Category.choices)
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(_("language of letters"), max_length=2, choices=Language.choices, blank=True)
    status = models.CharField(_("invitation"), max_length=10, choices=Status.choices, default=Status.TO_NAME)
    invited_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.TextField(_("a word to your host"), blank=True)
    replaced_by = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="replaces")
    dietary_needs = models.CharField(_("food"), max_length=300, blank=True)
    access_needs = models.CharField(_("accessibility"), max_length=300, blank=True)
    emergency_contact = models.CharField(_("whom to call in an emergency"), max_length=200, blank=True)
    wants_no_more = models.BooleanField(_("wants no further letters"), default=False)
    attendance = models.CharField(_("attendance"), max_length=10, choices=Attendance.choices, blank=True, default="")
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["-side", "category", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="to_name") | Q(status="withdrawn") | Q(status="replaced") | ~Q(name=""),
                name="who_is_named_has_a_name",
            ),
            models.UniqueConstraint(
                models.functions.Lower("email"),
                "visit",
                condition=~Q(email="") & Q(status__in=["named", "invited", "accepted", "declined"]),
                name="a_person_is_in_a_visit_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("To be named"))

    @property
    def is_active(self) -> bool:
        """Counts in the team: not declined, replaced or withdrawn."""
        return self.status in (self.Status.TO_NAME, self.Status.NAMED, self.Status.INVITED, self.Status.ACCEPTED)

    @property
    def takes_part(self) -> bool:
        return self.status == self.Status.ACCEPTED

    @property
    def token(self) -> str:
        """The token of the person's desk page."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "TeamMember | None":
        """Return the member whose desk `token` opens, or None."""
        pk = pk_of(token)
        found = (
            cls.objects.select_related("visit__exchange__guest", "visit__exchange__host").filter(pk=pk).first()
            if pk
            else None
        )
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None
