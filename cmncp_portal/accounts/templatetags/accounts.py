"""What allauth's pages need to know of ours."""

import base64

from django import template

from .. import selectors

register = template.Library()


@register.simple_tag
def demo_people() -> list[selectors.DemoPerson]:
    """{% demo_people as people %}: whom the demo's sign-in page offers; nobody outside the demo."""
    return selectors.demo_people()


@register.filter
def on_white(picture: str) -> str:
    """Return the data address of an SVG with white ground under it: cameras do not read black squares on a dark page."""
    start, _comma, data = picture.partition(",")
    before, opening, inside = base64.b64decode(data).decode().partition("<svg")
    attributes, end, rest = inside.partition(">")
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return f"{start},{base64.b64encode((before + opening + attributes + end + ground + rest).encode()).decode()}"
