"""People who sign in. What they may do follows from facts (whom they represent) and from a few roles of the network."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, Group, PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of

INVITATION_SCOPE = "accounts.invitation"
INVITATION_LASTS = timedelta(days=14)


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    FRENCH = "fr", "Français"


class Role(models.TextChoices):
    """Roles of the network, each a group. The roles inside a municipality are facts of `network.Stakeholder`."""

    COORDINATOR = "coordinator", _("Network coordinator")
    UNIVERSITY = "university", _("University of Ottawa team")
    REVIEWER = "reviewer", _("Reviewer of evaluations")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserQuerySet(models.QuerySet["User"]):
    def with_roles(self) -> "UserQuerySet":
        """People together with the names of their roles, in one query."""
        names = Group.objects.filter(user=models.OuterRef("pk")).order_by("name").values("name")
        return self.annotate(group_names=ArraySubquery(names))

    def visible_to(self, user: Any) -> "UserQuerySet":
        """Accounts that `user` may look at: administrators see all, everybody else their own."""
        if user.has_perm("accounts.manage_people"):
            return self
        return self.filter(pk=user.pk)

    def holding(self, role: str) -> "UserQuerySet":
        """People who hold `role`, without touching what `with_roles` collects."""
        return self.filter(pk__in=Group.objects.filter(name=role).values("user"))

    def invited_by_link(self, token: str) -> "User | None":
        """The person whose invitation `token` is, used or expired ones included; None for anything else."""
        pk = pk_of(token)
        user = self.filter(pk=pk, is_active=True, invited_at__isnull=False).first() if pk else None
        return user if user and is_valid(token, INVITATION_SCOPE, user.pk, user.nonce) else None


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("name", email)
        return self.create_user(email, password, is_staff=True, is_superuser=True, accepted_at=timezone.now(), **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Invited people exist before they accept; until then they have no password."""

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/Toronto")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the back office"), default=False)
    date_joined = models.DateTimeField(_("created at"), default=timezone.now)
    invited_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("invitation accepted at"), null=True, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person with an account")
        verbose_name_plural = _("people with an account")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def invitation_token(self) -> str:
        """The end of the address that lets this person in, until it is used, replaced or 14 days old."""
        return make_token(INVITATION_SCOPE, self.pk, self.nonce)

    @property
    def invitation_ends_at(self) -> datetime | None:
        """The instant from which the invitation no longer opens the door (UTC); None when nobody invited."""
        return self.invited_at + INVITATION_LASTS if self.invited_at else None

    @property
    def is_waiting(self) -> bool:
        """Invited, and not in yet."""
        return self.accepted_at is None and self.invited_at is not None

    @property
    def has_expired_invitation(self) -> bool:
        ends_at = self.invitation_ends_at
        return self.is_waiting and ends_at is not None and ends_at <= timezone.now()

    @property
    def role_labels(self) -> list[str]:
        """The roles in the words of the page's language, in the order of `Role`."""
        return [str(role.label) for role in Role if role.value in self.role_names]

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The roles of the network that this person holds. Comes with the sign-in query, so that pages pay nothing."""
        names = getattr(self, "group_names", None)
        if names is None:
            names = self.groups.values_list("name", flat=True)
        return frozenset(name for name in names if name)

    def has_role(self, *roles: str) -> bool:
        """Tell whether this person holds one of `roles`; a superuser holds each."""
        return self.is_active and (self.is_superuser or bool(self.role_names.intersection(roles)))


class AccountChange(models.Model):
    """What was done to an account: who let whom in, gave or took which role, closed or opened it. Rows are only added."""

    class Kind(models.TextChoices):
        INVITED = "invited", _("Invited")
        INVITED_AGAIN = "invited_again", _("Invited again")
        ACCEPTED = "accepted", _("Invitation accepted")
        ROLES = "roles", _("Roles changed")
        DEACTIVATED = "deactivated", _("Account closed")
        REACTIVATED = "reactivated", _("Account opened again")

    user = models.ForeignKey(User, models.CASCADE, related_name="changes", verbose_name=_("person"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    before = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("roles before"))
    after = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("roles after"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    by_name = models.CharField(_("by"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("change of an account")
        verbose_name_plural = _("changes of accounts")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="roles") | models.Q(before=[], after=[]),
                name="only_a_change_of_roles_names_roles",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"

    @property
    def given(self) -> list[str]:
        """Labels of the roles that were added."""
        return [str(role.label) for role in Role if role.value in self.after and role.value not in self.before]

    @property
    def taken(self) -> list[str]:
        """Labels of the roles that were taken away."""
        return [str(role.label) for role in Role if role.value in self.before and role.value not in self.after]
