#!/bin/sh
# Takes Swagger UI from npm into internal/server/docpage, packed. Run it after changing the version, and commit what it made.
set -eu
version=5.35.0
to=$(cd "$(dirname "$0")/../internal/server/docpage" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "swagger-ui-dist@$version" >/dev/null
tar xzf "swagger-ui-dist-$version.tgz"
gzip -9nc package/swagger-ui-bundle.js > "$to/swagger-ui-bundle.js.gz"
gzip -9nc package/swagger-ui.css > "$to/swagger-ui.css.gz"
cat package/NOTICE package/LICENSE package/swagger-ui-bundle.js.LICENSE.txt > "$to/LICENSE"
