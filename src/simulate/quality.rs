//! Base qualities: four levels as NovaSeq bins them, or forty as older machines wrote them.

use super::rng::Rng;

/// How many distinct qualities reads have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// 2, 12, 23 and 37.
    Four,
    /// 2 to 41.
    Forty,
}

/// Writes the qualities of one read in the order of sequencing.
pub fn draw(levels: Levels, second: bool, rng: &mut Rng, out: &mut [u8]) {
    match levels {
        Levels::Four => four(second, rng, out),
        Levels::Forty => forty(second, rng, out),
    }
}

/// A chain over the bins: falls are rare and grow towards the end, rises are quick.
fn four(second: bool, rng: &mut Rng, out: &mut [u8]) {
    let mut bad = 0.006 + 0.012 * rng.unit() * rng.unit() * if second { 1.6 } else { 1.0 };
    if rng.chance(0.05) {
        bad *= 8.0;
    }
    let cycles = out.len() as f64;
    let mut current = 37;
    for (cycle, quality) in out.iter_mut().enumerate() {
        let u = rng.unit();
        if current == 37 {
            let fall = bad * (0.6 + 1.5 * (cycle as f64 / cycles).powi(2));
            if u < fall {
                let which = u / fall;
                current = if which < 0.62 {
                    23
                } else if which < 0.924 {
                    12
                } else {
                    2
                };
            }
        } else if u < 0.62 {
            current = 37;
        } else if u < 0.68 {
            current = 12;
        }
        *quality = current;
        if current == 2 {
            current = 12;
        }
    }
}

/// A slow drift around a level that falls towards the end, with single bad cycles; one read of twelve falls far.
fn forty(second: bool, rng: &mut Rng, out: &mut [u8]) {
    let level = 40.5 - if second { 2.0 } else { 0.0 } - 5.0 * rng.unit() * rng.unit();
    let depth_of_fall = if rng.chance(1.0 / 12.0) { 9.0 + 36.0 * rng.unit() } else { 9.0 };
    let cycles = out.len() as f64;
    let mut drift = 0.0_f64;
    for (cycle, quality) in out.iter_mut().enumerate() {
        drift = 0.75 * drift + 1.6 * rng.rough_normal();
        let spike = if rng.chance(0.03) { 12.0 * rng.unit() } else { 0.0 };
        let fall = depth_of_fall * (cycle as f64 / cycles).powi(3);
        let value = level - fall + 0.7 * drift - 0.6 * drift.abs() - spike;
        *quality = value.round().clamp(2.0, 41.0) as u8;
    }
}

/// Probability that a base of this quality is wrong: the phred scale, but a floor of 0.08 % for errors before the sequencer.
pub fn error_rate(quality: u8) -> f64 {
    10_f64.powf(-f64::from(quality) / 10.0).clamp(0.0008, 0.3)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn levels_are_those_promised() {
        let mut rng = Rng::new(3, &[]);
        let mut seen = [BTreeSet::new(), BTreeSet::new()];
        let mut high = 0;
        for _ in 0..2_000 {
            for (levels, seen) in [Levels::Four, Levels::Forty].into_iter().zip(&mut seen) {
                let mut qualities = [0; 150];
                draw(levels, false, &mut rng, &mut qualities);
                seen.extend(qualities);
                if levels == Levels::Four {
                    high += qualities.iter().map(|&q| usize::from(q == 37)).sum::<usize>();
                }
            }
        }
        assert_eq!(seen[0], BTreeSet::from([2, 12, 23, 37]));
        assert_eq!(seen[1], (2..=41).collect::<BTreeSet<u8>>());
        assert!(high > 2_000 * 150 * 9 / 10, "most bases are good");
    }
}
