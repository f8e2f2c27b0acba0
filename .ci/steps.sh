# The steps of .ci/run, in order. One profile (release) throughout, so that dependencies are built once.
# shellcheck shell=bash
step "set-up" 1200 .ci/setup.sh
step "format" 120 cargo ci-fmt
step "lint" 1500 cargo ci-lint
step "tests" 2400 cargo ci-test
step "documentation" 600 env RUSTDOCFLAGS="-D warnings" cargo ci-doc
step "Dockerfile" 60 .ci/oracles/hadolint.sh
step "GEL validator bites" 120 .ci/oracles/gel.sh --selftest
