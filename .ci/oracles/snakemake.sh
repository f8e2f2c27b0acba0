#!/usr/bin/env bash
# Runs the trio through the Snakemake pipeline as its README says, then checks that the results are whole and equal to
# those of the plain command, that a second run has nothing to do, and that a failing case leaves no results.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
tierline=$(ci_tierline)
[ -x "$ci_tools/snakemake" ] || fail "Snakemake is not installed; run .ci/setup.sh first"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
    "$ci_tools/snakemake" --snakefile pipelines/snakemake/Snakefile --directory "$work" --cores 2 \
        --config "results=$work/results" "tierline=$tierline" "$@"
}

run
for output in results.json tiers.tsv candidates.vcf.gz candidates.vcf.gz.tbi run.json; do
    [ -s "$work/results/trio/$output" ] || fail "the pipeline made no $output"
done
[ -z "$(find "$work/results" -name '.*.part')" ] || fail "a hidden folder was left"
cmp "$work/results/trio/tiers.tsv" target/ci/cases/trio/tiers.tsv
run --dry-run | grep -q 'Nothing to be done' || fail "a second run would do work"

# A case that cannot run: exit status, log, and nothing under the final name.
mkdir "$work/bad"
printf '[case]\nid = "bad"\nkind = "family"\nassembly = "GRCh38"\n' >"$work/bad/case.toml"
printf 'name\tcase\nbad\tbad/case.toml\n' >"$work/bad.tsv"
if run "sheet=$work/bad.tsv"; then fail "a case without members passed"; fi
[ ! -e "$work/results/bad" ] || [ -z "$(ls -A "$work/results/bad")" ] || fail "a failed case left results"
grep -q 'case.toml' "$work/results/logs/bad.log" || fail "the log does not name the file"
echo "note: the pipeline ran the trio, rested, and refused a bad case"
