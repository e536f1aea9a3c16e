"""Production: the settings as they stand; core.checks refuses what is unsafe."""

from config.settings.base import *
