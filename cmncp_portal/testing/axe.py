"""axe-core in a page of the tests. Only what it finds wrong comes back: the list of all that is right is long and slow to carry."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

# Colours that change slowly (on hover, from light to dark) are measured when they have changed.
SETTLED = """async () => {
    await new Promise(requestAnimationFrame);
    const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(moving.map((one) => one.finished));
}"""
RUN = "([what, options]) => axe.run(what ?? document, options).then((found) => JSON.stringify(found.violations))"


def violations(page: Any, what: dict[str, Any] | None = None, **options: Any) -> list[dict[str, Any]]:
    """Return what axe finds wrong on the page as it stands: for each rule its `id` and its `nodes`, with their `html`.

    `what` and `options` are axe's own (context and options of axe.run); all of the page and all rules unless given.
    """
    page.evaluate(SETTLED)
    page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = json.loads(page.evaluate(RUN, [what, {"resultTypes": ["violations"], **options}]))
    return found
