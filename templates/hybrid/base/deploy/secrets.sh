#!/bin/sh
# Makes what compose.yaml mounts as secrets, once. The folder keeps other users
# of this machine out; the files are readable so that any container's user can.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets
chmod 700 secrets

# keep FILE COMMAND… writes the command's output unless the file is there.
keep() {
    file=secrets/$1
    shift
    [ -s "$file" ] || { "$@" >"$file.new" && chmod 644 "$file.new" && mv "$file.new" "$file"; }
}

keep jwt_private_keys openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
# The gateway signs its requests to the service with the one; the service has the other.
keep service_private_key openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
keep gateway_public_keys openssl pkey -in secrets/service_private_key -pubout
keep gateway_cursor_secret openssl rand -base64 48
keep service_cursor_secret openssl rand -base64 48
keep superuser_password openssl rand -hex 24
for half in gateway service; do
    keep "${half}_database_password" openssl rand -hex 24
    keep "${half}_database_url" printf 'postgresql://scaffold_sample_%s:%s@/scaffold_sample_%s?host=/var/run/postgresql' \
        "$half" "$(cat "secrets/${half}_database_password")" "$half"
done
# A stand-in for your certificate; browsers and curl will not trust it.
keep tls.key openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
keep tls.crt openssl req -x509 -key secrets/tls.key -days 90 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost
