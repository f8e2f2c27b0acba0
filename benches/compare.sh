#!/usr/bin/env bash
# Whole commands of tierline and of the tools it stands in for, timed in pairs on the same files, as a table of ratios.
#
#   benches/compare.sh [BAM...]
#
# Without BAMs it simulates two: 60 Mb at 30x with 4 and with 40 levels of quality. A BAM that is named needs REFERENCE, an
# indexed FASTA. Every pair runs interleaved (ours, peer, ours, peer), tierline with two threads, a peer with each number
# of threads that it may take; the best median of the peer counts. Variables:
#
#   TIERLINE   the program                      ROUNDS     runs of each command (5; slow peers run once)
#   DATA       folder for simulated files, kept WORK       only these rows, as "perbase depth all count floor picard riker cram filter"
#   SITES      the list of sites of the sketch (without it, for simulated files: one site in 170 kb; else none, or what is
#              built in)
#   INFLATE    the built bench `inflate`: adds decompression alone, the floor of every reader
#   INSTALL=1  installs missing peers (Debian packages as root, riker by cargo, which needs cmake)
#
# Peers that are missing are named and their rows left out. Run it on a machine that does nothing else: the load is printed
# with the table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tierline=${TIERLINE:-${CARGO_TARGET_DIR:-target}/release/tierline}
mosdepth=${MOSDEPTH:-mosdepth}
rounds=${ROUNDS:-5}
work=${WORK:-perbase depth all count floor picard riker cram filter}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ "${INSTALL:-0}" = 1 ]; then
    command -v PicardCommandLine >/dev/null && command -v samtools >/dev/null && [ -n "$(command -v "$mosdepth")" ] ||
        apt-get install -y samtools mosdepth libhts-dev picard-tools >&2
    if ! command -v riker >/dev/null; then
        command -v cmake >/dev/null || apt-get install -y cmake >&2
        cargo install --locked riker-ngs >&2
    fi
fi
has() { command -v "$1" >/dev/null || { echo "no $1: its rows are left out" >&2; return 1; }; }
wanted() { [[ " $work " == *" $1 "* ]]; }

# list_sites INDEX: a BED of sites, one in 170 kb (about as dense as the built-in list), with made-up alleles.
list_sites() {
    awk '{ for (at = 100000; at < $2; at += 170000) print $1 "\t" at "\t" at + 1 "\tA\tG\t0.3" }' "$1"
}

