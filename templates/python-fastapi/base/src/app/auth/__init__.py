"""Accounts: registration, sign-in, sessions and who may do what."""
