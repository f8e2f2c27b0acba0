//! Seeded draws for resamples: binomial and multinomial, exact for any size.

use super::poisson::ln_gamma;
use crate::model::rng::Rng;

/// Draws so many things from weights: `out` gets the count of each. Weights are not negative; nothing is drawn from none.
pub fn multinomial(rng: &mut Rng, total: u64, weights: &[f64], out: &mut [u64]) {
    let mut left = total;
    let mut weight: f64 = weights.iter().sum();
    let last = weights.iter().rposition(|&w| w > 0.0);
    for (i, (&w, count)) in weights.iter().zip(out.iter_mut()).enumerate() {
        *count = match last {
            Some(last) if i == last => left,
            Some(last) if i < last && w > 0.0 && left > 0 => {
                binomial(rng, left, (w / weight).clamp(0.0, 1.0))
            }
            _ => 0,
        };
        left -= *count;
        weight -= w;
    }
}

/// Expected counts from which on rejection is faster than inversion.
const LARGE: f64 = 10.0;

/// A binomial draw.
pub fn binomial(rng: &mut Rng, n: u64, p: f64) -> u64 {
    if p <= 0.0 || n == 0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(rng, n, 1.0 - p);
    }
    if n as f64 * p < LARGE { inversion(rng, n, p) } else { rejection(rng, n, p) }
}

/// Walks up the distribution from 0.
fn inversion(rng: &mut Rng, n: u64, p: f64) -> u64 {
    let ratio = p / (1.0 - p);
    let mut probability = (n as f64 * (-p).ln_1p()).exp();
    let mut rest = rng.unit();
    let mut k = 0;
    while rest > probability && k < n {
        rest -= probability;
        k += 1;
        probability *= ratio * (n - k + 1) as f64 / k as f64;
    }
    k
}

#[expect(clippy::many_single_char_names, reason = "the letters of the published algorithm")]
/// Transformed rejection with squeeze (Hörmann 1993, algorithm BTRS).
fn rejection(rng: &mut Rng, n: u64, p: f64) -> u64 {
    let count = n as f64;
    let spread = (count * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let centre = count * p + 0.5;
    let squeeze = 0.92 - 4.2 / b;
    let mode = ((count + 1.0) * p).floor();
    let alpha = (2.83 + 5.1 / b) * spread;
    let odds = (p / (1.0 - p)).ln();
    let at_mode = ln_gamma(mode + 1.0) + ln_gamma(count - mode + 1.0);
    loop {
        let u = rng.unit() - 0.5;
        let v = rng.unit();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + centre).floor();
        if k < 0.0 || k > count {
            continue;
        }
        if us >= 0.07 && v <= squeeze {
            return k as u64;
        }
        let v = (v * alpha / (a / (us * us) + b)).ln();
        let density = at_mode - ln_gamma(k + 1.0) - ln_gamma(count - k + 1.0) + (k - mode) * odds;
        if v <= density {
            return k as u64;
        }
    }
}

/// The value below which a share of sorted values lies, interpolated between neighbours (type 7 of Hyndman and Fan 1996);
/// `None` of nothing.
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)?) as f64;
    let (below, rest) = (place.floor() as usize, place.fract());
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    Some(low + rest * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_binomial() {
        let mut rng = Rng::new(3, &[]);
        for (n, p) in [(20_u64, 0.1), (400, 0.3), (5_000, 0.02), (1_000_000, 0.7)] {
            let draws: Vec<f64> = (0..20_000).map(|_| binomial(&mut rng, n, p) as f64).collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance =
                draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64;
            let (wanted, spread) = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert!((mean - wanted).abs() < 5.0 * (spread / 20_000.0).sqrt(), "{n} {p}: {mean}");
            assert!((variance / spread - 1.0).abs() < 0.06, "{n} {p}: {variance}");
        }
    }

    #[test]
    fn a_multinomial_gives_everything_away_and_nothing_to_zero() {
        let mut rng = Rng::new(5, &[]);
        let mut counts = [0; 4];
        multinomial(&mut rng, 10_000, &[1.0, 0.0, 3.0, 0.0], &mut counts);
        assert_eq!(counts.iter().sum::<u64>(), 10_000);
        assert_eq!((counts[1], counts[3]), (0, 0));
        assert!((2_200..2_800).contains(&counts[0]));
        multinomial(&mut rng, 10, &[0.0; 4], &mut counts);
        assert_eq!(counts, [0; 4]);
    }

    #[test]
    fn percentiles_interpolate() {
        assert_eq!(percentile(&[1.0, 2.0, 3.0], 0.5), Some(2.0));
        assert_eq!(percentile(&[1.0, 2.0], 0.25), Some(1.25));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
