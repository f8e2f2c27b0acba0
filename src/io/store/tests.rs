use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::contig::Assembly;

fn population(name: &str, counted: bool) -> StorePopulation {
    StorePopulation {
        name: name.into(),
        from: "x".into(),
        counted,
        homozygotes: counted.then(|| "nhomalt".into()),
        hemizygotes: None,
    }
}

fn meta() -> Meta {
    Meta {
        kind: Kind::Frequencies,
        dataset: "toy".into(),
        version: "1".into(),
        assembly: Assembly::GRCh38,
        left_aligned: false,
        sources: vec!["toy.vcf".into()],
        populations: vec![population("ALL", true), population("NFE", false)],
        texts: Vec::new(),
        contigs: Vec::new(),
        tally: Tally::default(),
    }
}

fn row(position: u32, alleles: &str, numbers: [u32; 3], fraction: Option<f64>) -> Row {
    Row {
        position,
        alleles: alleles.as_bytes().into(),
        texts: Box::new(["PASS".into()]),
        numbers: PackedNumbers::new(&numbers),
        fractions: Box::new([fraction]),
    }
}

fn written(contigs: &[(&str, Vec<Row>)]) -> Vec<u8> {
    let mut writer = StoreWriter::new(Vec::new(), "toy", meta()).unwrap();
    for (name, rows) in contigs {
        writer.begin(name, Some(1000)).unwrap();
        for row in rows {
            writer.push(row.clone()).unwrap();
        }
    }
    writer.finish().unwrap().0
}

/// Variants with long alleles, crowded positions, ends of contigs.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let alleles = prop_oneof![
        Just("A>C".to_owned()),
        "[ACGT]{1,3}>[ACGT]{1,3}",
        "[ACGTN]{1,300}>[ACGT]{1,40}",
    ];
    let position = prop_oneof![1_u32..40, 1_u32..100_000, Just(i32::MAX as u32)];
    let numbers = [0_u32..5, 0_u32..200_000, 0_u32..3];
    let fraction = prop::option::of(0.0_f64..=1.0);
    let one = (position, alleles, numbers, fraction).prop_map(
        |(position, alleles, numbers, fraction)| row(position, &alleles, numbers, fraction),
    );
    prop::collection::vec(one, 1..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_store_answers_as_a_map_does(first in rows(), second in rows(), asked in rows()) {
        let bytes = written(&[("chr1", first.clone()), ("odd", second.clone())]);
        let store = Store::from_bytes("toy", bytes).unwrap();
        store.verify().unwrap();
        let mut map: BTreeMap<(usize, u32, Box<[u8]>), Row> = BTreeMap::new();
        for (contig, rows) in [first, second].into_iter().enumerate() {
            for row in rows {
                let key = (contig, row.position, row.alleles.clone());
                let most = |row: &Row| row.numbers.iter().max();
                let known = map.get(&key).and_then(most);
                if known.is_none() || most(&row) > known {
                    map.insert(key, row);
                }
            }
        }
        let mut cursor = store.cursor();
        let listed = map.keys().cloned();
        let others = asked.iter().map(|row| (0, row.position, row.alleles.clone()));
        for (contig, position, alleles) in listed.chain(others).collect::<Vec<_>>() {
            let cut = alleles.iter().position(|&b| b == b'>').unwrap();
            let (reference, alternate) = (&alleles[..cut], &alleles[cut + 1..]);
            let found = cursor.find(Some(contig), position, reference, alternate).unwrap();
            let record = cursor.record(found);
            let expected = map.get(&(contig, position, alleles.clone()));
            prop_assert_eq!(record.is_some(), expected.is_some());
            if let (Some(record), Some(row)) = (record, expected) {
                let all = record.populations[0];
                let plain = |n: u32| n.checked_sub(1);
                let numbers: Vec<u32> = row.numbers.iter().collect();
                prop_assert_eq!([all.count, all.total, all.homozygotes],
                    [plain(numbers[0]), plain(numbers[1]), plain(numbers[2])]);
                prop_assert_eq!(record.populations[1].frequency, row.fractions[0]);
                prop_assert_eq!(record.position, position);
            }
        }
    }
}

#[test]
fn positions_at_the_borders_of_chunks_are_found() {
    let many = writer::CHUNK_ROWS as u32;
    // Three variants a position, so that a border would cut one in two.
    let rows: Vec<Row> = (0..3 * many)
        .map(|i| {
            row(10 + i / 3, ["A>C", "A>G", "A>T"][(i % 3) as usize], [i + 1, 4 * many, 0], None)
        })
        .collect();
    let store = Store::from_bytes("toy", written(&[("chr1", rows)])).unwrap();
    assert_eq!(store.chunks(), 3);
    let mut cursor = store.cursor();
    for i in (0..3 * many).chain((0..3 * many).rev().step_by(101)) {
        let alternate = [b"C", b"G", b"T"][(i % 3) as usize];
        let found = cursor.find(Some(0), 10 + i / 3, b"A", alternate).unwrap();
        let record = cursor.record(found).unwrap();
        assert_eq!(record.populations[0].count, Some(i), "{i}");
    }
    assert_eq!(cursor.find(Some(0), 9, b"A", b"C"), Ok(Found::Absent));
    assert_eq!(cursor.find(Some(0), 10 + many, b"A", b"C"), Ok(Found::Absent));
    assert_eq!(cursor.find(None, 10, b"A", b"C"), Ok(Found::NotCovered));
    assert_eq!(cursor.population(Found::NotCovered, 0), Stored::NotCovered);
}

