//! Records of a block that are each other's mates and the only ones of their name: told once, so that no metric that pairs mates
//! has to keep the first until the second comes, nor to look for it by name.

use super::read::{ReadFacts, ReadView};
use super::read_columns::{ReadColumns, STEP};
use super::read_name::hash;

/// Stands for no record.
const NONE: u32 = u32::MAX;
/// Names of earlier blocks that are remembered; where more reads lie over one position nobody is told to be a couple.
const MOST_CARRIED: usize = 1024;

/// Words of bits that stand for starts: more of these than most blocks span, bp.
const STARTS: usize = 128;

/// Mates among the records of one block.
///
/// Two plain records are a couple when each is said to start where the other does, the first starts before the second and lies
/// over its start, the first ends before the last record of the block starts, and no other record that lies near its mate or is
/// a supplementary alignment, or has one, bears their name: none of the block, and none of the blocks before that reaches into
/// this one. Of a record that is left alone by this there may or may not be a mate.
#[derive(Debug)]
pub struct Couples {
    found: Vec<[u32; 2]>,
    /// For each record the place of its mate, or [`NONE`].
    mates: Vec<u32>,
    /// For each step of records a bit for each that is near its mate and of no couple, the first one lowest.
    single: Vec<u32>,
    names: Names,
    /// A bit for each start, in turn, of records near their mates that do not come behind these.
    starts: Box<[u64; STARTS]>,
    /// Places of the records whose names are looked at, and the numbers of these.
    chosen: Vec<u32>,
    whose: Vec<u32>,
    /// Names of records that reach behind the block: hash, and 0-based end (exclusive). What is left of another task or file only
    /// keeps records from being told to be couples.
    carried: Vec<(u64, u32)>,
    contig: i32,
    /// Up to here records may lie whose names were not remembered.
    unknown_until: u32,
}

/// The records that may be couples.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<'a> {
    /// The records of the block.
    pub reads: &'a [ReadView<'a>],
    /// What was worked out about each.
    pub facts: &'a [ReadFacts],
    /// Fields side by side.
    pub columns: &'a ReadColumns,
    /// Places of the records near their mates, ascending.
    pub near: &'a [u32],
    /// Places of records that are or have supplementary alignments.
    pub special: &'a [u32],
}

/// Start, last position (the start at least) and mate's start of a record, as in [`Step`](super::read_columns::Step).
type Place = (i32, i32, i32);

impl Candidates<'_> {
    fn place(&self, place: u32) -> Option<Place> {
        let (start, last, mate) = self.columns.place(place as usize)?;
        Some((start, last.max(start), mate))
    }

    fn name(&self, place: u32) -> Option<&[u8]> {
        self.reads.get(place as usize).map(|read| read.name())
    }

    /// Whether two records of one hash are a couple if they are the only ones; no record of a later block starts before `last`.
    fn fit(&self, [first, second]: [u32; 2], last: u32) -> bool {
        let is_plain =
            |place: u32| self.facts.get(place as usize).is_some_and(|facts| facts.group > 0);
        let (Some(earlier), Some(later)) = (self.place(first), self.place(second)) else {
            return false;
        };
        let (agree, over) = (earlier.2 == later.0 && later.2 == earlier.0, later.0 <= earlier.1);
        let ended = i64::from(earlier.1) < i64::from(last);
        (agree && earlier.0 < later.0 && over && ended)
            && (is_plain(first) && is_plain(second))
            && self.name(first) == self.name(second)
    }
}

impl Default for Couples {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            mates: Vec::new(),
            single: Vec::new(),
            names: Names::default(),
            starts: Box::new([0; STARTS]),
            chosen: Vec::new(),
            whose: Vec::new(),
            carried: Vec::new(),
            contig: -1,
            unknown_until: 0,
        }
    }
}

