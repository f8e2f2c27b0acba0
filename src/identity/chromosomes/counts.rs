//! Genotypes of a child and its parents, counted window by window.
//!
//! METHOD: every site falls into one of 64 cells (unknown or one of three genotypes of father, mother and child) of its window,
//! so that a pass adds one to an integer; sums do not depend on order or threads, and what a cell means is asked at the end.

use crate::model::results::chromosomes::SiteCounts;
use crate::model::sketch::SiteGenotype;

/// Number of autosomes.
pub const AUTOSOMES: usize = 22;

/// Cells of one window: 16 times the father's genotype, 4 times the mother's, and the child's.
pub(super) type Cells = [u32; 64];

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// Nothing about parents.
    Nothing,
    /// Opposite homozygous parents, heterozygous child.
    Biparental,
    /// The father must have passed on an allele; the mother is heterozygous or the other homozygote.
    OfFather,
    /// The mother must have passed on an allele.
    OfMother,
    /// Mother homozygous, nothing of the father.
    UniparentalMaternal,
    /// Father homozygous, nothing of the mother.
    UniparentalPaternal,
    /// Mother heterozygous, nothing of the father.
    IsodisomyMaternal,
    /// Father heterozygous, nothing of the mother.
    IsodisomyPaternal,
    /// An allele that neither has.
    Unexplained,
}

/// One window of one chromosome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) cells: Cells,
    /// First and last position, 1-based, of sites of the child.
    pub(super) bounds: Bounds,
    /// The same of sites that contradict a copy of the mother.
    pub(super) not_mother: Bounds,
    /// The same of sites that contradict a copy of the father.
    pub(super) not_father: Bounds,
}

/// First and last position, 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Bounds {
    const NONE: Self = Self { first: u32::MAX, last: 0 };

    fn add(&mut self, position: u32) {
        self.first = self.first.min(position);
        self.last = self.last.max(position);
    }

    /// Both together.
    pub(super) fn join(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

impl Default for Window {
    fn default() -> Self {
        let none = Bounds::NONE;
        Self { cells: [0; 64], bounds: none, not_mother: none, not_father: none }
    }
}

/// The counts of one child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildCounts {
    window_bp: u32,
    /// Windows of autosomes 1 to 22.
    chromosomes: Vec<Vec<Window>>,
}

impl ChildCounts {
    /// Nothing yet, in windows of so many bp (at least one).
    pub fn new(window_bp: u32) -> Self {
        Self { window_bp: window_bp.max(1), chromosomes: vec![Vec::new(); AUTOSOMES] }
    }

    /// Adds a site of an autosome (1 to 22) at a position (1-based), with the genotypes of father, mother and child. Parents
    /// who are not compared are unknown everywhere.
    pub fn add(&mut self, autosome: u8, position: u32, genotypes: [SiteGenotype; 3]) {
        let [father, mother, child] = genotypes.map(place);
        // Without the child nothing is said, and where nobody differs from the reference neither.
        if child == 0 || (child == 1 && father < 2 && mother < 2) {
            return;
        }
        let Some(windows) = self.chromosomes.get_mut(usize::from(autosome).wrapping_sub(1)) else {
            return;
        };
        let number = (position.saturating_sub(1) / self.window_bp) as usize;
        if windows.len() <= number {
            windows.resize(number + 1, Window::default());
        }
        let window = &mut windows[number];
        let cell = 16 * father + 4 * mother + child;
        window.cells[cell] += 1;
        window.bounds.add(position);
        match CELLS[cell] {
            Says::UniparentalMaternal | Says::IsodisomyMaternal => window.not_father.add(position),
            Says::UniparentalPaternal | Says::IsodisomyPaternal => window.not_mother.add(position),
            _ => {}
        }
        match (father, mother, child) {
            (1, 0, 3) | (3, 0, 1) => window.not_father.add(position),
            (0, 1, 3) | (0, 3, 1) => window.not_mother.add(position),
            _ => {}
        }
    }

    /// Length of a window, bp.
    pub(super) fn window_bp(&self) -> u32 {
        self.window_bp
    }

    /// Windows of an autosome, 1 to 22.
    pub(super) fn windows(&self, autosome: u8) -> &[Window] {
        self.chromosomes.get(usize::from(autosome).wrapping_sub(1)).map_or(&[], Vec::as_slice)
    }
}

const fn place(genotype: SiteGenotype) -> usize {
    match genotype {
        SiteGenotype::Unknown => 0,
        SiteGenotype::HomRef => 1,
        SiteGenotype::Het => 2,
        SiteGenotype::HomAlt => 3,
    }
}

/// What each cell says.
pub(super) const CELLS: [Says; 64] = {
    let mut all = [Says::Nothing; 64];
    let mut cell = 0;
    while cell < 64 {
        all[cell] = says(cell / 16, cell / 4 % 4, cell % 4);
        cell += 1;
    }
    all
};

const fn says(father: usize, mother: usize, child: usize) -> Says {
    match (father, mother, child) {
        (1, 3, 2) | (3, 1, 2) => Says::Biparental,
        (1, 3, 1) | (3, 1, 3) => Says::UniparentalPaternal,
        (1, 3, 3) | (3, 1, 1) => Says::UniparentalMaternal,
        (2, 1, 3) | (2, 3, 1) => Says::IsodisomyPaternal,
        (1, 2, 3) | (3, 2, 1) => Says::IsodisomyMaternal,
        (1 | 3, 2, 2) => Says::OfMother,
        (2, 1 | 3, 2) => Says::OfFather,
        (1, 1, 2 | 3) | (3, 3, 1 | 2) => Says::Unexplained,
        _ => Says::Nothing,
    }
}

