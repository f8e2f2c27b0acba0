//! What another file of the family says about known variants: a call of the same variant, a reference block of a gVCF,
//! or nothing. A file that is silent about a site leaves the genotype unknown.

use std::collections::BTreeMap;

use super::alleles::is_placeholder;
use super::lines::Lines;
use super::load::{Loader, alternates};
use super::record::RawRecord;
use crate::model::candidate::{Annotated, Part};
use crate::model::genotype::{Call, CallOrigin};
use crate::model::problem::Problem;
use crate::model::sample::MemberId;
use crate::model::variant::Variant;

/// Variants that are looked for, in the order of contig, position and alleles.
#[derive(Debug)]
pub struct Sites<'a> {
    sites: &'a [Variant],
    /// Bases of the longest REF among them, so that a search backwards knows where to end.
    longest: u32,
}

/// What one record says about one site and member.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteEvidence {
    site: usize,
    member: MemberId,
    /// Bases that the record covers, 1-based inclusive.
    first: u32,
    last: u32,
    call: Call,
}

impl<'a> Sites<'a> {
    /// Takes variants that are sorted as `Variant` compares; others are not found.
    pub fn new(sites: &'a [Variant]) -> Self {
        let longest = sites.iter().map(|site| site.reference.len() as u32).max().unwrap_or(0);
        Self { sites, longest }
    }

    /// Sites whose REF overlaps `first ..= last` of the contig.
    fn overlapping(&self, variant: &Variant, last: u32) -> impl Iterator<Item = usize> {
        let (contig, first) = (variant.contig, variant.position.0);
        let from = first.saturating_sub(self.longest);
        let start =
            self.sites.partition_point(|site| (site.contig, site.position.0) < (contig, from));
        self.sites[start..]
            .iter()
            .take_while(move |site| (site.contig, site.position.0) <= (contig, last))
            .enumerate()
            .filter(move |(_, site)| end_of(site) >= first)
            .map(move |(i, _)| start + i)
    }

    /// What the records of a stretch say about the sites.
    ///
    /// # Errors
    ///
    /// When a record is malformed.
    pub fn scan(
        &self,
        lines: &mut Lines,
        loader: &mut Loader,
    ) -> Result<Vec<SiteEvidence>, Problem> {
        let mut found = Vec::new();
        let mut scratch = loader.annotated();
        while let Some(record) = lines.next() {
            let record = record?;
            let Some(contig) = loader.contig(&record) else { continue };
            scratch.variant.contig = contig;
            self.exact(&record, loader, &mut scratch, &mut found)?;
            self.covered(&record, loader, &mut scratch, &mut found)?;
        }
        Ok(found)
    }

    fn exact(
        &self,
        record: &RawRecord,
        loader: &mut Loader,
        scratch: &mut Annotated,
        found: &mut Vec<SiteEvidence>,
    ) -> Result<(), Problem> {
        for number in alternates(record) {
            loader.load(record, Part::Site, number, scratch)?;
            let Ok(site) = self.sites.binary_search(&scratch.variant) else { continue };
            loader.load(record, Part::Calls, number, scratch)?;
            let last = end_of(&self.sites[site]);
            push(site, (scratch.variant.position.0, last), scratch, found);
        }
        Ok(())
    }

    /// Sites that the record covers with a statement about every other allele: `<NON_REF>`, `<*>`, or no ALT.
    fn covered(
        &self,
        record: &RawRecord,
        loader: &mut Loader,
        scratch: &mut Annotated,
        found: &mut Vec<SiteEvidence>,
    ) -> Result<(), Problem> {
        let mut open = record.alternates().next().is_none();
        open |= record.alternates().any(|alternate| alternate != b"*" && is_placeholder(alternate));
        if !open {
            return Ok(());
        }
        let last = record.end();
        scratch.variant.position.0 = record.position();
        let mut known = false;
        for site in self.overlapping(&scratch.variant, last) {
            if found
                .iter()
                .rev()
                .take_while(|e| e.last >= record.position())
                .any(|e| e.site == site && e.call.origin == CallOrigin::Record && e.first <= last)
            {
                continue;
            }
            if !known {
                // Seen from no ALT of the record: every ALT is another allele.
                loader.block_calls(record, &mut scratch.calls)?;
                known = true;
            }
            push(site, (record.position(), last), scratch, found);
        }
        Ok(())
    }

    /// One call for each site and member that the file speaks of, in the order of sites and members.
    ///
    /// A record of the variant itself wins. Otherwise blocks must cover all of REF: then depth and quality are the
    /// lowest of them, and the genotype is reference only if every block says so.
    pub fn merge(&self, evidence: Vec<SiteEvidence>) -> Vec<(usize, MemberId, Call)> {
        let mut by_site: BTreeMap<(usize, MemberId), Vec<SiteEvidence>> = BTreeMap::new();
        for item in evidence {
            by_site.entry((item.site, item.member)).or_default().push(item);
        }
        by_site
            .into_iter()
            .filter_map(|((site, member), items)| {
                let variant = self.sites.get(site)?;
                Some((site, member, join(variant, items)?))
            })
            .collect()
    }
}

fn end_of(site: &Variant) -> u32 {
    site.position.0 + (site.reference.len() as u32).max(1) - 1
}

