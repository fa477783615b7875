"""The portal's frame and its shared apps. Importing it makes the Celery app known, as Celery asks."""

from cmncp_portal.celery import app as celery_app

__all__ = ["celery_app"]
