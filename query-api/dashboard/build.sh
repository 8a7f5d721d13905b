#!/bin/sh
# Builds the dashboard page into the folder $1, unless the note in the file $2 says that what lies there was built
# from these very sources.
# Maven calls it (query-api/pom.xml); `npm run build` is the same without the check.
set -eu
cd "$(dirname "$0")"
out=$1
stamp=$2

fail() {
  echo "dashboard: $1" >&2
  exit 1
}

inputs=$(find src public index.html package.json package-lock.json tsconfig.json vite.config.ts build.sh -type f |
  LC_ALL=C sort | xargs cksum | cksum)
if [ -f "$out/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
  exit 0
fi

need='Node 20.19 (or 22.12) or newer with npm is needed to build the page'
command -v node >/dev/null 2>&1 || fail "no node on the path. $need"
command -v npm >/dev/null 2>&1 || fail "no npm on the path. $need"
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
  process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' ||
  fail "node $(node --version) is too old. $need"

rm -f "$stamp"
npm ci --loglevel=error || fail 'npm ci failed; its message is above (is the package registry reachable?)'
DASHBOARD_OUT=$out npx --no-install vite build --logLevel=warn || fail 'vite build failed; its message is above'
echo "$inputs" >"$stamp"
