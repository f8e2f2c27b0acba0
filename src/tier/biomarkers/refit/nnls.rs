//! Least squares without negative coefficients: the active-set method of Lawson and Hanson (1974) on the normal equations
//! (Bro and de Jong 1997), so that the matrix of signatures is multiplied once for all samples.
//!
//! The factor of the passive set is kept from call to call: resamples of one sample differ little, and a fit that begins
//! with the last one's set takes few steps. Nothing is allocated while fitting.

/// A pivot below this share of its diagonal makes a column depend on those before it.
const DEPENDENT: f64 = 1e-10;
/// A gradient below this share of the largest correlation is rounding.
const FLAT: f64 = 1e-10;

/// The matrix of the normal equations, `A'A`.
#[derive(Clone, Debug)]
pub struct Gram {
    n: usize,
    values: Vec<f64>,
}

impl Gram {
    /// Of a matrix given row by row, `columns` values a row.
    pub fn new(rows: &[f64], columns: usize) -> Self {
        let mut values = vec![0.0; columns * columns];
        for row in rows.chunks_exact(columns.max(1)) {
            for (i, &a) in row.iter().enumerate() {
                for (value, &b) in values[i * columns..].iter_mut().zip(row) {
                    *value += a * b;
                }
            }
        }
        Self { n: columns, values }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.n..(i + 1) * self.n]
    }
}

/// What a fit works with, reused from fit to fit.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The coefficients.
    pub x: Vec<f64>,
    /// Columns that are not held at zero, in the order of the factor.
    passive: Vec<usize>,
    /// Columns that may not enter.
    banned: Vec<bool>,
    is_passive: Vec<bool>,
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Vec<f64>,
    gradient: Vec<f64>,
    solution: Vec<f64>,
}

impl Workspace {
    /// For so many columns, all held at zero.
    pub fn new(columns: usize) -> Self {
        Self {
            x: vec![0.0; columns],
            passive: Vec::with_capacity(columns),
            banned: vec![false; columns],
            is_passive: vec![false; columns],
            factor: vec![0.0; columns * columns],
            gradient: vec![0.0; columns],
            solution: vec![0.0; columns],
        }
    }

    /// Forgets the last fit.
    pub fn reset(&mut self) {
        self.x.fill(0.0);
        self.passive.clear();
        self.banned.fill(false);
        self.is_passive.fill(false);
    }

    /// Minimises the residual of `A x = b` over coefficients that are not negative, given `A'b`. Begins with the set of the
    /// last fit.
    pub fn fit(&mut self, gram: &Gram, correlation: &[f64]) {
        self.banned.fill(false);
        let flat = FLAT * correlation.iter().fold(0.0_f64, |most, &h| most.max(h.abs()));
        if !self.passive.is_empty() {
            self.descend(gram, correlation);
        }
        // Every step lowers the residual, so that no set returns; the bound stops rounding from going in circles.
        for _ in 0..3 * gram.n + 10 {
            self.gradient(gram, correlation);
            let open = (0..gram.n).filter(|&i| !self.is_passive[i] && !self.banned[i]);
            let steepest = open.max_by(|&a, &b| self.gradient[a].total_cmp(&self.gradient[b]));
            let Some(entering) = steepest.filter(|&i| self.gradient[i] > flat) else { break };
            if !self.enter(gram, entering) {
                self.banned[entering] = true;
                continue;
            }
            self.solve(correlation);
            if self.solution[self.passive.len() - 1] <= 0.0 {
                // The gradient was rounding.
                self.leave(gram, self.passive.len() - 1);
                self.banned[entering] = true;
                continue;
            }
            self.descend(gram, correlation);
        }
    }

    /// Holds these columns at zero and fits the others that are there again; none enters.
    pub fn drop_and_refit(
        &mut self,
        gram: &Gram,
        correlation: &[f64],
        dropped: impl Fn(usize, f64) -> bool,
    ) {
        for place in (0..self.passive.len()).rev() {
            let column = self.passive[place];
            if dropped(column, self.x[column]) {
                self.leave(gram, place);
            }
        }
        self.descend(gram, correlation);
    }

    /// Columns that contribute.
    pub fn passive(&self) -> &[usize] {
        &self.passive
    }

    /// Moves to the least squares of the passive set, and takes out what would become negative on the way.
    fn descend(&mut self, gram: &Gram, correlation: &[f64]) {
        while !self.passive.is_empty() {
            self.solve(correlation);
            let steps = self.passive.iter().zip(&self.solution).filter(|(_, s)| **s <= 0.0);
            let step = steps.map(|(&i, &s)| self.x[i] / (self.x[i] - s)).reduce(f64::min);
            let Some(step) = step.map(|step| if step.is_finite() { step } else { 0.0 }) else {
                for (&i, &s) in self.passive.iter().zip(&self.solution) {
                    self.x[i] = s;
                }
                return;
            };
            let mut smallest = (f64::INFINITY, 0);
            for (place, (&i, &s)) in self.passive.iter().zip(&self.solution).enumerate() {
                self.x[i] += step * (s - self.x[i]);
                if s <= 0.0 && self.x[i] < smallest.0 {
                    smallest = (self.x[i], place);
                }
            }
            // The one that reached zero leaves, whatever rounding left of it, and all that went below.
            self.leave(gram, smallest.1);
            for place in (0..self.passive.len()).rev() {
                if self.x[self.passive[place]] <= 0.0 {
                    self.leave(gram, place);
                }
            }
        }
    }