fn push(
    site: usize,
    (first, last): (u32, u32),
    scratch: &Annotated,
    found: &mut Vec<SiteEvidence>,
) {
    for (i, call) in scratch.calls.iter().enumerate() {
        if call.origin != CallOrigin::Absent {
            let member = MemberId(i as u16);
            found.push(SiteEvidence { site, member, first, last, call: call.clone() });
        }
    }
}

fn join(variant: &Variant, mut items: Vec<SiteEvidence>) -> Option<Call> {
    if let Some(exact) = items.iter().find(|item| item.call.origin == CallOrigin::Record) {
        return Some(exact.call.clone());
    }
    items.sort_by_key(|item| item.first);
    let mut next = variant.position.0;
    for item in &items {
        if item.first > next {
            return None;
        }
        next = next.max(item.last.saturating_add(1));
    }
    if next <= end_of(variant) {
        return None;
    }
    let least = |value: fn(&Call) -> Option<u32>| items.iter().filter_map(|i| value(&i.call)).min();
    let depth = least(|call| call.depth);
    let quality = items.iter().filter_map(|item| item.call.genotype_quality).reduce(f32::min);
    let is_reference = |item: &&SiteEvidence| {
        item.call.genotype.dosage().lacks() && !item.call.genotype.has_other()
    };
    let told = items.iter().find(|item| !is_reference(item)).or(items.first())?;
    Some(Call { depth, genotype_quality: quality, ..told.call.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::{ChunkReader, Layout, VariantFile, Wanted};
    use super::*;
    use crate::model::contig::{ContigId, ContigTable};
    use crate::model::coord::Pos1;
    use crate::model::genotype::Allele;

    const GVCF: &str = "##fileformat=VCFv4.2\n##contig=<ID=20>\n\
        ##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tMUM\n\
        20\t100\t.\tC\t<NON_REF>\t.\t.\tEND=199\tGT:DP:GQ:MIN_DP:PL\t0/0:30:80:25:0,1,2\n\
        20\t200\t.\tA\tG,<NON_REF>\t50\t.\t.\tGT:AD:DP:GQ\t0/1:10,12,0:22:99\n\
        20\t201\t.\tC\t<NON_REF>\t.\t.\tEND=205\tGT:DP:GQ:MIN_DP\t0/0:20:40:18\n\
        20\t206\t.\tC\t<NON_REF>\t.\t.\tEND=299\tGT:DP:GQ:MIN_DP\t./.:0:0:0\n\
        20\t301\t.\tC\t<NON_REF>\t.\t.\tEND=302\tGT:DP:GQ:MIN_DP\t0/0:0:0:0\n\
        20\t400\t.\tCTT\tCT,<NON_REF>\t50\t.\t.\tGT:AD:DP:GQ\t0/1:10,12,0:22:99\n";

    fn site(position: u32, reference: &str, alternate: &str) -> Variant {
        Variant {
            contig: ContigId(0),
            position: Pos1(position),
            reference: reference.into(),
            alternate: alternate.into(),
        }
    }

    fn calls(sites: &[Variant]) -> Vec<(usize, MemberId, Call)> {
        let file = VariantFile::from_reader("x", Box::new(GVCF.as_bytes())).unwrap();
        let mut contigs = ContigTable::new();
        contigs.add("chr20", None).unwrap();
        let wanted = Wanted {
            contigs: &contigs,
            members: 1,
            samples: &[("MUM".into(), MemberId(0))],
            populations: &[],
            annotations: &[],
            file: 0,
        };
        let layout = Layout::new("x", file.header(), &wanted).unwrap();
        let mut loader = Loader::new(&layout, None);
        let chunks = file.chunks().unwrap();
        let mut reader = ChunkReader::new(chunks.kind());
        let sites = Sites::new(sites);
        let mut found = Vec::new();
        for chunk in chunks {
            let mut lines = reader.lines(chunk.unwrap()).unwrap();
            found.extend(sites.scan(&mut lines, &mut loader).unwrap());
        }
        sites.merge(found)
    }

    #[test]
    fn exact_records_blocks_and_silence() {
        let sites = [
            site(150, "C", "T"),
            site(200, "A", "G"),
            site(200, "A", "T"),
            site(203, "CCCCCC", "C"),
            site(300, "A", "G"),
            site(301, "C", "G"),
            site(400, "CT", "C"),
        ];
        let found = calls(&sites);
        let indices: Vec<usize> = found.iter().map(|(site, ..)| *site).collect();
        assert_eq!(indices, [0, 1, 2, 3, 5, 6]);
        let call = |i: usize| &found[i].2;
        assert_eq!(call(0).origin, CallOrigin::ReferenceBlock);
        assert_eq!((call(0).depth, call(0).genotype_quality), (Some(25), Some(80.0)));
        assert!(call(0).genotype.dosage().lacks());
        assert_eq!(call(1).origin, CallOrigin::Record);
        assert_eq!(call(1).alternate_depth, Some(12));
        assert_eq!(call(2).genotype.alleles, [Allele::Reference, Allele::Other]);
        // The block behind says nothing: neither does the whole.
        assert!(!call(3).genotype.dosage().lacks());
        assert_eq!(call(3).depth, Some(0));
        assert!(!call(4).dosage().lacks(), "0/0 without a read is no reference");
        assert_eq!(call(5).origin, CallOrigin::Record);
    }
}
