//! Samples, pairs and groups as the tables of somalier: `samples.tsv`, `pairs.tsv` (with the column `hom_concordance`, by
//! which MultiQC knows it) and `groups.tsv`.

use std::fmt::Write;

use super::cell;
use crate::model::identity::{GenotypeCounts, PairCounts};
use crate::model::sample::{Affected, Sex};

/// One row of the table of samples.
#[derive(Clone, Debug, Default)]
pub struct SampleRow {
    /// Family.
    pub family: String,
    /// Sample.
    pub sample: String,
    /// Sample of the father.
    pub father: Option<String>,
    /// Sample of the mother.
    pub mother: Option<String>,
    /// Sex that the data show.
    pub sex: Sex,
    /// Sex that the pedigree states.
    pub stated: Sex,
    /// Disease status.
    pub affected: Affected,
    /// Genotypes.
    pub genotypes: GenotypeCounts,
}

const SAMPLES: &str = "#family_id\tsample_id\tpaternal_id\tmaternal_id\tsex\tphenotype\toriginal_pedigree_sex\t\
                       gt_depth_mean\tgt_depth_sd\tdepth_mean\tdepth_sd\tab_mean\tab_std\tn_hom_ref\tn_het\tn_hom_alt\t\
                       n_unknown\tp_middling_ab\tX_depth_mean\tX_n\tX_hom_ref\tX_het\tX_hom_alt\tY_depth_mean\tY_n\n";

/// The first line of the table of pairs.
pub const PAIRS: &str = "#sample_a\tsample_b\trelatedness\tibs0\tibs2\thom_concordance\thets_a\thets_b\thets_ab\t\
                         shared_hets\thom_alts_a\thom_alts_b\tshared_hom_alts\tn\tx_ibs0\tx_ibs2\texpected_relatedness\n";

fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::Unknown => "-9",
    }
}

fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
    }
}

/// The table of samples.
pub fn samples(rows: &[SampleRow]) -> String {
    let mut text = SAMPLES.to_owned();
    for row in rows {
        let parent = |name: &Option<String>| name.as_deref().map_or("0".to_owned(), cell);
        let phenotype = match row.affected {
            Affected::Yes => "2",
            Affected::No => "1",
            Affected::Uncertain => "-9",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{phenotype}\t{}\t{}",
            cell(&row.family),
            cell(&row.sample),
            parent(&row.father),
            parent(&row.mother),
            sex_code(row.sex),
            sex_word(row.stated),
            genotypes(&row.genotypes),
        );
    }
    text
}

fn genotypes(of: &GenotypeCounts) -> String {
    let [depth, depth_sd] = of.depth;
    let [genotyped, genotyped_sd] = of.genotyped_depth;
    let [share, share_sd] = of.alternate_share;
    let [x_hom_ref, x_het, x_hom_alt] = of.x;
    format!(
        "{genotyped:.1}\t{genotyped_sd:.1}\t{depth:.1}\t{depth_sd:.1}\t{share:.2}\t{share_sd:.2}\t{}\t{}\t{}\t{}\t{:.3}\t\
         {:.2}\t{}\t{x_hom_ref}\t{x_het}\t{x_hom_alt}\t{:.2}\t{}",
        of.hom_ref,
        of.het,
        of.hom_alt,
        of.unknown,
        of.middling_share,
        of.x_depth,
        of.xy_sites[0],
        of.y_depth,
        of.xy_sites[1],
    )
}

/// One line of the table of pairs; `expected` is the relatedness that a pedigree says, -1 when it says none. A value that
/// cannot be computed is 0, as the table knows no other word.
pub fn pair(a: &str, b: &str, counts: &PairCounts, expected: Option<f64>) -> String {
    format!(
        "{}\t{}\t{:.4}\t{}\t{}\t{:.4}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.4}\n",
        cell(a),
        cell(b),
        counts.relatedness().unwrap_or(0.0),
        counts.ibs0,
        counts.ibs2,
        counts.hom_concordance().unwrap_or(0.0),
        counts.hets_a,
        counts.hets_b,
        counts.hets_a + counts.hets_b,
        counts.shared_hets,
        counts.hom_alts_a,
        counts.hom_alts_b,
        counts.shared_hom_alts,
        counts.sites,
        counts.x_ibs0,
        counts.x_ibs2,
        expected.unwrap_or(-1.0),
    )
}

/// One line of the table of groups: a related pair.
pub fn group(a: &str, b: &str, relatedness: f64) -> String {
    format!("{},{}\t{relatedness:.4}\n", cell(a), cell(b))
}
