"""Cache of what was fetched, in files: safe against crashes, other processes, and tampering."""

from __future__ import annotations

from .freshness import MAX_AGE, age_text, is_fresh, max_age_of
from .inventory import CacheEntry, inventory
from .kept_file import Cached, Format
from .key import SYNTHETIC, CacheKey
from .location import CacheLocation, cache_location, is_offline
from .locking import CacheWarning
from .store import CacheStore, utc_now
from .vintage_store import ARCHIVED, FETCHED, KeptVintage, VintageStore

__all__ = [
    "ARCHIVED",
    "FETCHED",
    "MAX_AGE",
    "SYNTHETIC",
    "CacheEntry",
    "CacheKey",
    "CacheLocation",
    "CacheStore",
    "CacheWarning",
    "Cached",
    "Format",
    "KeptVintage",
    "VintageStore",
    "age_text",
    "cache_location",
    "inventory",
    "is_fresh",
    "is_offline",
    "max_age_of",
    "utc_now",
]