#[test]
fn numbers_missing_and_zero_stay_apart() {
    let rows = vec![
        row(5, "A>C", [1, 101, 0], Some(0.0)),
        row(6, "A>C", [1, 1, 0], None),
        row(7, "A>C", [0, 0, 0], Some(1.0)),
    ];
    let store = Store::from_bytes("toy", written(&[("chr1", rows)])).unwrap();
    let mut cursor = store.cursor();
    let mut ask = |position| {
        let found = cursor.find(Some(0), position, b"A", b"C").unwrap();
        [0, 1].map(|population| cursor.population(found, population))
    };
    assert_eq!(ask(5), [Stored::Observed(0.0), Stored::Observed(0.0)]);
    assert_eq!(ask(6), [Stored::NoNumber, Stored::NoNumber], "nobody was called");
    assert_eq!(ask(7), [Stored::NoNumber, Stored::Observed(1.0)]);
    assert_eq!(ask(8), [Stored::Absent, Stored::Absent]);
}

/// Rows wait for others that a reference moves to the left; without one, only for those of the same record.
#[test]
fn rows_that_moved_left_are_sorted_in_and_the_same_variant_is_kept_once() {
    for moved in [false, true] {
        sorted_in(moved);
    }
}

fn sorted_in(moved: bool) {
    let meta = Meta { left_aligned: moved, ..meta() };
    let mut writer = StoreWriter::new(Vec::new(), "toy", meta).unwrap();
    writer.begin("chr1", None).unwrap();
    for position in [100_000, 99_000, 100_000] {
        writer.push(row(position, "A>C", [2, 9, 0], None)).unwrap();
    }
    writer.pass(200_000).unwrap();
    let before = if moved { 100_500 } else { 199_999 };
    assert!(writer.push(row(before, "A>C", [1, 1, 0], None)).is_err(), "too far left");
    let mut failed = row(200_000, "A>C", [9, 99, 0], None);
    failed.texts[0] = "AC0".into();
    writer.push(failed.clone()).unwrap();
    writer.push(row(200_000, "A>C", [2, 9, 0], None)).unwrap();
    writer.push(failed).unwrap();
    let (bytes, meta) = writer.finish().unwrap();
    assert_eq!((meta.tally.variants, meta.tally.duplicates, meta.tally.failed), (3, 3, 0));
    let store = Store::from_bytes("toy", bytes).unwrap();
    let mut cursor = store.cursor();
    let found = cursor.find(Some(0), 200_000, b"A", b"C").unwrap();
    assert!(cursor.passed(found) && cursor.record(found).unwrap().populations[0].count == Some(1));
}

#[test]
fn damage_is_named() {
    let rows = (1..500).map(|i| row(i, "A>C", [i, 1000, 0], None)).collect();
    let whole = written(&[("chr1", rows)]);
    let told = |bytes: Vec<u8>| match Store::from_bytes("toy.tlf", bytes) {
        Ok(store) => {
            let mut cursor = store.cursor();
            cursor.find(Some(0), 7, b"A", b"C").map_or_else(|e| e.to_string(), |_| String::new())
        }
        Err(problem) => problem.to_string(),
    };
    assert_eq!(told(whole.clone()), "");
    for (at, part) in [
        (3, "is no store"),
        (8, "is a store of layout"),
        (200, "chunk 0 (chr1:1-499)"),
        (whole.len() - 70, "index has another check sum"),
        (whole.len() - 30, "index has another check sum"),
        (whole.len() - 3, "is cut"),
    ] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        let told = told(bytes);
        assert!(told.starts_with("toy.tlf") && told.contains(part), "byte {at}: {told}");
    }
    for length in [0, 5, 13, 60, whole.len() / 2, whole.len() - 1] {
        let told = told(whole[..length].to_vec());
        assert!(
            told.contains("is cut") || told.contains("is empty") || told.contains("is no store"),
            "{length}: {told}"
        );
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(told(longer).contains("is cut"));
}

#[test]
fn another_build_is_refused_by_name() {
    let store =
        Store::from_bytes("toy.tlf", written(&[("chr1", vec![row(1, "A>C", [1, 2, 0], None)])]));
    let store = store.unwrap();
    let mut table = ContigTable::new();
    let id = table.add("1", None).unwrap();
    table.add("2", Some(7)).unwrap();
    assert_eq!(store.contigs(&table).unwrap(), [Some(0), None]);
    assert_eq!(id.0, 0);
    let mut other = ContigTable::new();
    other.add("1", Some(999)).unwrap();
    let told = store.contigs(&other).unwrap_err().to_string();
    assert!(told.contains("contig chr1 is 1000 bp in the store, but 1 is 999 bp"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Sums keep damage out; without them a chunk or an index that was changed is refused or answers something, no more.
    #[test]
    fn damaged_parts_never_panic(rows in rows(), at: prop::sample::Index, byte: u8, cut: bool) {
        let columns = Columns::of(&meta().populations, &[]);
        let mut rows = rows;
        rows.sort_by(|a, b| a.key().cmp(&b.key()));
        let mut bytes = chunk::encode(&rows, &columns);
        let at = at.index(bytes.len());
        bytes[at] ^= byte;
        if cut {
            bytes.truncate(at);
        }
        if let Ok(chunk) = Chunk::new(bytes, rows[0].position, &columns) {
            let _ = chunk.check(u32::MAX);
            for row in [0, chunk.len() - 1, chunk.lower_bound(0, 50_000)] {
                let _ = (chunk.alleles(row), chunk.text(0, row), chunk.number(1, row), chunk.fraction(0, row));
            }
        }
        let mut store = written(&[("chr1", rows)]);
        let end = store.len() - TAIL_BYTES as usize;
        let start = u64::from_le_bytes(store[end..end + 8].try_into().unwrap()) as usize;
        let place = start + at % (end - start);
        store[place] ^= byte;
        let _ = read_index(&store[start..end], start as u64);
    }
}
