//! Exact intervals of counts, and tails of the distributions that biomarkers use.

/// Exact 95 % interval of a Poisson mean, given the count (Garwood 1936).
// METHOD: the limits are quantiles of the gamma distribution: P(count, low) = 0.025 and P(count + 1, high) = 0.975 with the
// regularised lower incomplete gamma function P.
pub fn interval(count: u64) -> (f64, f64) {
    let low = if count == 0 { 0.0 } else { quantile(count as f64, 0.025) };
    (low, quantile(count as f64 + 1.0, 0.975))
}

/// Upper tail of the chi-square distribution.
pub fn chi_square_tail(chi_square: f64, freedom: u32) -> f64 {
    if chi_square <= 0.0 || freedom == 0 {
        return 1.0;
    }
    upper(f64::from(freedom) / 2.0, chi_square / 2.0)
}

/// Where the gamma distribution of this shape reaches a probability, by bisection.
fn quantile(shape: f64, probability: f64) -> f64 {
    let spread = shape.sqrt() + 1.0;
    let (mut low, mut high) = ((shape - 6.0 * spread).max(0.0), shape + 8.0 * spread);
    while high - low > 1e-12 * high.max(1.0) {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if 1.0 - upper(shape, middle) < probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Keeps Lentz's method from dividing by zero.
const FLOOR: f64 = 1e-300;

#[expect(clippy::many_single_char_names, reason = "the letters of the published formulas")]
/// Regularised upper incomplete gamma function Q(shape, x) (Abramowitz and Stegun 6.5: series below, continued fraction
/// above).
fn upper(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (shape * x.ln() - x - ln_gamma(shape)).exp();
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-16 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (1.0 - scale * sum).max(0.0);
    }
    // Lentz's method.
    let (mut b, mut c) = (x + 1.0 - shape, 1.0 / FLOOR);
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..100_000 {
        let a = -f64::from(i) * (f64::from(i) - shape);
        b += 2.0;
        d = 1.0 / floor(a * d + b);
        c = floor(b + a / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    scale * fraction
}

fn floor(value: f64) -> f64 {
    if value.abs() < FLOOR { FLOOR } else { value }
}

/// Natural logarithm of the gamma function for positive values: Stirling's series after shifting the argument above 10.
pub fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x;
    shift + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Garwood's limits as printed in tables of exact Poisson intervals.
        for (count, low, high) in
            [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3639, 121.6270)]
        {
            let found = interval(count);
            assert!((found.0 - low).abs() < 1e-3 && (found.1 - high).abs() < 1e-3, "{found:?}");
        }
        let (low, high) = interval(500_000);
        assert!(low > 498_600.0 && high < 501_400.0 && low < 500_000.0 && high > 500_000.0);
    }

    #[test]
    fn tails_are_those_of_the_tables() {
        for (value, freedom, tail) in
            [(3.841_459, 1, 0.05), (18.307_04, 10, 0.05), (13.815_51, 2, 0.001)]
        {
            assert!((chi_square_tail(value, freedom) - tail).abs() < 1e-6);
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
    }
}
