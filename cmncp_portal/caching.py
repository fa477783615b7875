"""The cache, made so that a page never depends on it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import TimeoutError as Slow

log = logging.getLogger(__name__)

PAUSE = 10.0  # seconds without a new attempt after a failure, so that a dead server costs one wait and not one per call

OPERATIONS = ("add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear")


def _guarded(operation: str) -> Callable[..., Any]:
    """The operation on the server, or on this process's own memory while the server cannot be reached."""

    def call(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= ForgivingRedisCache.retry_at:
            try:
                return getattr(RedisCache, operation)(self, *args, **kwargs)
            except (Unreachable, Slow) as problem:
                ForgivingRedisCache.retry_at = time.monotonic() + PAUSE
                log.warning("The cache cannot be reached, going on without it: %s", problem)
        return getattr(self.spare, operation)(*args, **kwargs)

    call.__name__ = operation
    return call


class ForgivingRedisCache(RedisCache):
    """Redis or Valkey; while it is away, a memory of this process alone.

    The spare memory keeps limits on sign-in attempts working (counted per process) instead of switching them off.
    """

    retry_at = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.spare = LocMemCache("spare", {})


for _operation in OPERATIONS:
    setattr(ForgivingRedisCache, _operation, _guarded(_operation))
