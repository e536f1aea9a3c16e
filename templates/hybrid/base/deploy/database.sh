#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: each half gets a role that owns
# its own database and cannot see the other's.
set -eu
for half in gateway service; do
    psql --set ON_ERROR_STOP=1 --set name="scaffold_sample_$half" \
        --set password="$(cat "/run/secrets/${half}_database_password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
