# The steps of .ci/run, in order. One profile (release) throughout, so that dependencies are built once.
# shellcheck shell=bash
step "set-up" 1200 .ci/setup.sh
step "format" 120 cargo ci-fmt
step "lint" 1500 cargo ci-lint
step "tests" 2400 cargo ci-test
step "documentation" 600 env RUSTDOCFLAGS="-D warnings" cargo ci-doc
step "benches once" 900 cargo bench --locked --all-features --benches -- --test
when README.md step "README as written" 1500 .ci/readme.sh
when src/pipeline step "committed cases" 600 .ci/oracles/cases.sh
step "GEL validator bites" 120 .ci/oracles/gel.sh --selftest
step "GEL report models" 300 .ci/oracles/gel_cases.sh
step "FHIR bundles" 450 .ci/oracles/fhir.sh
step "VRS alleles" 120 .ci/oracles/vrs.sh
step "HGVS on chromosomes" 120 .ci/oracles/hgvs.sh
step "Phenopackets" 60 .ci/oracles/phenopacket.sh
step "carriers of cases" 120 .ci/oracles/carriers.sh
step "accessible pages" 240 .ci/oracles/axe.sh
step "GEL supplementary results" 300 .ci/oracles/gel_supplementary.sh
step "GEL coverage model" 300 .ci/oracles/gel_coverage.sh
step "GEL metrics model" 300 .ci/oracles/gel_metrics.sh
when src/pipeline step "RO-Crate" 120 .ci/oracles/crate.sh
step "random referrals" 300 .ci/oracles/referrals.sh
when src/pipeline step "JSON Schema" 60 .ci/oracles/schema.sh
when src/tier/biomarkers step "SigProfiler matrices" 600 .ci/oracles/sigprofiler.sh
when src/pipeline step "MultiQC" 300 .ci/oracles/multiqc.sh
when src/pipeline step "models beside genmod and bcftools" 300 .ci/oracles/models.sh
when src/pipeline step "Snakemake" 600 .ci/oracles/snakemake.sh
step "Dockerfile" 60 .ci/oracles/hadolint.sh