/// Sums of cells as results have them; `trio` says that both parents were compared.
pub(super) fn sums(windows: &[Window], trio: bool) -> SiteCounts {
    let mut counts = SiteCounts::default();
    for window in windows {
        for (cell, &n) in window.cells.iter().enumerate() {
            let (father, mother, child) = (cell / 16, cell / 4 % 4, cell % 4);
            counts.heterozygous += if child == 2 { n } else { 0 };
            counts.homozygous_alternate += if child == 3 { n } else { 0 };
            if trio {
                counts.sites += if father > 0 && mother > 0 { n } else { 0 };
                if let Some(sum) = field(&mut counts, CELLS[cell]) {
                    *sum += n;
                }
            } else {
                counts.sites += n;
                let (opposite, comparable) = single(father.max(mother), child);
                counts.opposite += if opposite { n } else { 0 };
                counts.comparable += if comparable { n } else { 0 };
            }
        }
    }
    counts
}

/// Whether a single parent is the opposite homozygote, and whether the site could have shown it.
pub(super) const fn single(parent: usize, child: usize) -> (bool, bool) {
    match (parent, child) {
        (1, 3) | (3, 1) => (true, true),
        (1, 2) | (3, 2 | 3) => (false, true),
        _ => (false, false),
    }
}

fn field(counts: &mut SiteCounts, says: Says) -> Option<&mut u32> {
    Some(match says {
        Says::Nothing | Says::OfFather | Says::OfMother => return None,
        Says::Biparental => &mut counts.biparental,
        Says::UniparentalMaternal => &mut counts.uniparental_maternal,
        Says::UniparentalPaternal => &mut counts.uniparental_paternal,
        Says::IsodisomyMaternal => &mut counts.isodisomy_maternal,
        Says::IsodisomyPaternal => &mut counts.isodisomy_paternal,
        Says::Unexplained => &mut counts.unexplained,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every trio by a Mendelian argument of its own: what can a parent pass on, and what is left if one passes on nothing?
    #[test]
    fn cells_say_what_alleles_allow() {
        let alleles = |g: usize| match g {
            1 => vec![0],
            2 => vec![0, 1],
            _ => vec![1],
        };
        for father in 1..4 {
            for mother in 1..4 {
                for child in 1..4 {
                    let of = |parent: usize| {
                        let own = alleles(parent);
                        let child: Vec<usize> =
                            if child == 2 { vec![0, 1] } else { vec![alleles(child)[0]; 2] };
                        child.iter().all(|allele| own.contains(allele))
                    };
                    let both = alleles(father)
                        .iter()
                        .any(|f| alleles(mother).iter().any(|m| f + m + 1 == child));
                    let said = says(father, mother, child);
                    let shown = format!("{father} {mother} {child}: {said:?}");
                    match said {
                        Says::Biparental => assert!(both && !of(father) && !of(mother), "{shown}"),
                        Says::OfMother => assert!(both && !of(father) && of(mother), "{shown}"),
                        Says::OfFather => assert!(both && of(father) && !of(mother), "{shown}"),
                        Says::UniparentalMaternal | Says::IsodisomyMaternal => {
                            assert!(!both && of(mother) && !of(father), "{shown}");
                        }
                        Says::UniparentalPaternal | Says::IsodisomyPaternal => {
                            assert!(!both && of(father) && !of(mother), "{shown}");
                        }
                        Says::Unexplained => {
                            assert!(!both && !of(father) && !of(mother), "{shown}");
                        }
                        Says::Nothing => assert!(both && (of(father) || of(mother)), "{shown}"),
                    }
                }
            }
        }
    }

    #[test]
    fn positions_fall_into_windows_and_order_does_not_matter() {
        use SiteGenotype::{Het, HomAlt, HomRef, Unknown};
        let sites = [
            (7, 1, [HomRef, HomAlt, Het]),
            (7, 100, [HomAlt, HomRef, HomAlt]),
            (7, 101, [HomRef, HomRef, HomRef]),
            (7, 350, [Unknown, HomAlt, HomRef]),
            (23, 5, [HomRef, HomAlt, Het]),
            (0, 5, [HomRef, HomAlt, Het]),
        ];
        let mut counts = ChildCounts::new(100);
        for &(chromosome, at, own) in &sites {
            counts.add(chromosome, at, own);
        }
        let mut turned = ChildCounts::new(100);
        for &(chromosome, at, own) in sites.iter().rev() {
            turned.add(chromosome, at, own);
        }
        assert_eq!(counts, turned);
        let windows = counts.windows(7);
        assert_eq!(windows.len(), 4);
        assert_eq!((windows[0].bounds.first, windows[0].bounds.last), (1, 100));
        assert_eq!(windows[0].not_mother.first, 100);
        assert_eq!(windows[3].not_mother.last, 350);
        let of = sums(windows, true);
        assert_eq!((of.sites, of.biparental, of.uniparental_paternal), (2, 1, 1));
        assert_eq!((of.heterozygous, of.homozygous_alternate), (1, 1));
    }
}
