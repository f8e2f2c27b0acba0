//! Fisher's exact test of two rows of two counts, in logarithms, so that no p is too small to be told.
//!
//! METHOD: with the margins fixed the first count follows the hypergeometric law; one-sided p sums the law from the observed
//! count up, two-sided p sums all counts that are not likelier than the observed one (with R's relative tolerance of 1e-7).

/// Natural logarithm of the one-sided p that the first row has a larger share of its first column than the second row.
pub(super) fn ln_greater(first: [u32; 2], second: [u32; 2]) -> f64 {
    let law = Law::new(first, second);
    ln_sum(law.range().filter(|&x| x >= u64::from(first[0])).map(|x| law.ln(x))).min(0.0)
}

/// Two-sided p, 0 to 1.
pub(super) fn two_sided(first: [u32; 2], second: [u32; 2]) -> f64 {
    let law = Law::new(first, second);
    let observed = law.ln(u64::from(first[0]));
    let as_rare = law.range().map(|x| law.ln(x)).filter(|&ln| ln <= observed + 1e-7);
    ln_sum(as_rare).exp().min(1.0)
}

/// The hypergeometric law of the first count.
struct Law {
    rows: [u64; 2],
    column: u64,
    whole: f64,
}

impl Law {
    fn new(first: [u32; 2], second: [u32; 2]) -> Self {
        let sum = |row: [u32; 2]| u64::from(row[0]) + u64::from(row[1]);
        let rows = [sum(first), sum(second)];
        let column = u64::from(first[0]) + u64::from(second[0]);
        Self { rows, column, whole: ln_choose(rows[0] + rows[1], column) }
    }

    fn range(&self) -> std::ops::RangeInclusive<u64> {
        self.column.saturating_sub(self.rows[1])..=self.rows[0].min(self.column)
    }

    fn ln(&self, x: u64) -> f64 {
        ln_choose(self.rows[0], x) + ln_choose(self.rows[1], self.column - x) - self.whole
    }
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// METHOD: products up to 32, then Stirling's series to 1/n^7 (relative error below 1e-15 from there on).
fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|i| i as f64).product::<f64>().ln();
    }
    let x = n as f64 + 1.0;
    let square = x * x;
    let series = (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square)
        / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// Logarithm of a sum of numbers given by their logarithms; minus infinity for none.
fn ln_sum(all: impl Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = all.collect();
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + all.iter().map(|ln| (ln - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_is_that_of_summing_fractions() {
        // By hand: the tea taster's table, 17 of 70 ways (one-sided) and 34 of 70.
        assert!((ln_greater([3, 1], [1, 3]).exp() - 17.0 / 70.0).abs() < 1e-12);
        assert!((two_sided([3, 1], [1, 3]) - 34.0 / 70.0).abs() < 1e-12);
        assert!((ln_greater([0, 5], [0, 9])).abs() < 1e-12, "no ALT read at all: p is 1");
        assert!((two_sided([0, 0], [0, 0]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_law_sums_to_one_and_both_ends_meet() {
        for (first, second) in [([7, 33], [12, 4000]), ([0, 60], [3, 200_000]), ([90, 10], [5, 95])]
        {
            let law = Law::new(first, second);
            assert!(ln_sum(law.range().map(|x| law.ln(x))).abs() < 1e-9, "{first:?}");
            let other = ln_greater([first[1], first[0]], [second[1], second[0]]).exp();
            let here = law.ln(u64::from(first[0])).exp();
            assert!((ln_greater(first, second).exp() + other - here - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn logarithms_of_factorials_are_exact() {
        let mut sum = 0.0;
        for n in 1..2000_u64 {
            sum += (n as f64).ln();
            assert!((ln_factorial(n) - sum).abs() <= 1e-12 * sum.max(1.0), "{n}");
        }
    }
}
