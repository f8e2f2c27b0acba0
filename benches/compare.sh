#!/usr/bin/env bash
# Wall and CPU time of `tierline qc` against mosdepth on the same files, interleaved, as a table of ratios.
#
#   benches/compare.sh [BAM...]
#
# Without BAMs it simulates two: 60 Mb at 30x with 4 and with 40 levels of quality. mosdepth gets its best number of
# threads (-t 0 to 3), tierline has two. Variables: TIERLINE and MOSDEPTH (programs), ROUNDS (runs of each, 5), DATA
# (folder of simulated files, kept when given), INFLATE (the built bench `inflate`: adds decompression alone). Run it on a machine that does nothing else: the load is printed with the
# table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tierline=${TIERLINE:-${CARGO_TARGET_DIR:-target}/release/tierline}
mosdepth=${MOSDEPTH:-mosdepth}
rounds=${ROUNDS:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
    data=${DATA:-$scratch}
    mkdir -p "$data"
    for levels in 4 40; do
        file=$data/60mb.30x.$levels-levels.bam
        [ -e "$file" ] || "$tierline" simulate reads --length 60M --depth 30 --qualities "$levels" -o "$file"
        files+=("$file")
    done
fi

# measure NAME COMMAND...: one run; its wall and CPU seconds and peak memory (MB) go to a file of that name.
measure() {
    local name=$1
    shift
    /usr/bin/time -a -o "$scratch/$name" -f '%e %U %S %M' "$@" >"$scratch/log" 2>&1 ||
        { cat "$scratch/log" >&2; exit 1; }
}

# median NAME: the medians of wall, CPU and memory.
median() {
    local column
    for column in '$1' '$2+$3' '$4/1024'; do
        awk "{ print $column }" "$scratch/$1" | sort -g |
            awk '{ all[NR] = $1 } END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
    done | paste -sd ' '
}

compare() {
    local file=$1 round threads best best_threads=0 ours label=$2
    shift 2
    rm -f "$scratch"/run.*
    for ((round = 0; round < rounds; round++)); do
        measure run.ours "$tierline" qc "$file" --compat mosdepth --only depth -t 2 --prefix m -o "$scratch/out" "$@"
        for threads in 0 1 2 3; do
            measure "run.$threads" "$mosdepth" -t "$threads" "$@" "$scratch/m" "$file"
        done
    done
    best=$(median run.0)
    for threads in 1 2 3; do
        if awk -v a="$(median "run.$threads")" -v b="$best" 'BEGIN { split(a, x, " "); split(b, y, " "); exit !(x[1] < y[1]) }'; then
            best=$(median "run.$threads")
            best_threads=$threads
        fi
    done
    ours=$(median run.ours)
    awk -v o="$ours" -v b="$best" -v t="$best_threads" -v file="$(basename "$file")" -v label="$label" 'BEGIN {
        split(o, x, " "); split(b, y, " ")
        if (y[1] < 0.1 || y[2] < 0.1) { print file ": too small to time" > "/dev/stderr"; exit 1 }
        printf "| %s | %s | %.2f / %.2f / %.0f | %.2f / %.2f / %.0f (-t %d) | %.2f | %.2f |\n",
            file, label, x[1], x[2], x[3], y[1], y[2], y[3], t, x[1] / y[1], x[2] / y[2]
    }'
}

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "$(date -u +%F), $(nproc) cores, $processor; load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "$("$tierline" --version); $("$mosdepth" --version 2>&1); medians of $rounds interleaved runs; simulated reads unless files were named"
echo
echo "| file | work | tierline -t 2: wall s / CPU s / MB | mosdepth, best: wall s / CPU s / MB | wall ratio | CPU ratio |"
echo "|---|---|---|---|---|---|"
for file in "${files[@]}"; do
    compare "$file" "per-base track, summary, distribution"
    compare "$file" "summary, distribution (-n)" -n
done
if [ -n "${INFLATE:-}" ]; then
    echo
    echo "decompression alone, one thread:"
    "$INFLATE" "${files[@]}"
fi
echo
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)"
