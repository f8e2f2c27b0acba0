//! Copies of a tumour's genome: which stretches it gained and lost, and what share of the reads each copy gives.

use crate::simulate::rng::Rng;

/// Copies of a stretch in every tumour cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// All copies.
    pub total: u8,
    /// Copies of the rarer parent's.
    pub minor: u8,
    /// What tierline calls it; empty for the usual two.
    pub label: &'static str,
    /// bp on each side of a zone that share its state.
    pub reach_bp: u32,
}

/// Two copies, one of each parent.
pub(super) const USUAL: State = State { total: 2, minor: 1, label: "", reach_bp: 0 };

/// States of the first zones; the others have the usual copies.
pub(super) const STATES: [State; 5] = [
    State { total: 8, minor: 1, label: "amplification", reach_bp: 150_000 },
    State { total: 0, minor: 0, label: "homozygous_deletion", reach_bp: 40_000 },
    State { total: 1, minor: 0, label: "loss", reach_bp: 700_000 },
    State { total: 2, minor: 0, label: "loss_of_heterozygosity", reach_bp: 700_000 },
    State { total: 3, minor: 1, label: "gain", reach_bp: 700_000 },
];

impl State {
    /// Copies of the more frequent parent's; they are numbered first.
    pub(super) fn major(self) -> u8 {
        self.total - self.minor
    }
}

/// Share of the somatic variants that only a subclone has, and that subclone's share of the tumour cells.
const FRAC_SUBCLONAL: f64 = 0.2;
/// The subclone's share of the tumour cells.
pub(super) const FRAC_SUBCLONE: f64 = 0.4;

/// Which copies of which cells carry a somatic variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carriers {
    /// Copies, from 0.
    pub copies: Vec<u8>,
    /// Only in the subclone.
    pub is_subclonal: bool,
}

impl Carriers {
    /// Draws them. Half of the variants on a gained copy came before the gain and are on all copies of that parent.
    pub(super) fn draw(state: State, rng: &mut Rng) -> Self {
        let is_subclonal = rng.chance(FRAC_SUBCLONAL);
        let copy = rng.below(state.total.max(1).into()) as u8;
        let is_early = copy < state.major() && rng.chance(0.5) && !is_subclonal;
        let copies = if is_early { (0..state.major()).collect() } else { vec![copy] };
        Self { copies, is_subclonal }
    }

    /// One copy of every tumour cell.
    pub(super) fn clonal() -> Self {
        Self { copies: vec![0], is_subclonal: false }
    }

    /// Share of the tumour cells, 0 to 1.
    fn frac_cells(&self) -> f64 {
        if self.is_subclonal { FRAC_SUBCLONE } else { 1.0 }
    }
}

/// What is in a tube.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix {
    /// Share of the own cells that are the tumour's.
    pub frac_purity: f64,
    /// Share of another person's genomes.
    pub frac_foreign: f64,
}

impl Mix {
    /// Genomes of own usual cells, own tumour cells and the other person, as shares of one.
    pub(super) fn parts(self) -> [f64; 3] {
        let own = 1.0 - self.frac_foreign;
        [own * (1.0 - self.frac_purity), own * self.frac_purity, self.frac_foreign]
    }

    /// Depth of a stretch over that of one with two copies.
    pub(super) fn relative_depth(self, state: State) -> f64 {
        let [usual, tumour, foreign] = self.parts();
        usual + tumour * f64::from(state.total) / 2.0 + foreign
    }

    /// Expected share of the reads that show a somatic variant.
    pub(super) fn frac_alternate(self, state: State, carriers: &Carriers) -> f64 {
        let carrying = self.parts()[1] * carriers.frac_cells() * carriers.copies.len() as f64 / 2.0;
        carrying / self.relative_depth(state).max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_purity_copies_and_cells() {
        let mix = Mix { frac_purity: 0.6, frac_foreign: 0.0 };
        let one = Carriers::clonal();
        assert!((mix.frac_alternate(USUAL, &one) - 0.3).abs() < 1e-12);
        let [amplified, deleted, lost, neutral, _] = STATES;
        // VAF = p m / (p n + 2 (1 - p)).
        assert!((mix.frac_alternate(lost, &one) - 0.6 / 1.4).abs() < 1e-12);
        let both = Carriers { copies: vec![0, 1], is_subclonal: false };
        assert!((mix.frac_alternate(neutral, &both) - 0.6).abs() < 1e-12);
        let few = Carriers { is_subclonal: true, ..one };
        assert!((mix.frac_alternate(USUAL, &few) - 0.3 * FRAC_SUBCLONE).abs() < 1e-12);
        assert!((mix.relative_depth(amplified) - (0.4 + 0.6 * 4.0)).abs() < 1e-12);
        assert!((mix.relative_depth(deleted) - 0.4).abs() < 1e-12);
        let foreign = Mix { frac_foreign: 0.1, ..mix };
        assert!((foreign.relative_depth(USUAL) - 1.0).abs() < 1e-12);
        assert!((foreign.frac_alternate(USUAL, &Carriers::clonal()) - 0.27).abs() < 1e-12);
    }
}
