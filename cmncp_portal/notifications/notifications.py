"""The letters about letters."""

from .kinds import Kind
from .models import Category

NEWS_ON = Kind(
    "notifications.news_on",
    category=Category.ANNOUNCEMENTS,
    variables=("name", "wording", "preferences_url"),
    is_announcement=True,
)
