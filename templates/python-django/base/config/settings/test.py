"""Tests: development's settings, without anything of the machine they run on."""

import os
import secrets
from pathlib import Path
from tempfile import mkdtemp

from config.env import faults