impl Couples {
    /// Looks for couples; adds the places of the records near their mates of which none is known to `single`, but for those
    /// whose mate starts before them and is known not to wait for them.
    pub(super) fn find(&mut self, all: &Candidates<'_>, single: &mut Vec<u32>) {
        self.found.clear();
        self.mates.clear();
        self.mates.resize(all.reads.len(), NONE);
        single.clear();
        let ends = (all.reads.first(), all.reads.last());
        let placed = |read: Option<&ReadView<'_>>| {
            read.filter(|read| read.contig() >= 0 && all.columns.is_sorted())
                .and_then(|read| u32::try_from(read.position()).ok())
        };
        let contig = all.reads.first().map_or(-1, |read| read.contig());
        if contig != self.contig {
            (self.contig, self.unknown_until) = (contig, 0);
            self.carried.clear();
        }
        if let (Some(first), Some(last)) = (placed(ends.0), placed(ends.1)) {
            self.link(all, (first, last), single);
        } else {
            // Records without a place may stand among others.
            let listed = all.near.iter().chain(all.special);
            let ends = listed.filter_map(|&place| reach(all.place(place)?.1, 0));
            self.forget(ends.max().unwrap_or(0));
            single.extend_from_slice(all.near);
        }
        self.single.clear();
        self.single.resize(all.reads.len().div_ceil(STEP), 0);
        for &place in &*single {
            if let Some(bits) = self.single.get_mut(place as usize / STEP) {
                *bits |= 1 << (place as usize % STEP);
            }
        }
    }

    /// As [`Couples::find`] for records in order, the first and the last of which start here.
    fn link(&mut self, all: &Candidates<'_>, (first, last): (u32, u32), single: &mut Vec<u32>) {
        let (reaching, farthest) = self.choose(all, (first, last));
        let too_many = reaching + self.carried.len() > MOST_CARRIED;
        if too_many || first < self.unknown_until {
            if too_many {
                self.forget(farthest);
            } else {
                self.carry(all, last);
            }
            single.extend_from_slice(all.near);
            return;
        }
        self.name(all, last);
        for (place, number) in self.chosen.iter().zip(&self.whose) {
            let Some(name) = self.names.all.get(*number as usize) else { continue };
            if name.is_couple {
                let [earlier, later] = name.places;
                self.mates[*place as usize] = if *place == later { earlier } else { later };
                if *place == later {
                    self.found.push(name.places);
                }
                continue;
            }
            let Some((start, end, mate)) = all.place(*place) else { continue };
            if name.records > 1 || start <= mate {
                single.push(*place);
                self.carried.extend(reach(end, last).map(|end| (name.hash, end)));
            }
        }
    }

    /// Forgets the names so far and those of records that end at a position or before.
    fn forget(&mut self, farthest: u32) {
        let farthest = self.carried.drain(..).fold(farthest, |most, (_, end)| most.max(end));
        self.unknown_until = self.unknown_until.max(farthest);
    }

    /// Remembers the names of all records that reach behind the block.
    fn carry(&mut self, all: &Candidates<'_>, last: u32) {
        self.carried.retain(|&(_, end)| end > last);
        for &place in all.near.iter().chain(all.special) {
            let end = all.place(place).and_then(|own| reach(own.1, last));
            if let (Some(name), Some(end)) = (all.name(place), end) {
                self.carried.push((hash(name), end));
            }
        }
    }

    /// Chooses the records near their mates but for those that come behind where their mate is said to start when no record near
    /// its mate starts there. Returns how many records reach behind the block, and how far.
    fn choose(&mut self, all: &Candidates<'_>, (first, last): (u32, u32)) -> (usize, u32) {
        let Self { starts, chosen, .. } = self;
        starts.fill(0);
        chosen.clear();
        let (mut reaching, mut farthest) = (0, 0);
        let special = all.special.iter().map(|place| (place, false));
        for (&place, near) in special.chain(all.near.iter().map(|place| (place, true))) {
            let Some((start, end, mate)) = all.place(place) else { continue };
            if let Some(end) = reach(end, last) {
                (reaching, farthest) = (reaching + 1, farthest.max(end));
            }
            let (word, bit) = bit_of(start);
            starts[word] |= if near && start <= mate { bit } else { 0 };
            // Starts ascend: a mate that came before has left its bit, unless it came in another block.
            let (word, bit) = bit_of(mate);
            let may_follow = start <= mate || mate <= first as i32 || starts[word] & bit != 0;
            if near && may_follow {
                chosen.push(place);
            }
        }
        (reaching, farthest)
    }

    /// Gathers the names of a block, and leaves those behind that reach behind it.
    fn name(&mut self, all: &Candidates<'_>, last: u32) {
        let Self { names, whose, chosen, carried, .. } = self;
        names.begin(chosen.len() + all.special.len() + carried.len());
        for (hash, _) in &*carried {
            names.add(*hash, NONE);
        }
        carried.retain(|&(_, end)| end > last);
        for &place in all.special {
            let (Some(name), Some(own)) = (all.name(place), all.place(place)) else { continue };
            let hash = hash(name);
            names.add(hash, NONE);
            carried.extend(reach(own.1, last).map(|end| (hash, end)));
        }
        whose.clear();
        for &place in &*chosen {
            whose.push(names.add(hash(all.name(place).unwrap_or_default()), place));
        }
        for name in &mut names.all {
            name.is_couple =
                name.records == 2 && !name.places.contains(&NONE) && all.fit(name.places, last);
        }
    }

    /// The places of couples, the earlier record of each first, in the order of the later ones.
    pub fn found(&self) -> &[[u32; 2]] {
        &self.found
    }

    /// The place of the other record of a couple.
    #[inline]
    pub fn mate(&self, place: usize) -> Option<usize> {
        self.mates.get(place).filter(|&&mate| mate != NONE).map(|&mate| mate as usize)
    }

    /// A bit for each record of a step that is near its mate and of no couple, the first one lowest; none that is left out has
    /// a mate that lies over it, or may meet a record of its name that does.
    #[inline]
    pub fn single(&self, step: usize) -> u32 {
        self.single.get(step).copied().unwrap_or(0)
    }
}

