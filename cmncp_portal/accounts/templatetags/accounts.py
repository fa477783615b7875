"""What allauth's pages need to know of ours."""

from django import template

from .. import selectors

register = template.Library()


@register.simple_tag
def demo_people() -> list[selectors.DemoPerson]:
    """{% demo_people as people %}: whom the demo's sign-in page offers; nobody outside the demo."""
    return selectors.demo_people()