reference=${REFERENCE:-}
sites=${SITES:-}
files=("$@")
# The rows of variants need no alignment.
if [ ${#files[@]} -eq 0 ] && [ "$work" != filter ]; then
    data=${DATA:-$scratch}
    mkdir -p "$data"
    reference=$data/reference.fa
    for levels in 4 40; do
        file=$data/60mb.30x.$levels-levels.bam
        # One seed, so one genome for both.
        [ -e "$file" ] || "$tierline" simulate reads --length 60M --depth 30 --qualities "$levels" \
            --reference-out "$data/genome.fa.gz" -o "$file"
        files+=("$file")
    done
    if has samtools && [ ! -e "${reference%.fa}.dict" ]; then
        zcat "$data/genome.fa.gz" >"$reference"
        samtools faidx "$reference"
        samtools dict -o "${reference%.fa}.dict" "$reference"
    fi
    # Without samtools there is no plain FASTA; of the tools that need a reference only ours is left then.
    [ -e "$reference" ] || reference=$data/genome.fa.gz
    if [ -z "$sites" ]; then
        sites=$data/sites.bed
        list_sites "$data/genome.fa.gz.fai" >"$sites"
    fi
fi

# measure NAME COMMAND...: one run; wall and CPU seconds and peak memory (KB) go to a file of that name.
measure() {
    local name=$1
    shift
    /usr/bin/time -a -o "$scratch/$name" -f '%e %U %S %M' "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
}

# median NAME: the medians of wall, CPU and memory (MB).
median() {
    local column
    for column in '$1' '$2+$3' '$4/1024'; do
        awk "{ print $column }" "$scratch/$1" | sort -g |
            awk '{ all[NR] = $1 } END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
    done | paste -sd ' '
}

# pair LABEL FILE RUNS OURS PEER...: each command is one string; prints a row of the table against the fastest peer.
pair() {
    local label=$1 file=$2 runs=$3 ours=$4 round number peer best="" name
    shift 4
    rm -f "$scratch"/run.*
    for ((round = 0; round < runs; round++)); do
        measure run.ours bash -c "$ours"
        number=0
        for peer in "$@"; do
            measure "run.$number" bash -c "$peer"
            number=$((number + 1))
        done
    done
    number=0
    for peer in "$@"; do
        if [ -z "$best" ] || awk -v a="$(median "run.$number")" -v b="$best" 'BEGIN { split(a, x, " "); split(b, y, " "); exit !(x[1] < y[1]) }'; then
            best=$(median "run.$number")
            name=$peer
        fi
        number=$((number + 1))
    done
    awk -v o="$(median run.ours)" -v b="$best" -v n="${name//$scratch\//}" -v f="$(basename "$file")" -v l="$label" 'BEGIN {
        split(o, x, " "); split(b, y, " ")
        if (y[1] < 0.1 || y[2] < 0.1) { print f ": too small to time" > "/dev/stderr"; exit 1 }
        gsub(/[^ ]*\//, "", n)
        printf "| %s | %s | %.2f | %.2f | %.0f / %.0f | `%s` |\n", f, l, x[1] / y[1], x[2] / y[2], x[3], y[3], n
    }'
}

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "$(date -u +%F), $(nproc) cores, $processor; load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "$("$tierline" --version); medians of $rounds interleaved runs; simulated reads unless files were named"
echo
echo "| file | work | wall, ours / theirs | CPU, ours / theirs | MB, ours / theirs | fastest peer |"
echo "|---|---|---|---|---|---|"
out=$scratch/out
qc="$tierline qc -t 2 --prefix m -o $out"
for file in "${files[@]}"; do
    every="$qc $file ${reference:+-f $reference} ${sites:+--sites $sites}"
    if has "$mosdepth"; then
        threads() { for t in 0 1 2 3; do echo "$mosdepth -t $t $1 $scratch/m $file"; done; }
        mapfile -t plain < <(threads "")
        mapfile -t bare < <(threads -n)
        ! wanted perbase || pair "per-base depth" "$file" "$rounds" "$qc $file --only depth" "${plain[@]}"
        ! wanted depth || pair "depth, no per-base" "$file" "$rounds" "$qc $file --only depth -n" "${bare[@]}"
        ! wanted all || pair "everything, per-base too" "$file" "$rounds" "$every" "${plain[@]}"
    fi
    if has samtools; then
        ! wanted count || pair "everything but per-base" "$file" "$rounds" "$every -n" "samtools view -c $file" "samtools view -@1 -c $file" \
            "samtools view -@2 -c $file" "samtools view -@3 -c $file"
        ! wanted floor || pair "flags only, the floor" "$file" "$rounds" "$qc $file --only flags" "samtools view -@2 -c $file" \
            "samtools view -@3 -c $file"
    fi
    if wanted riker && [ -n "$reference" ] && has riker; then
        pair "everything, per-base too" "$file" 3 "$every" \
            "riker multi --threads 2 --tools alignment basic isize wgs gcbias -i $file -r $reference -o $scratch/riker"
    fi
    if wanted picard && [ -n "$reference" ] && has PicardCommandLine; then
        own="PicardCommandLine"
        common="-I $file -R $reference --VALIDATION_STRINGENCY SILENT -O $scratch/picard.txt"
        pair "everything, per-base too" "$file" 1 "$every" \
            "$own CollectWgsMetrics $common && $own CollectAlignmentSummaryMetrics $common && $own CollectQualityYieldMetrics $common"
    fi
    if wanted cram && [ -n "$reference" ] && has samtools && has "$mosdepth"; then
        for version in 3.0 3.1; do
            cram=$scratch/$(basename "$file" .bam).v$version.cram
            samtools view -@1 -C -T "$reference" --output-fmt-option version=$version -o "$cram" "$file"
            samtools index "$cram"
            pair "CRAM $version depth, no per-base" "$file" "$rounds" "$qc $cram --only depth -n -f $reference" \
                "$mosdepth -n -t 1 -f $reference $scratch/m $cram" "$mosdepth -n -t 2 -f $reference $scratch/m $cram"
            rm -f "$cram" "$cram.crai"
        done
    fi
done
# Variants: 1.5 million simulated records of a trio, as VCF and as BCF, against a like filter of bcftools.
if wanted filter && has bcftools; then
    calls=${DATA:-$scratch}/calls
    [ -e "$calls.vcf.gz" ] || "$tierline" simulate calls -o "$calls.vcf.gz" -t 2 >&2
    [ -e "$calls.bcf" ] || bcftools view -Ob --threads 2 -o "$calls.bcf" "$calls.vcf.gz"
    rare='(gnomADg_AF<0.01 || gnomADg_AF=".")'
    for file in "$calls.vcf.gz" "$calls.bcf"; do
        split="bcftools +split-vep $file -d -f '%CHROM %POS %Consequence %SYMBOL\n' \
            -i 'FILTER=\"PASS\" && $rare && (Consequence~\"missense\" || Consequence~\"stop\")'"
        pair "filter" "$file" "$rounds" "$tierline filter $file -t 2 -o $scratch/kept.vcf.gz" "$split"
    done
    case="$tierline tier $calls.vcf.gz --ped $calls.ped --panel $calls.panel.json --consent primary -t 2 -o $scratch/case"
    pair "tier" "$calls.vcf.gz" "$rounds" "$case" "bcftools +split-vep $calls.vcf.gz -d -f '%CHROM %POS %Consequence %SYMBOL\n' \
        -i 'FILTER=\"PASS\" && $rare && (Consequence~\"missense\" || Consequence~\"stop\")'"
    pair "tier against the frequency filter alone" "$calls.vcf.gz" "$rounds" "$case" \
        "bcftools view --threads 2 -i '$rare' -Ou -o /dev/null $calls.vcf.gz"
fi
if [ -n "${INFLATE:-}" ]; then
    echo
    echo "decompression alone, one thread:"
    "$INFLATE" "${files[@]}"
fi
echo
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)"
