//! Reads that are kept for their mates: heads of one size, and names and blocks of all of them in one array each, so that
//! none asks for memory of its own.

/// Pairs of numbers, ascending. Depth keeps a read's aligned blocks: start and end, 0-based half-open.
pub(in crate::qc) type Blocks = Vec<(u32, u32)>;

/// A read that waits for its mate, or looks for one that came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::qc) struct Mate<'a> {
    /// At most 254 bytes, as in BAM.
    pub(in crate::qc) name: &'a [u8],
    /// 0-based start.
    pub(in crate::qc) start: u32,
    /// 0-based end, exclusive.
    pub(in crate::qc) end: u32,
    /// Where its mate is said to start.
    pub(in crate::qc) partner_start: u32,
    /// Whether the CIGAR has one operation only.
    pub(in crate::qc) one_op: bool,
    /// Whether its mapping quality is below that of the second track of depth.
    pub(in crate::qc) low: bool,
    pub(in crate::qc) blocks: &'a [(u32, u32)],
}

/// What two mates have in common: their name, where the one that waits starts, and whether the other starts there too.
pub(super) type Meeting<'a> = (&'a [u8], u32, bool);

impl<'a> Mate<'a> {
    /// Where it waits for its mate.
    pub(super) fn waits_at(&self) -> Meeting<'a> {
        (self.name, self.start, self.start == self.partner_start)
    }

    /// Where it looks for its mate; by name alone this is anywhere.
    fn looks_at(&self, by_name: bool) -> Meeting<'a> {
        if by_name {
            return (self.name, 0, false);
        }
        (self.name, self.partner_start, self.start == self.partner_start)
    }
}

/// Bytes in which names are laid out: names of one file differ by a few digits and fit where another was.
const STEP: usize = 8;

/// What is kept of a read but for its name and blocks, and where these are.
#[derive(Clone, Debug, Default)]
struct Head {
    start: u32,
    end: u32,
    partner_start: u32,
    /// The place of its name, in steps, and of its first block.
    name_at: u32,
    blocks_at: u32,
    blocks: u32,
    /// Room for blocks, and for the name in steps.
    blocks_room: u32,
    name_room: u8,
    name_length: u8,
    one_op: bool,
    low: bool,
}

impl Head {
    #[inline]
    fn name<'a>(&self, names: &'a [[u8; STEP]]) -> &'a [u8] {
        &names[self.name_at as usize..].as_flattened()[..usize::from(self.name_length)]
    }

    #[inline]
    fn mate<'a>(&self, names: &'a [[u8; STEP]], blocks: &'a [(u32, u32)]) -> Mate<'a> {
        Mate {
            name: self.name(names),
            start: self.start,
            end: self.end,
            partner_start: self.partner_start,
            one_op: self.one_op,
            low: self.low,
            blocks: &blocks[self.blocks_at as usize..][..self.blocks as usize],
        }
    }
}

/// Reads by number.
#[derive(Clone, Debug, Default)]
pub(in crate::qc) struct MateList {
    heads: Vec<Head>,
    names: Vec<[u8; STEP]>,
    blocks: Blocks,
}

impl MateList {
    pub(in crate::qc) fn len(&self) -> usize {
        self.heads.len()
    }

