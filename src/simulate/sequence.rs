//! Synthetic sequence: GC content that drifts as in isochores, diverged repeats, short tandem repeats.

use super::rng::Rng;

/// Share of the pieces that are copies of earlier sequence.
const REPEATS: f64 = 0.35;
/// Share of a copy's bases that differ from its source.
const DIVERGENCE: f64 = 0.08;

/// So many bases without N.
pub fn sequence(bp: usize, rng: &mut Rng) -> Vec<u8> {
    let mut bases = Vec::with_capacity(bp + 8_192);
    let mut gc = 0.41;
    while bases.len() < bp {
        let u = rng.unit();
        if u < REPEATS && bases.len() > 2_000 {
            copy(&mut bases, rng);
        } else if u < REPEATS + 0.02 {
            tandem(&mut bases, rng);
        } else {
            if rng.chance(0.1) {
                gc = 0.35 + 0.25 * rng.unit() * rng.unit();
            }
            for _ in 0..200 + rng.below(800) {
                let bits = rng.bits();
                let strong = ((bits >> 11) as f64) < gc * (1_u64 << 53) as f64;
                bases.push(match (strong, bits & 1) {
                    (true, 0) => b'C',
                    (true, _) => b'G',
                    (false, 0) => b'A',
                    (false, _) => b'T',
                });
            }
        }
    }
    bases.truncate(bp);
    bases
}

fn copy(bases: &mut Vec<u8>, rng: &mut Rng) {
    let length = 300 + if rng.chance(0.2) { rng.below(5_700) } else { rng.below(40) } as usize;
    let length = length.min(bases.len() / 2);
    let from = rng.below((bases.len() - length) as u64) as usize;
    for i in from..from + length {
        let base = if rng.chance(DIVERGENCE) { rng.base() } else { bases[i] };
        bases.push(base);
    }
}

fn tandem(bases: &mut Vec<u8>, rng: &mut Rng) {
    let unit: Vec<u8> = (0..=rng.below(6)).map(|_| rng.base()).collect();
    let length = 20 + rng.below(60) as usize;
    bases.extend(unit.iter().cycle().take(length));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_has_the_composition_of_a_genome() {
        let bases = sequence(300_000, &mut Rng::new(1, &[]));
        assert_eq!(bases.len(), 300_000);
        let gc = bases.iter().filter(|b| matches!(b, b'G' | b'C')).count() as f64 / 300_000.0;
        assert!((0.35..0.50).contains(&gc), "{gc}");
        assert!(bases.iter().all(|b| b"ACGT".contains(b)));
    }
}