/// The word and the bit of a start.
#[inline]
fn bit_of(start: i32) -> (usize, u64) {
    (start as usize / 64 % STARTS, 1 << (start as u32 % 64))
}

/// The 0-based end (exclusive) of a record with this last position if a record may lie over it that starts here or behind.
#[inline]
fn reach(last: i32, start: u32) -> Option<u32> {
    let end = last.saturating_add(1) as u32;
    (end > start).then_some(end)
}

/// Names that occur, told apart by their hashes.
#[derive(Debug, Default)]
struct Names {
    all: Vec<Name>,
    /// Numbers of names; twice as many as there are names at least.
    slots: Vec<u32>,
}

#[derive(Debug)]
struct Name {
    hash: u64,
    /// How often it occurs.
    records: u32,
    /// Where at first.
    places: [u32; 2],
    is_couple: bool,
}

impl Names {
    /// Forgets all; so many records may come.
    fn begin(&mut self, records: usize) {
        self.all.clear();
        self.slots.clear();
        self.slots.resize((2 * records).next_power_of_two().max(64), NONE);
    }

    /// Counts a record in, and returns the number of its name.
    fn add(&mut self, hash: u64, place: u32) -> u32 {
        let last = self.slots.len() - 1;
        let mut at = hash as usize & last;
        loop {
            let number = self.slots[at];
            let Some(name) = self.all.get_mut(number as usize) else { break };
            if name.hash == hash {
                if let (1, [_, second]) = (name.records, &mut name.places) {
                    *second = place;
                }
                name.records += 1;
                return number;
            }
            at = (at + 1) & last;
        }
        let number = self.all.len() as u32;
        self.slots[at] = number;
        self.all.push(Name { hash, records: 1, places: [place, NONE], is_couple: false });
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::{FIXED_BYTES, flag};
    use crate::model::read_pairs::ReadPairs;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const BASES: u32 = 50;

    /// Start, mate's start, aligned bases, name, whether it is supplementary, and whether it is plain.
    type Made = (i32, i32, u32, u8, bool, bool);

    fn bytes(&(start, mate, aligned, name, supplementary, _): &Made) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        (bytes[8], bytes[12]) = (2, 1);
        let flags = flag::PAIRED | if supplementary { flag::SUPPLEMENTARY } else { 0 };
        bytes[14..16].copy_from_slice(&flags.to_le_bytes());
        bytes[24..28].copy_from_slice(&mate.to_le_bytes());
        bytes.extend([name, 0]);
        bytes.extend((aligned << 4).to_le_bytes());
        bytes
    }

    /// Looks at a block of records as metrics see it.
    fn look(pairs: &mut ReadPairs, block: &[Made]) {
        let own: Vec<_> = block.iter().map(bytes).collect();
        let reads: Vec<_> = own.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
        let facts: Vec<_> = block
            .iter()
            .map(|made| ReadFacts { group: made.5.into(), ..ReadFacts::default() })
            .collect();
        let mut columns = ReadColumns::default();
        columns.gather(&reads, &facts, BASES);
        for (place, made) in block.iter().enumerate().filter(|(_, made)| !made.5) {
            columns.correct(place, i64::from(made.0) + i64::from(made.2), 0);
        }
        pairs.find(&reads, &facts, &columns);
    }

    /// Mates that find each other by name and start, as metrics look for them; only these records are looked at, and of these
    /// only those that have a place.
    fn paired(all: &[Made], looked_at: impl Fn(usize) -> bool) -> Vec<[usize; 2]> {
        let (mut waiting, mut found) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        for (i, &(start, mate, aligned, name, ..)) in all.iter().enumerate() {
            let end = start + aligned.max(1) as i32;
            if start < 0 || !looked_at(i) {
                continue;
            }
            for both in [mate == start, true] {
                let same = waiting.entry((name, mate.min(start), both)).or_default();
                same.retain(|&(_, last)| last > start);
                if let Some((other, _)) = same.pop_if(|_| start >= mate) {
                    found.push([other, i]);
                    break;
                }
                if start <= mate {
                    same.extend((mate < end).then_some((i, end)));
                    break;
                }
            }
        }
        found
    }

