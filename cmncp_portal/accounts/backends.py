"""Sign-in, with the person's roles fetched in the same query."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from .models import User


class PortalBackend(AuthenticationBackend):
    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Django's own permission tables are for the back office; everybody else's rights are predicates in `rules`."""
        return bool(user_obj.is_staff) and super().has_perm(user_obj, perm, obj)

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.with_roles().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