    pub(in crate::qc) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The read of a number.
    #[inline]
    pub(in crate::qc) fn get(&self, number: usize) -> Mate<'_> {
        self.heads[number].mate(&self.names, &self.blocks)
    }

    /// The 0-based end of the read of a number, exclusive.
    #[inline]
    pub(super) fn end(&self, number: usize) -> u32 {
        self.heads[number].end
    }

    #[inline]
    pub(super) fn name(&self, number: usize) -> &[u8] {
        self.heads[number].name(&self.names)
    }

    /// The 0-based start of the read of a number, and whether its mate is said to start there too.
    #[inline]
    pub(super) fn place(&self, number: usize) -> (u32, bool) {
        let head = &self.heads[number];
        (head.start, head.start == head.partner_start)
    }

    pub(in crate::qc) fn iter(&self) -> impl Iterator<Item = Mate<'_>> {
        self.heads.iter().map(|head| head.mate(&self.names, &self.blocks))
    }

    /// Adds a read.
    pub(in crate::qc) fn push(&mut self, mate: Mate<'_>) {
        let number = self.add();
        self.set(number as usize, mate);
    }

    /// The number of a read to be set.
    pub(super) fn add(&mut self) -> u32 {
        self.heads.push(Head::default());
        self.heads.len() as u32 - 1
    }

    /// Puts a read in the place of another, in its memory if there is enough.
    #[inline]
    pub(super) fn set(&mut self, number: usize, mate: Mate<'_>) {
        let head = &mut self.heads[number];
        let steps = mate.name.len().div_ceil(STEP);
        if steps > usize::from(head.name_room) {
            (head.name_at, head.name_room) = (self.names.len() as u32, steps as u8);
            self.names.resize(self.names.len() + steps, [0; STEP]);
        }
        let name = self.names[head.name_at as usize..].as_flattened_mut();
        name[..mate.name.len()].copy_from_slice(mate.name);
        if mate.blocks.len() > head.blocks_room as usize {
            // Room that doubles leaves no more unused than it takes.
            let room = mate.blocks.len().max(2 * head.blocks_room as usize);
            (head.blocks_at, head.blocks_room) = (self.blocks.len() as u32, room as u32);
            self.blocks.resize(self.blocks.len() + room, (0, 0));
        }
        let blocks = &mut self.blocks[head.blocks_at as usize..];
        blocks[..mate.blocks.len()].copy_from_slice(mate.blocks);
        (head.start, head.end, head.partner_start) = (mate.start, mate.end, mate.partner_start);
        (head.one_op, head.low) = (mate.one_op, mate.low);
        (head.name_length, head.blocks) = (mate.name.len() as u8, mate.blocks.len() as u32);
    }

    /// Forgets all reads and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.heads.clear();
        self.names.clear();
        self.blocks.clear();
    }

    /// Forgets the reads that are not wanted.
    pub(in crate::qc) fn retain(&mut self, mut wanted: impl FnMut(Mate<'_>) -> bool) {
        let Self { heads, names, blocks } = self;
        heads.retain(|head| wanted(head.mate(names, blocks)));
    }

    /// Sorts by name and start, and leaves equal ones in order.
    pub(super) fn sort(&mut self) {
        let Self { heads, names, .. } = self;
        let key = |head: &Head| (head.name(names), head.start);
        heads.sort_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Pairs reads of the next task with those that wait here, for which `shared` is called: the read that waited and the other.
    /// Both wait no more. `own` are the reads of the next task that wait. By the rule of [`MateTable`](super::mates::MateTable),
    /// or by name alone; by the rule, those of the next task's first position that start where their mates do are paired here
    /// with each other too.
    pub(in crate::qc) fn pair(
        &mut self,
        orphans: &Self,
        own: &mut Self,
        by_name: bool,
        mut shared: impl FnMut(Mate<'_>, Mate<'_>),
    ) {
        let at = |&i: &u32| orphans.get(i as usize).looks_at(by_name);
        let mut looking: Vec<u32> = (0..orphans.len() as u32).collect();
        if self.is_empty() && !looking.iter().any(|i| at(i).2) {
            return;
        }
        // In order of the file where the same is looked for.
        looking.sort_unstable_by(|a, b| (at(a).0, at(a).1, a).cmp(&(at(b).0, at(b).1, b)));
        let (mut taken, mut paired, mut left) = (vec![false; self.len()], Vec::new(), Vec::new());
        // Those whose mate is said to start elsewhere, and those whose mate is said to start where they do.
        let mut waiting = [Vec::new(), Vec::new()];
        for same in looking.chunk_by(|a, b| (at(a).0, at(a).1) == (at(b).0, at(b).1)) {
            let places = same.first().map(|first| self.waiting(at(first), by_name));
            for place in places.into_iter().flatten() {
                let both = !by_name && self.place(place).1;
                waiting[usize::from(both)].push((Some(place), self.get(place)));
            }
            for i in same {
                let (orphan, both) = (orphans.get(*i as usize), at(i).2);
                for kind in &mut waiting {
                    while kind.pop_if(|(_, mate)| mate.end <= orphan.start).is_some() {}
                }
                match waiting[usize::from(both)..].iter_mut().find_map(Vec::pop) {
                    Some((place, mate)) => {
                        shared(mate, orphan);
                        if let Some(taken) = place.and_then(|i| taken.get_mut(i)) {
                            *taken = true;
                        }
                        paired.push((orphan.name, orphan.start));
                    }
                    None if both => waiting[1].push((None, orphan)),
                    None => {}
                }
            }
            waiting[0].clear();
            left.extend(waiting[1].drain(..).filter(|(place, _)| place.is_none()).map(|two| two.1));
        }
        if by_name {
            // Of two reads with one start the second looked for the first, and waits all the same.
            paired.sort_unstable();
            own.retain(|own| paired.binary_search(&(own.name, own.start)).is_err());
        } else if !left.is_empty() {
            for mate in left {
                own.push(mate);
            }
            own.sort();
        }
        let mut places = taken.iter();
        self.retain(|_| places.next() == Some(&false));
    }

    /// The places of those that wait here where such a read looks for its mate, the last one last.
    fn waiting(&self, (name, at, _): Meeting<'_>, by_name: bool) -> impl Iterator<Item = usize> {
        let before = |head: &Head| {
            let own = head.name(&self.names);
            own < name || (own == name && !by_name && head.start < at)
        };
        let first = self.heads.partition_point(before);
        let fits = move |&i: &usize| self.name(i) == name && (by_name || self.place(i).0 == at);
        (first..self.len()).take_while(fits)
    }

    /// Reads that wait, by name and start: these, and later ones. By name alone these only where no later one has the name.
    pub(in crate::qc) fn merged(&self, later: Self, by_name: bool) -> Self {
        if self.is_empty() {
            return later;
        }
        let mut all = Self {
            heads: Vec::with_capacity(self.len() + later.len()),
            names: Vec::with_capacity(self.names.len() + later.names.len()),
            blocks: Vec::with_capacity(self.blocks.len() + later.blocks.len()),
        };
        let mut later = later.iter().peekable();
        for mate in self.iter() {
            let before = |next: &Mate<'_>| {
                (next.name, next.start) < (mate.name, mate.start)
                    || (by_name && next.name == mate.name)
            };
            while let Some(next) = later.next_if(before) {
                all.push(next);
            }
            if !by_name || all.is_empty() || all.name(all.len() - 1) != mate.name {
                all.push(mate);
            }
        }
        for mate in later {
            all.push(mate);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mate<'a>(name: &'a [u8], start: u32, blocks: &'a [(u32, u32)]) -> Mate<'a> {
        let end = blocks.last().map_or(start, |block| block.1);
        Mate { name, start, end, partner_start: 9, one_op: true, low: false, blocks }
    }

    fn list(mates: &[Mate<'_>]) -> MateList {
        let mut list = MateList::default();
        for mate in mates {
            list.push(*mate);
        }
        list
    }

    fn names(list: &MateList) -> Vec<(&[u8], u32)> {
        list.iter().map(|mate| (mate.name, mate.start)).collect()
    }

    #[test]
    fn a_read_takes_the_memory_of_another() {
        let mut list = list(&[mate(b"read12", 1, &[(1, 5), (7, 9)]), mate(b"other", 2, &[(2, 6)])]);
        let before = (list.names.len(), list.blocks.len());
        let shorter = Mate { low: true, ..mate(b"read0123", 3, &[(3, 4)]) };
        list.set(0, shorter);
        assert_eq!((list.names.len(), list.blocks.len()), before);
        assert_eq!(list.get(0), shorter);
        let longest = [b'x'; 254];
        let longer = mate(&longest, 4, &[(4, 5), (6, 7), (8, 9)]);
        list.set(0, longer);
        assert_eq!((list.get(0), list.get(1)), (longer, mate(b"other", 2, &[(2, 6)])));
        let none = mate(b"", 9, &[]);
        list.set(0, none);
        assert_eq!(list.get(0), none);
    }

    #[test]
    fn many_sizes_in_one_place_waste_little() {
        let mut list = MateList::default();
        list.push(Mate::default());
        let blocks: Blocks = (0..1000).map(|i| (2 * i, 2 * i + 1)).collect();
        for count in 0..=blocks.len() {
            list.set(0, mate(b"r", 0, &blocks[..count]));
            assert_eq!(list.get(0).blocks, &blocks[..count]);
        }
        assert!(list.blocks.len() < 4 * blocks.len());
    }

    #[test]
    fn pairs_are_taken_out_of_both_tasks() {
        let block = |start: u32| [(start, start + 50)];
        let (at7, at8, at30, at90) = (block(7), block(8), block(30), block(90));
        let mut waiting = list(&[mate(b"a", 7, &at7), mate(b"b", 8, &at8), mate(b"c", 7, &at7)]);
        let ends = [mate(b"c", 90, &at90), mate(b"b", 30, &at30), mate(b"a", 30, &at30)];
        let orphans = ends.map(|mate| Mate { partner_start: 7, ..mate });
        let mut own = list(&[mate(b"a", 30, &at30), mate(b"a", 31, &at30), mate(b"b", 30, &at30)]);
        let mut by_fields = waiting.clone();
        let mut found = Vec::new();
        by_fields.pair(&list(&orphans), &mut MateList::default(), false, |mate, orphan| {
            found.push((mate.name.to_vec(), mate.start, orphan.start));
        });
        assert_eq!(found, [(b"a".to_vec(), 7, 30)], "b's start is not as said, c ends before");
        assert_eq!(names(&by_fields), [(&b"b"[..], 8), (&b"c"[..], 7)]);
        waiting.pair(&list(&orphans), &mut own, true, |_, _| {});
        assert_eq!(names(&waiting), [(&b"c"[..], 7)]);
        assert_eq!(names(&own), [(&b"a"[..], 31)]);
    }

    #[test]
    fn the_last_that_waits_is_met_first() {
        let blocks = [[(7, 50)], [(7, 60)], [(7, 70)], [(40, 90)], [(55, 90)]];
        let mut waiting =
            list(&[0, 2, 1].map(|i| Mate { partner_start: 40, ..mate(b"a", 7, &blocks[i]) }));
        let orphans = list(
            &[3, 4].map(|i| Mate { partner_start: 7, ..mate(b"a", blocks[i][0].0, &blocks[i]) }),
        );
        let mut found = Vec::new();
        waiting.pair(&orphans, &mut MateList::default(), false, |mate, orphan| {
            found.push((mate.end, orphan.start));
        });
        assert_eq!(found, [(60, 40), (70, 55)]);
        assert_eq!(waiting.iter().map(|mate| mate.end).collect::<Vec<_>>(), [50]);
    }

    #[test]
    fn reads_that_start_where_their_mates_do_meet_two_by_two() {
        let blocks: Vec<_> = (0..6).map(|i| [(9, 20 + i)]).collect();
        let all: Vec<_> = blocks.iter().map(|blocks| mate(b"a", 9, blocks)).collect();
        for before in [0, 1] {
            let (mut waiting, mut own) = (list(&all[..before]), MateList::default());
            let mut found = Vec::new();
            waiting.pair(&list(&all[before..5]), &mut own, false, |mate, other| {
                found.push((mate.end, other.end));
            });
            assert_eq!(found, [(20, 21), (22, 23)]);
            assert!(waiting.is_empty());
            assert_eq!(own.iter().map(|mate| mate.end).collect::<Vec<_>>(), [24]);
        }
    }

    #[test]
    fn a_read_behind_meets_one_whose_mate_is_said_to_start_elsewhere_first() {
        let blocks = [[(9, 50)], [(9, 60)], [(30, 90)], [(40, 90)]];
        let mut waiting = list(&[Mate { partner_start: 30, ..mate(b"a", 9, &blocks[0]) }]);
        let both = mate(b"a", 9, &blocks[1]);
        let behind = [2, 3].map(|i: usize| mate(b"a", blocks[i][0].0, &blocks[i]));
        let (mut own, mut found) = (MateList::default(), Vec::new());
        waiting.pair(&list(&[both, behind[0], behind[1]]), &mut own, false, |mate, other| {
            found.push((mate.end, other.start));
        });
        assert_eq!(found, [(50, 30), (60, 40)]);
        assert!(waiting.is_empty() && own.is_empty());
    }

    #[test]
    fn by_name_alone_later_reads_take_the_place_of_earlier_ones() {
        let block = [(1, 100)];
        let earlier = list(&[mate(b"a", 1, &block), mate(b"c", 1, &block), mate(b"d", 3, &block)]);
        let later = list(&[mate(b"b", 2, &block), mate(b"c", 2, &block), mate(b"d", 2, &block)]);
        let all = earlier.merged(later.clone(), true);
        let expected: [(&[u8], u32); 4] = [(b"a", 1), (b"b", 2), (b"c", 2), (b"d", 2)];
        assert_eq!(names(&all), expected);
        assert!(all.iter().all(|mate| mate.blocks == block && mate.partner_start == 9));
        let all = earlier.merged(later, false);
        let expected: [(&[u8], u32); 6] =
            [(b"a", 1), (b"b", 2), (b"c", 1), (b"c", 2), (b"d", 2), (b"d", 3)];
        assert_eq!(names(&all), expected);
    }
}
