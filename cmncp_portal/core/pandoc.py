"""One kind of document made from another by pandoc: in its sandbox, without a home, with little memory, and not for long.

What people wrote is best given as pandoc's own document tree ("json"): words arrive as words, so that no raw HTML, attribute,
metadata or reference can be hidden in them.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pypandoc

PANDOC = Path(pypandoc.__file__).with_name("files") / "pandoc"  # the one of the package, whatever else is installed
SECONDS = 60
MEGABYTES = 768


class PandocFailed(Exception):
    """Pandoc made nothing. `str()` gives its reason."""


class NoPandoc(PandocFailed):
    """There is no pandoc to ask: this says nothing about the document."""


def converted(
    data: bytes,
    *,
    source: str,
    to: str,
    options: Sequence[str] = (),
    seconds: float | None = None,
    megabytes: int = MEGABYTES,
) -> bytes:
    """Return what pandoc makes of `data`, a document of the format `source`, in the format `to` (pandoc's names for them).

    Raises NoPandoc when pandoc cannot be started; PandocFailed when it refuses the document, needs more than `megabytes`, or
    takes longer than `seconds` (SECONDS when not given).
    """
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [PANDOC, "+RTS", f"-M{megabytes}M", "-RTS", "--sandbox", f"--from={source}", f"--to={to}", *options,
                 "--output=-"],
                input=data,
                capture_output=True,
                cwd=home,
                env={"HOME": home, "LANG": "C.UTF-8"},
                timeout=SECONDS if seconds is None else seconds,
                check=True,
            )  # fmt: skip
        except subprocess.CalledProcessError as problem:
            raise PandocFailed(problem.stderr.decode(errors="replace")[-2000:]) from problem
        except subprocess.TimeoutExpired as problem:
            raise PandocFailed(str(problem)) from problem
        except OSError as problem:
            raise NoPandoc(str(problem)) from problem
    return done.stdout
