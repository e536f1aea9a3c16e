"""Scaffold Sample."""

NAME = "scaffold-sample"
TITLE = "Scaffold Sample"
