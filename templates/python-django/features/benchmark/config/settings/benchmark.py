"""Comparisons between services: production, and the routes that they ask for."""

from config.settings.production import *

BENCHMARK = True