    fn gradient(&mut self, gram: &Gram, correlation: &[f64]) {
        self.gradient.copy_from_slice(correlation);
        for &column in &self.passive {
            let x = self.x[column];
            for (gradient, &g) in self.gradient.iter_mut().zip(gram.row(column)) {
                *gradient -= g * x;
            }
        }
    }

    /// Adds a column to the passive set and its factor; false when it depends on those that are there.
    fn enter(&mut self, gram: &Gram, column: usize) -> bool {
        let enters = self.factorise(gram, self.passive.len(), column);
        if enters {
            self.passive.push(column);
            self.is_passive[column] = true;
        }
        enters
    }

    /// Takes the column at a place out and makes the factor behind it again.
    fn leave(&mut self, gram: &Gram, place: usize) {
        let column = self.passive.remove(place);
        self.is_passive[column] = false;
        self.x[column] = 0.0;
        let size = self.passive.len();
        // Columns are entered again in place: each finds the rows before it in the factor.
        let mut kept = place;
        self.passive.truncate(size);
        for i in place..size {
            let column = self.passive[i];
            self.passive.swap(kept, i);
            if self.factorise(gram, kept, column) {
                kept += 1;
            } else {
                self.is_passive[column] = false;
                self.x[column] = 0.0;
            }
        }
        self.passive.truncate(kept);
    }

    /// Makes row `place` of the factor for a column; false when the column depends on those before.
    fn factorise(&mut self, gram: &Gram, place: usize, column: usize) -> bool {
        let n = gram.n;
        let row = gram.row(column);
        let (above, rest) = self.factor.split_at_mut(place * n);
        let mut pivot = row[column];
        for (i, &other) in self.passive[..place].iter().enumerate() {
            let known = &above[i * n..i * n + i];
            let sum: f64 = known.iter().zip(&rest[..i]).map(|(a, b)| a * b).sum();
            let value = (row[other] - sum) / above[i * n + i];
            rest[i] = value;
            pivot -= value * value;
        }
        rest[place] = pivot.max(0.0).sqrt();
        pivot > DEPENDENT * row[column]
    }

    /// Solves the normal equations of the passive set into `solution`, in the set's order.
    fn solve(&mut self, correlation: &[f64]) {
        let (n, size) = (correlation.len(), self.passive.len());
        for i in 0..size {
            let row = &self.factor[i * n..i * n + i];
            let sum: f64 = row.iter().zip(&self.solution[..i]).map(|(a, b)| a * b).sum();
            self.solution[i] = (correlation[self.passive[i]] - sum) / self.factor[i * n + i];
        }
        for i in (0..size).rev() {
            let value = self.solution[i] / self.factor[i * n + i];
            self.solution[i] = value;
            let row = &self.factor[i * n..i * n + i];
            for (solution, &a) in self.solution[..i].iter_mut().zip(row) {
                *solution -= a * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rng::Rng;

    /// The conditions of Karush, Kuhn and Tucker, which only the minimum meets.
    fn is_minimum(gram: &Gram, correlation: &[f64], x: &[f64]) -> bool {
        let scale = correlation.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        (0..gram.n).all(|i| {
            let dot: f64 = gram.row(i).iter().zip(x).map(|(a, b)| a * b).sum();
            let gradient = correlation[i] - dot;
            x[i] >= 0.0
                && if x[i] > 0.0 { gradient.abs() < 1e-7 * scale } else { gradient < 1e-7 * scale }
        })
    }

    #[test]
    fn every_fit_is_the_minimum_cold_and_warm() {
        let mut rng = Rng::new(11, &[]);
        for columns in [1, 3, 20, 80] {
            let rows: Vec<f64> = (0..96 * columns).map(|_| rng.unit().powi(4)).collect();
            let gram = Gram::new(&rows, columns);
            let mut warm = Workspace::new(columns);
            for _ in 0..30 {
                let b: Vec<f64> = (0..96).map(|_| rng.below(100) as f64).collect();
                let mut correlation = vec![0.0; columns];
                for (row, b) in rows.chunks(columns).zip(&b) {
                    correlation.iter_mut().zip(row).for_each(|(h, a)| *h += a * b);
                }
                let mut cold = Workspace::new(columns);
                cold.fit(&gram, &correlation);
                warm.fit(&gram, &correlation);
                for x in [&cold.x, &warm.x] {
                    assert!(is_minimum(&gram, &correlation, x), "{columns}: {x:?}");
                }
            }
        }
    }

    #[test]
    fn columns_that_are_the_same_do_not_break_it() {
        let rows = [1.0, 1.0, 0.0, 2.0, 2.0, 1.0];
        let gram = Gram::new(&rows, 3);
        let correlation = [1.0 * 4.0 + 2.0 * 9.0, 22.0, 9.0];
        let mut work = Workspace::new(3);
        work.fit(&gram, &correlation);
        assert!((work.x[0] + work.x[1] - 4.0).abs() < 1e-9 && (work.x[2] - 1.0).abs() < 1e-9);
    }
}
