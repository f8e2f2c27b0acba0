//! The tables of many samples.

use std::collections::BTreeSet;
use std::io::Write;

use super::groups::{Group, stated};
use super::{MANY, SampleFiles, Samples, SamplesIdentity};
use crate::exec;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::relatedness::pedigree::Pedigree;
use crate::identity::relatedness::relation;
use crate::identity::relatedness::tiles::Pair;
use crate::io::sink::{self, AtomicFile};
use crate::model::identity::{GenotypeCounts, Relation, Suspicion};
use crate::model::problem::Problem;
use crate::model::sample::Affected;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::report::identity::{self_sm, somalier};

/// Streams all pairs into the tables, and tells those that are related across families.
pub(super) fn pairs(
    files: &SampleFiles,
    samples: &Samples,
    groups: &[Group],
    limits: &IdentityLimits,
    found: &mut SamplesIdentity,
) -> Result<(), Problem> {
    let table =
        |end: &str| AtomicFile::create(files.output.join(format!("{}.{end}", files.prefix)));
    let (mut pairs, mut related) = (table("pairs.tsv")?, table("groups.tsv")?);
    let write = |file: &mut AtomicFile, text: &str| {
        let target = file.target().display().to_string();
        file.write_all(text.as_bytes()).map_err(|e| Problem::writing(target, &e))
    };
    write(&mut pairs, somalier::PAIRS)?;
    let listed = limits.relation.listed_relatedness.value;
    let is_few = files.all_pairs || samples.each.len() <= MANY;
    let least = (!is_few).then_some(listed / 2.0);
    let pedigrees: Vec<Pedigree<'_>> = groups.iter().map(|g| Pedigree::new(&g.people)).collect();
    let mut places = vec![None; samples.each.len()];
    for (number, group) in groups.iter().enumerate() {
        for (place, &sample) in group.samples.iter().enumerate() {
            places[sample] = Some((number, place));
        }
    }
    exec::identity::pairs(&samples.bits, files.threads, least, |pair| {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let expected = match (places[a], places[b]) {
            (Some((one, i)), Some((other, j))) if one == other => {
                pedigrees[one].expected(i, j).kinship.map(|kinship| 2.0 * kinship)
            }
            (Some(_), Some(_)) if !files.pedigree.is_empty() => Some(0.0),
            _ => None,
        };
        let (one, other) = (&samples.each[a].row, &samples.each[b].row);
        write(&mut pairs, &somalier::pair(one, other, &pair.counts, expected))?;
        if let Some(relatedness) = pair.counts.relatedness().filter(|value| *value > listed) {
            write(&mut related, &somalier::group(one, other, relatedness))?;
        }
        let same_group = matches!((places[a], places[b]), (Some(x), Some(y)) if x.0 == y.0);
        if !same_group {
            found.suspicions.extend(across(&pair, &samples.bits, limits));
        }
        Ok(())
    })?;
    pairs.finish()?;
    related.finish()
}

/// A sentence about two samples of different families that are related.
fn across(pair: &Pair, bits: &[GenotypeBits], limits: &IdentityLimits) -> Option<Suspicion> {
    let (a, b) = (pair.a as usize, pair.b as usize);
    let contigs = bits[a].shared_contigs(&bits[b]);
    let relation = relation::classify(&pair.counts, contigs, &limits.relation);
    let outcome = match relation {
        Relation::SamePerson => Outcome::Fail,
        Relation::TooFewSites | Relation::ThirdDegree | Relation::Unrelated => return None,
        _ => Outcome::Warn,
    };
    let text = format!("sample {} and sample {} look like {}", a + 1, b + 1, relation.words());
    Some(Suspicion { outcome, members: vec![a as u16 + 1, b as u16 + 1], text })
}

/// Writes the table of samples, and the contamination of each as VerifyBamID's file; gives the names of those.
pub(super) fn samples(
    files: &SampleFiles,
    rows: &[String],
    bits: &[GenotypeBits],
    found: &SamplesIdentity,
) -> Result<Vec<String>, Problem> {
    let (mut table, mut taken) = (Vec::new(), BTreeSet::new());
    for ((own, row), bits) in found.samples.iter().zip(rows).zip(bits) {
        let person = files.pedigree.iter().find(|person| person.id == own.sample);
        let [hom_ref, het, hom_alt] = bits.autosomal();
        let x = bits.on_x();
        let bare = GenotypeCounts { hom_ref, het, hom_alt, x, ..Default::default() };
        table.push(somalier::SampleRow {
            family: person.map_or_else(|| own.sample.clone(), |row| row.family.clone()),
            sample: row.clone(),
            father: person.and_then(|row| row.father.clone()),
            mother: person.and_then(|row| row.mother.clone()),
            sex: own.sex,
            stated: stated(&own.sample, &files.pedigree),
            affected: person.map_or(Affected::Uncertain, |row| row.affected),
            genotypes: own.identity.as_ref().map_or(bare, |identity| identity.genotypes),
        });
        let text = own.identity.as_ref().and_then(|identity| self_sm::text(row, identity));
        if let Some(text) = text {
            // Different names may become one as part of a file's name.
            let mut stem = sink::safe_file_name(row);
            while !taken.insert(stem.clone()) {
                stem.push('_');
            }
            sink::write_whole(files.output.join(format!("{stem}.selfSM")), text.as_bytes())?;
        }
    }
    let name = files.output.join(format!("{}.samples.tsv", files.prefix));
    sink::write_whole(name, somalier::samples(&table).as_bytes())?;
    Ok(taken.into_iter().map(|stem| format!("{stem}.selfSM")).collect())
}
