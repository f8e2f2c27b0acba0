#!/usr/bin/env bash
# The pages of the committed cases, and an index of them, in headless Chromium without network: axe-core must find no
# violation, and a page with a fault must be told.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
axe=$ci_node/node_modules/axe-core/axe.min.js
[ -f "$axe" ] || fail "axe-core is not installed; run .ci/setup.sh first"
chromium=$(command -v chromium || command -v chromium-browser) || fail "no chromium; run .ci/setup.sh first"
tierline=$(ci_tierline)
work=target/ci/axe
rm -rf "$work"
mkdir -p "$work"
shopt -s nullglob
folders=(target/ci/cases/*/)
cases=(test-data/*/case.toml)
[ ${#folders[@]} -eq ${#cases[@]} ] || fail "${#folders[@]} results of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
"$tierline" report "${folders[@]}" --index "$work/index.html"

# check PAGE: prints what axe-core finds. The page's own policy forbids scripts, so a copy without it is looked at, which
# opens all that is folded.
check() {
    local copy=$work/copy.html dump=$work/dump.html
    sed -e '/http-equiv="Content-Security-Policy"/d' -e 's/<details>/<details open>/g' "$1" >"$copy"
    {
        echo '<script>'
        cat "$axe"
        echo '</script><script>axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })'
        echo '.then((r) => { document.title = "axe:" + JSON.stringify(r.violations.map((v) => ['
        echo 'v.id, v.nodes.length, v.nodes[0].html.slice(0, 120)])); })'
        echo '.catch((e) => { document.title = "axe failed: " + e; });</script>'
    } >>"$copy"
    "$chromium" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --host-resolver-rules='MAP * ~NOTFOUND' \
        --virtual-time-budget=60000 --dump-dom "file://$PWD/$copy" >"$dump" 2>/dev/null
    sed -n 's/.*<title>\(axe[^<]*\)<\/title>.*/\1/p' "$dump" | head -n 1
}

failed=0
for page in "$work/index.html" target/ci/cases/*/report.html; do
    found=$(check "$page")
    echo "$page: $found"
    [ "$found" = "axe:[]" ] || failed=1
done
# A page that must be refused: a picture without a text, a table without headers' contrast.
sed 's/ aria-label="[^"]*"//g; s/<html lang="en-GB">/<html>/' "$work/index.html" >"$work/faulty.html"
found=$(check "$work/faulty.html")
case $found in
*html-has-lang*) ;;
*) fail "a page without a language was accepted: $found" ;;
esac
exit $failed
