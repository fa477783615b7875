"""Words for the templates of joining."""

from decimal import Decimal

from django import template

from cmncp_portal.core.money import money_in_words

register = template.Library()


@register.filter
def money(amount: Decimal) -> str:
    """$1,250, in the words of the page's language."""
    return money_in_words(amount)
