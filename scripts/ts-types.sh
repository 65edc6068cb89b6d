#!/bin/sh
# Makes the TypeScript types of the API, client/api.d.ts, from docs/openapi.json. It needs npx, and the net the first time.
set -eu
cd "$(dirname "$0")/.."
# TypeScript 7 has no longer the interface that the generator builds its syntax tree with: it crashes.
npx --yes -p openapi-typescript@7.13.0 -p typescript@5.9.3 openapi-typescript docs/openapi.json -o client/api.d.ts >/dev/null
