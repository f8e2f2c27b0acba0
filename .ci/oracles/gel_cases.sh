#!/usr/bin/env bash
# The snapshot of the GEL writer and every interpreted genome of the committed cases against the report models 6.0.0 to
# 6.2.0; each again as `report --gel-version` names it, and within the envelope of a case.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
shopt -s nullglob
files=(target/ci/cases/*/interpreted_genome.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} documents of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
.ci/oracles/gel.sh src/report/snapshots/gel.snap "${files[@]}"
tierline=$(ci_tierline)
work=target/ci/gel-versions
rm -rf "$work"
for version in 6.0.0 6.0.1 6.0.2 6.1.0 6.1.1 6.2.0; do
    for folder in target/ci/cases/*/; do
        out=$work/$version/$(basename "$folder")
        "$tierline" report "$folder" --only gel,gel-envelope --gel-version "$version" \
            --gel-service genomics_england_tiering --gel-envelope 2026-01-02T03:04:05.000000Z -o "$out" >/dev/null
        "$ci_gel/python" - "$out" "$version" <<'PYTHON'
import datetime
import json
import sys

folder, version = sys.argv[1:]
with open(f"{folder}/cip_api_case.json", encoding="utf-8") as file:
    case = json.load(file)
with open(f"{folder}/interpreted_genome.json", encoding="utf-8") as file:
    genome = json.load(file)
# What a reader of such cases asks for (NHS laboratories' re-analysis of Tier 3).
assert "sent_to_gmcs" in [state["status"] for state in case["status"]]
(newest,) = case["interpreted_genome"]
datetime.datetime.strptime(newest["created_at"], "%Y-%m-%dT%H:%M:%S.%fZ")
assert newest["interpreted_genome_data"] == genome
assert genome["interpretationService"] == "genomics_england_tiering"
assert genome["versionControl"]["gitVersionControl"] == version
PYTHON
    done
    .ci/oracles/gel.sh --versions "${version//./_}" "$work/$version"/*/interpreted_genome.json
done
