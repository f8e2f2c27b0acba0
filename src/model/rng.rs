//! Seeded random numbers: SplitMix64 (Steele, Lea and Flood 2014), so that data sets do not change with a library.

/// A stream of random numbers that its seed decides.
#[derive(Clone, Debug)]
pub struct Rng(u64);

/// Weyl increment of SplitMix64.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of this seed and these labels (contig, chunk, sample), independent of every other combination.
    pub fn new(seed: u64, labels: &[u64]) -> Self {
        Self(
            labels
                .iter()
                .fold(mix(seed ^ GOLDEN), |state, &label| mix(state ^ mix(label ^ GOLDEN << 1))),
        )
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in `[0, 1)`.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0 .. bound`; 0 for a bound of 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True with this probability.
    #[inline]
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().max(1e-15).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Nearly normal with variance 1 from one draw: the sum of four 16-bit uniforms, cheap enough for every base.
    #[inline]
    pub fn rough_normal(&mut self) -> f64 {
        let bits = self.bits();
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
        // Four uniforms on 0..65535: mean 131070, variance 65536^2 / 3.
        (sum as f64 - 131_070.0) * (1.732_050_807_568_877_2 / 65_536.0)
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.unit().max(1e-15).ln()
    }

    /// One of the four bases.
    #[inline]
    pub fn base(&mut self) -> u8 {
        b"ACGT"[(self.bits() >> 62) as usize]
    }

    /// A base other than this one.
    pub fn other_base(&mut self, base: u8) -> u8 {
        loop {
            let other = self.base();
            if other != base {
                return other;
            }
        }
    }

    /// An element; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_differ_by_label() {
        let draw = |labels: &[u64]| Rng::new(7, labels).bits();
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        assert_ne!(Rng::new(8, &[1, 2]).bits(), draw(&[1, 2]));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut rng = Rng::new(1, &[]);
        let n = 100_000;
        let moments = |draw: &mut dyn FnMut() -> f64| {
            let xs: Vec<f64> = (0..n).map(|_| draw()).collect();
            let mean = xs.iter().sum::<f64>() / f64::from(n);
            (mean, xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n))
        };
        let (mean, variance) = moments(&mut || rng.normal());
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03);
        let (mean, variance) = moments(&mut || rng.rough_normal());
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03);
        let (mean, _) = moments(&mut || rng.exponential());
        assert!((mean - 1.0).abs() < 0.02);
    }
}