    fn made() -> impl Strategy<Value = Vec<Made>> {
        let one = (
            (prop_oneof![9 => 0_i32..6, 1 => 0_i32..90], -60_i32..60),
            prop_oneof![9 => Just(BASES), 1 => 0_u32..120],
            (prop_oneof![1 => 0_u8..5, 3 => any::<u8>()], prop::bool::weighted(0.02)),
            // How far behind it in the file its mate is, if it is a pair, and whether it is like most.
            (0_usize..9, prop::bool::weighted(0.9)),
        );
        prop::collection::vec(one, 1..200).prop_map(|all| {
            let mut start = 0;
            let mut made = Vec::new();
            for &((gap, away), aligned, (name, supplementary), (_, plain)) in &all {
                start += gap;
                let plain = plain && aligned == BASES;
                made.push((start, (start + away).max(-1), aligned, name, supplementary, plain));
            }
            for (i, behind) in all.iter().map(|one| one.3.0).enumerate() {
                if (1..5).contains(&behind) && i + behind < made.len() {
                    let (here, there) = (made[i], made[i + behind]);
                    made[i].1 = there.0;
                    (made[i + behind].1, made[i + behind].3) = (here.0, here.3);
                }
            }
            made
        })
    }

    proptest! {
        #[test]
        fn mates_are_those_that_names_tell(
            made in made(),
            cuts in prop::collection::vec(1_usize..80, 1..8),
            unplaced in prop::collection::vec(0_usize..200, 0..3),
        ) {
            let mut made = made;
            for place in unplaced {
                made.insert(place.min(made.len()), (-1, -1, BASES, 0, false, false));
            }
            let mut pairs = ReadPairs::default();
            let (mut from, mut single, mut couples) = (0, vec![false; made.len()], Vec::new());
            for cut in cuts.iter().cycle() {
                let block = &made[from..made.len().min(from + cut)];
                look(&mut pairs, block);
                let all = pairs.couples();
                for place in 0..block.len() {
                    single[from + place] = all.single(place / STEP) >> (place % STEP) & 1 == 1;
                    if let Some(mate) = all.mate(place) {
                        prop_assert_eq!(all.mate(mate), Some(place));
                        prop_assert!(!single[from + place]);
                    }
                }
                couples.extend(all.found().iter().map(|two| two.map(|place| from + place as usize)));
                from += block.len();
                if from == made.len() {
                    break;
                }
            }
            let mut found = paired(&made, |i| single[i]);
            found.extend(&couples);
            found.sort_unstable();
            let mut expected = paired(&made, |_| true);
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
            // No supplementary alignment of the name of a couple lies over the first, or came before and lies over the second.
            for (&place, first) in couples.iter().flat_map(|[a, b]| [(a, true), (b, false)]) {
                let (start, _, aligned, name, ..) = made[place];
                let own = start..start + aligned as i32;
                let mut of_name = made.iter().enumerate().filter(|(_, other)| other.4 && other.3 == name);
                let meets = of_name.any(|(other, &(from, _, aligned, ..))| {
                    (first && own.contains(&from))
                        || (other < place && (from..from + aligned as i32).contains(&start))
                });
                prop_assert!(!meets);
            }
        }
    }

    #[test]
    fn where_very_many_reads_lie_nobody_is_a_couple() {
        let mut pairs = ReadPairs::default();
        let pair = |i: u32, start: i32| -> [Made; 2] {
            let name = i as u8;
            [
                (start, start + 1, BASES, name, false, true),
                (start + 1, start, BASES, name, false, true),
            ]
        };
        let behind: Made = (500, -1, BASES, b'-', false, true);
        look(&mut pairs, &[&pair(0, 10)[..], &[behind]].concat());
        assert_eq!(pairs.couples().found(), [[0, 1]]);
        // Their mates come in the next block.
        let crowd = vec![(600, 610, BASES, b'a', false, true); MOST_CARRIED + 1];
        look(&mut pairs, &crowd);
        assert_eq!(pairs.couples().found(), [[0; 2]; 0]);
        let follows = |pair: [Made; 2], start| -> Vec<Made> {
            [&pair[..], &[(start, -1, BASES, b'-', false, true)]].concat()
        };
        look(&mut pairs, &follows(pair(1, 640), 655));
        assert_eq!(pairs.couples().found(), [[0; 2]; 0]);
        assert_eq!(pairs.couples().single(0), 3);
        // The crowd has ended, and names since then are known: of those of the block before one comes again.
        let again = [pair(2, 660), pair(1, 662)].concat();
        look(&mut pairs, &[&again[..], &[(800, -1, BASES, b'-', false, true)]].concat());
        assert_eq!(pairs.couples().found(), [[0, 1]]);
    }
}
