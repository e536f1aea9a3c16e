#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: the service gets a role that
# owns its database and nothing else.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/database_password)" <<'SQL'
CREATE ROLE scaffold_sample LOGIN PASSWORD :'password';
CREATE DATABASE scaffold_sample OWNER scaffold_sample;
REVOKE ALL ON DATABASE scaffold_sample FROM PUBLIC;
SQL
