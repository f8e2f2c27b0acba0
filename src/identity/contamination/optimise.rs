//! Searches over one number.

/// `1 - 1 / golden ratio`.
const GOLDEN: f64 = 0.381_966_011_250_105_1;

/// Greatest value of `f` between `low` and `high`, as place and value, when `f` rises to one peak and falls.
///
/// Source: Brent 1973, Algorithms for Minimization without Derivatives, chapter 5, here by golden section alone: the
/// functions are cheap and the bracket is narrow.
pub(super) fn peak(
    (mut low, mut high): (f64, f64),
    tolerance: f64,
    mut f: impl FnMut(f64) -> f64,
) -> (f64, f64) {
    let mut left = low + GOLDEN * (high - low);
    let mut right = high - GOLDEN * (high - low);
    let (mut at_left, mut at_right) = (f(left), f(right));
    while high - low > tolerance {
        if at_left >= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = low + GOLDEN * (high - low);
            at_left = f(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = high - GOLDEN * (high - low);
            at_right = f(right);
        }
    }
    if at_left >= at_right { (left, at_left) } else { (right, at_right) }
}

/// The place between `inside`, where `f` is at least `level`, and `outside` at which it falls below; `outside` when it
/// does not.
pub(super) fn crossing(
    (mut inside, mut outside): (f64, f64),
    (level, tolerance): (f64, f64),
    mut f: impl FnMut(f64) -> f64,
) -> f64 {
    if f(outside) >= level {
        return outside;
    }
    while (outside - inside).abs() > tolerance {
        let middle = f64::midpoint(inside, outside);
        if f(middle) >= level {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    f64::midpoint(inside, outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_found_inside_and_at_either_end() {
        for top in [0.0, 0.3, 1.0] {
            let (place, _) = peak((0.0, 1.0), 1e-7, |x| -(x - top) * (x - top));
            assert!((place - top).abs() < 1e-6, "{top}: {place}");
        }
    }

    #[test]
    fn a_crossing_is_found_or_the_end_given() {
        let falling = |x: f64| 1.0 - x;
        assert!((crossing((0.0, 1.0), (0.25, 1e-9), falling) - 0.75).abs() < 1e-8);
        assert!((crossing((0.0, 0.5), (0.25, 1e-9), falling) - 0.5).abs() < 1e-12);
    }
}
